import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDataspace, type Observer } from '../../../src/federation/core/dataspace.js';
import type { Packet } from '../../../src/federation/core/packets.js';
import { createPatternIndex } from '../../../src/federation/core/pattern-index.js';
import type { Spec } from '../../../src/federation/core/spec.js';
import { countHoldings } from '../../fixtures/holdings.js';

const ANY_X: Spec = ['obj', { type: ['is', 'fact'], x: ['cap', ['any']] }];
const X_IS_1: Spec = ['obj', { type: ['is', 'fact'], x: ['is', 1] }];

/** A scope's own clients, with what they see and what the relay is told. */
function make() {
  const sent: Packet[] = [];
  const seen: string[] = [];
  let changes = 0;
  const space = createDataspace({
    send: (packet) => sent.push(packet),
    seen: (observer, sight) => { observer(sight); },
    interestChanged: () => { changes++; },
    hops: 8,
  });
  const observer: Observer = ({ kind, captures }) => seen.push(`${kind} ${captures.join()}`);
  return { space, observer, sent: () => sent.splice(0), seen: () => seen.splice(0), changes: () => changes };
}
const fact = (x: unknown): object => ({ type: 'fact', x });

describe('what is observed', () => {
  it('is what others assert only while somebody observes: it is asked for anew', () => {
    const { space, observer, sent, seen } = make();
    space.receive(['assert', 9, ANY_X]);
    space.observe(ANY_X, observer);
    space.assert(fact(1));
    space.receive(['add', 1, [1]]);
    space.receive(['add', 1, [2]]);
    expect(seen()).toEqual(['add 1', 'add 2']);
    space.ignore(ANY_X, observer);
    sent();
    // the other scope has it no longer, as far as anybody here knows
    expect(space.observe(ANY_X, observer)).toEqual([[1]]);
    expect(sent()).toEqual([['assert', 2, ANY_X]]);
    space.retract(fact(1));
    expect(seen()).toEqual(['del 1']);
  });

  it('is not what comes late for who has gone', () => {
    const { space, observer } = make();
    space.receive(['assert', 9, ANY_X]);
    space.observe(ANY_X, observer);
    space.ignore(ANY_X, observer);
    space.receive(['add', 1, [5]]);
    expect(space.observe(ANY_X, observer)).toEqual([]);
  });

  it('ends with the last observer, and what is ignored twice ends once; who is interested hears of both', () => {
    const { space, observer, sent, changes } = make();
    const interest = space.interest(X_IS_1);
    const other: Observer = () => undefined;
    space.observe(ANY_X, observer);
    space.observe(ANY_X, other);
    expect([sent(), changes()]).toEqual([[['assert', 1, ANY_X]], 1]);
    space.ignore(ANY_X, observer);
    expect([sent(), changes()]).toEqual([[], 1]);
    space.ignore(ANY_X, other);
    space.ignore(ANY_X, other);
    space.ignore(X_IS_1, other);
    expect([sent(), changes()]).toEqual([[['clear', 1]], 2]);
    space.lose(interest);
    space.observe(ANY_X, observer);
    expect(changes()).toBe(2);
  });

  it('is told once, when a value is here and elsewhere', () => {
    const { space, observer, seen } = make();
    space.observe(ANY_X, observer);
    space.receive(['add', 1, [1]]);
    space.assert(fact(1));
    space.receive(['del', 1, [1]]);
    space.receive(['add', 1, [1]]);
    space.retract(fact(1));
    expect(seen()).toEqual(['add 1']);
    space.receive(['del', 1, [1]]);
    expect(seen()).toEqual(['del 1']);
  });
});

describe('what other scopes observe', () => {
  it('is told from now on by the id that they gave last', () => {
    const { space, observer, sent } = make();
    space.observe(ANY_X, observer);
    space.receive(['assert', 5, ANY_X]);
    space.receive(['clear', 5]);
    space.receive(['assert', 6, ANY_X]);
    // nobody knows it any more
    space.receive(['clear', 5]);
    sent();
    space.assert(fact(1));
    expect(sent()).toEqual([['add', 6, [1]]]);
    space.retract(fact(1));
    expect(sent()).toEqual([['del', 6, [1]]]);
  });
});

describe('nothing is kept', () => {
  let holdings: ReturnType<typeof countHoldings>;
  beforeEach(() => { holdings = countHoldings(); });
  afterEach(() => { holdings.restore(); });

  it('of values that were taken back, of types that have none, and of patterns that nobody observes', async () => {
    const { space, observer } = make();
    const before = await holdings.count();
    for (const type of ['one', 'two', 'three']) {
      const spec: Spec = ['obj', { type: ['is', type], x: ['cap', ['any']] }];
      space.observe(spec, observer);
      space.observe(['cap', ['any']], observer);
      space.receive(['assert', 7, spec]);
      space.assert({ type, x: 1 });
      space.assert({ type, x: 1 });
      space.retract({ type, x: 1 });
      space.retract({ type, x: 1 });
      space.receive(['clear', 7]);
      space.ignore(spec, observer);
      space.ignore(['cap', ['any']], observer);
    }
    expect(await holdings.count()).toEqual(before);
  });

  it('in the index of patterns', async () => {
    const index = createPatternIndex<string>();
    const before = await holdings.count();
    const specs: readonly Spec[] = [['any'], ANY_X, X_IS_1, ['cap', X_IS_1], ['obj', {}], ['arr', [['is', 1]]]];
    for (const [i, spec] of specs.entries()) for (const member of ['a', 'b']) index.add(spec, `${member}${i}`);
    expect([...index.candidates(fact(1))].sort()).toEqual(['a0', 'a1', 'a2', 'a3', 'a4', 'a5', 'b0', 'b1', 'b2', 'b3', 'b4', 'b5']);
    expect([...index.candidates(fact(2))].sort()).toEqual(['a0', 'a1', 'a4', 'a5', 'b0', 'b1', 'b4', 'b5']);
    for (const [i, spec] of specs.entries()) index.delete(spec, `a${i}`);
    index.delete(X_IS_1, 'a2');
    index.delete(['obj', { y: ['is', 1] }], 'b2');
    index.delete(['obj', { type: ['is', 'other'] }], 'b2');
    expect([...index.candidates(fact(1))].sort()).toEqual(['b0', 'b1', 'b2', 'b3', 'b4', 'b5']);
    for (const [i, spec] of specs.entries()) index.delete(spec, `b${i}`);
    expect([...index.candidates(fact(1))]).toEqual([]);
    expect(await holdings.count()).toEqual(before);
  });
});
