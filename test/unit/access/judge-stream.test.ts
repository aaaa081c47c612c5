import { send, spawn } from 'rxmp/guests';
import { describe, expect, it } from 'vitest';
import { ProtocolError } from '../../../src/wire/errors.js';
import { bench } from './cases.js';

describe('G2: the table of channels', () => {
  it('G2: the talk of a stream passes to ports that it may send to', () => {
    const { stream } = bench([send('gate#files')]);
    expect(stream('gate', 'stream', 'files', 'id', false, [], 'name')).toBeUndefined();
    expect(stream('gate', 'stream', 'secret', 'id', false, [])).toBe('a stream to "gate#secret"');
    expect(stream('worker', 'stream', 'files', 'id', false, [])).toBe('a stream to "worker#files"');
    expect(stream('gate', 'stream', 'files', 'id', false, [], 'worker#secret')).toBe('a stream to "gate#files": it names "worker#secret", of which this guest was not told');
    expect(() => stream('gate', 'stream', 1)).toThrow(ProtocolError);
  });

  it('G2: the talk of a stream passes to functions that it may run', () => {
    const { stream } = bench([spawn('save'), spawn('keep', { node: 'worker' })]);
    expect(stream('gate', 'stream', '', 'id', false, [], 'save', 1)).toBeUndefined();
    expect(stream('worker', 'stream', '', 'id', false, [], 'keep')).toBeUndefined();
    expect(stream('worker', 'stream', '', 'id', false, [], 'save')).toBe('a stream to "worker"');
    expect(stream('gate', 'stream', '', 'id', false, [], ['save'])).toBe('a stream to "gate"');
    expect(stream('gate', 'stream', '', 'id', false, [])).toBe('a stream to "gate"');
    expect(stream('gate', 'stream', '', 'id', false, [], 'save', { to: 'worker' })).toBe('a stream to "gate": it names "worker", of which this guest was not told');
  });

  it('G2: the data of a stream passes, which somebody has to expect', () => {
    expect(bench().stream('gate', 'stream data', 'id')).toBeUndefined();
  });

  it.each([['relay', 'worker'], ['relayed', 'gate'], ['unknown'], [], [1], [['stream']], [new Uint8Array([1])]])('G2: a channel for anything else does not: %j', (...what) => {
    expect(bench([spawn('*')]).stream('worker', ...what)).toMatch(/^a channel for /);
  });
});
