import { describe, expect, it } from 'vitest';
import { createCandidates as create, type Candidates } from '../../../src/federation/core/candidates.js';

const listening = { listens: true };
const hidden = { listens: false };
const entries = (...list: readonly (readonly [id: string, value?: unknown])[]) => new Map<string, unknown>(list.map(([id, value = listening]) => [id, value]));

/** Candidates that are told of all entries at each choice: of what differs from the last time. */
function createCandidates(...args: Parameters<typeof create>): Omit<Candidates, 'choose'> & { choose(family: ReadonlyMap<string, unknown>): string | undefined } {
  const candidates = create(...args);
  let known: ReadonlyMap<string, unknown> = new Map();
  return {
    ...candidates,
    choose(family) {
      const add = [...family.keys()].filter((id) => !known.has(id));
      const chg = [...family.keys()].filter((id) => known.has(id) && known.get(id) !== family.get(id));
      const del = [...known.keys()].filter((id) => !family.has(id));
      candidates.update({ family, add, chg, del });
      known = family;
      return candidates.choose();
    },
  };
}

describe('whom a node asks for a link', () => {
  it('the first before its own: those that listen before those that do not, then by id', () => {
    const own = { id: 'm#1', listens: true };
    const { choose } = createCandidates(own, () => 0);
    expect(choose(entries(['c#1'], ['b#1'], ['a#1', hidden], ['m#1'], ['z#1']))).toBe('b#1');
    expect(choose(entries(['m#1'], ['z#1'], ['a#1', hidden]))).toBeUndefined();
    const { choose: privately } = createCandidates({ id: 'm#1', listens: false }, () => 0);
    expect(privately(entries(['z#1'], ['a#1', hidden], ['m#1', hidden]))).toBe('z#1');
    expect(privately(entries(['z#1', hidden], ['a#1', hidden], ['m#1', hidden]))).toBe('a#1');
    expect(privately(entries(['z#1', hidden], ['m#1', hidden]))).toBeUndefined();
  });

  it('who failed comes after all that failed less often, until he has lasted, or was gone', () => {
    const { choose, failed, lasted } = createCandidates({ id: 'm#1', listens: true }, () => 0);
    const all = entries(['a#1'], ['b#1'], ['c#1']);
    expect(choose(all)).toBe('a#1');
    failed('a#1');
    expect(choose(all)).toBe('b#1');
    failed('b#1');
    expect(choose(all)).toBe('c#1');
    failed('c#1');
    expect(choose(all)).toBe('a#1');
    failed('a#1');
    expect(choose(all)).toBe('b#1');
    lasted('a#1');
    expect(choose(all)).toBe('a#1');
    failed('a#1');
    failed('a#1');
    expect(choose(entries(['b#1'], ['c#1']))).toBe('b#1');
    expect(choose(all)).toBe('a#1');
  });

  it('a leaf asks any that listens, by chance; one that is private only when the others failed', () => {
    let chance = 0;
    const { choose, failed } = createCandidates(undefined, () => chance);
    const all = entries(['x#1'], ['y#1'], ['p#1', hidden]);
    expect(choose(all)).toBe('x#1');
    chance = 0.99;
    expect(choose(all)).toBe('y#1');
    failed('x#1');
    failed('y#1');
    expect(choose(all)).toBe('p#1');
    expect(choose(entries())).toBeUndefined();
  });

  it.each([['no value', null], ['a text', 'listens'], ['a list', []], ['a number for a truth', { listens: 1 }]])('what others say of themselves may be anything: %s', (_name, value) => {
    const { choose } = createCandidates({ id: 'm#1', listens: true }, () => 0);
    expect(choose(entries(['a#1', value]))).toBeUndefined();
    expect(createCandidates({ id: 'm#1', listens: false }, () => 0).choose(entries(['a#1', value]))).toBe('a#1');
  });

  it('an entry that ceases to listen may come behind its own, and is asked no more', () => {
    const { choose, has } = createCandidates({ id: 'm#1', listens: true }, () => 0);
    expect([choose(entries(['z#1'], ['a#1'])), has('a#1'), has('z#1')]).toEqual(['a#1', true, false]);
    expect([choose(entries(['z#1'], ['a#1', hidden])), has('a#1')]).toEqual([undefined, false]);
    expect(choose(entries(['z#1'], ['a#1']))).toBe('a#1');
  });

  it.each(['', 'a', 'not a node#1', '#1'])('what is no port id is never asked: %j', (id) => {
    expect(createCandidates(undefined, () => 0).choose(entries([id]))).toBeUndefined();
  });
});
