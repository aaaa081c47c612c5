import { describe, expect, it } from 'vitest';
import { admission, refusal, type Standing } from '../../../src/network/admission.js';

const none: Standing = { kind: 'none' };
const admitted = (run?: string): Standing => ({ kind: 'admitted', run });
const up = (run?: string): Standing => ({ kind: 'up', run });

describe('who is let in (S17, S18)', () => {
  it.each([
    // the lower id decides: it lets in one connection at a time
    ['a', 'first comes first', none, 'r1', 'admit'],
    ['a', 'a second connection of the same run waits for the first', admitted('r1'), 'r1', 'probe'],
    ['a', 'also when the first is up', up('r1'), 'r1', 'probe'],
    ['a', 'another run waits for what becomes of the first', admitted('r1'), 'r2', 'probe'],
    ['a', 'another run has to wait whether the first is alive', up('r1'), 'r2', 'probe'],
    // the higher id takes what is let in there
    ['z', 'first comes first', none, 'r1', 'admit'],
    ['z', 'everything of the same run', admitted('r1'), 'r1', 'admit'],
    ['z', 'everything of the same run, though one is up', up('r1'), 'r1', 'admit'],
    ['z', 'another run waits', admitted('r1'), 'r2', 'probe'],
    ['z', 'another run has to wait whether the first is alive', up('r1'), 'r2', 'probe'],
    // AnyEvent::MP has no runs and settles that itself
    ['a', 'AnyEvent::MP, first', none, undefined, 'admit'],
    ['a', 'AnyEvent::MP, second', admitted(), undefined, 'admit'],
    ['z', 'AnyEvent::MP, second', admitted(), undefined, 'admit'],
    ['a', 'AnyEvent::MP, while one is up', up(), undefined, 'probe'],
    ['z', 'AnyEvent::MP, while one is up', up(), undefined, 'probe'],
    ['z', 'AnyEvent::MP, while rxmp is up', up('r1'), undefined, 'probe'],
  ] as const)('node %s: %s', (own, _what, standing, run, verdict) => {
    expect(admission(own, { node: 'm', run }, standing)).toBe(verdict);
  });

  it('the refusal tells whether it is the same process, or another with the same id', () => {
    expect(refusal({ node: 'm', run: 'r1' }, 'r1')).toEqual({ code: 'connected', text: 'm is connected already' });
    for (const [run, alive] of [['r1', 'r2'], [undefined, 'r2'], ['r1', undefined], [undefined, undefined]] as const) {
      expect(refusal({ node: 'm', run }, alive)).toEqual({ code: 'duplicate', text: 'another live node has the node id "m"' });
    }
  });
});
