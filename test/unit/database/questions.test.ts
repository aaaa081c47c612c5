import { describe, expect, it } from 'vitest';
import { createQuestions } from '../../../src/database/core/questions.js';
import type { DatabaseRequest } from '../../../src/wire/database.js';
import { ProtocolError } from '../../../src/wire/errors.js';

const find = (node: string): DatabaseRequest => ({ kind: 'g_find', node });

function make(most = 10) {
  const answered: (readonly [string, DatabaseRequest])[] = [];
  return { questions: createQuestions(most, (...question) => answered.push(question)), answered };
}

describe('questions to a node that has just become global', () => {
  it('wait, in order, and are answered once', () => {
    const { questions, answered } = make();
    expect([questions.keep('a', find('x')), questions.keep('b', find('y')), questions.keep('a', find('z'))]).toEqual([true, true, true]);
    expect(answered).toEqual([]);
    questions.answer();
    questions.answer();
    expect(answered).toEqual([['a', find('x')], ['b', find('y')], ['a', find('z')]]);
  });

  it.each<[boolean, DatabaseRequest]>([
    [true, { kind: 'g_mon1', family: 'fam' }],
    [true, { kind: 'g_mon0', family: 'fam' }],
    [true, find('x')],
    [true, { kind: 'g_db_family', family: 'fam', id: 1 }],
    [true, { kind: 'g_db_keys', family: 'fam', id: 1 }],
    [true, { kind: 'g_db_values', family: 'fam', id: 1 }],
    [false, { kind: 'g_global' }],
    [false, { kind: 'g_slave', db: undefined }],
  ])('are what is answered with what all have set: %s, %j', (isQuestion, request) => {
    const { questions, answered } = make();
    expect(questions.keep('a', request)).toBe(isQuestion);
    questions.answer();
    expect(answered).toEqual(isQuestion ? [['a', request]] : []);
  });

  it('of a node that is gone are not answered, and those of others are', () => {
    const { questions, answered } = make(2);
    questions.keep('a', find('x'));
    questions.keep('a', find('y'));
    questions.keep('b', find('x'));
    questions.forget('a');
    questions.forget('c');
    questions.answer();
    expect(answered).toEqual([['b', find('x')]]);
  });

  it('are so many at most, of each node, until they are answered or it is gone', () => {
    const { questions } = make(2);
    const ask = (node: string) => () => questions.keep(node, find('x'));
    ask('a')();
    ask('a')();
    expect(ask('a')).toThrow(ProtocolError);
    expect(ask('a')).toThrow('a has more than 2 open questions (limits.peerQuestions)');
    ask('b')();
    questions.forget('a');
    ask('a')();
    ask('a')();
    questions.answer();
    ask('a')();
    ask('a')();
    expect(ask('a')).toThrow(ProtocolError);
  });
});
