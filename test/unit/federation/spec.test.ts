import { describe, expect, it } from 'vitest';
import { defaultLimits } from '../../../src/env/limits.js';
import { decodeTurn } from '../../../src/federation/core/decode.js';
import { arityOf, overlaps, project, type Spec } from '../../../src/federation/core/spec.js';
import { cutTurn } from '../../../src/federation/core/turns.js';

const ANY: Spec = ['any'];
const is = (value: unknown): Spec => ['is', value];
const cap = (spec: Spec = ANY): Spec => ['cap', spec];
const obj = (fields: Record<string, Spec>): Spec => ['obj', fields];
const arr = (...elements: readonly Spec[]): Spec => ['arr', elements];

describe('what a pattern captures', () => {
  it.each<[Spec, unknown, readonly unknown[] | undefined]>([
    [ANY, 5, []],
    [cap(), { a: 1 }, [{ a: 1 }]],
    [is(1), 1, []], [is(1), 2, undefined], [is(1), '1', undefined], [is(null), null, []], [is(null), undefined, undefined], [is({ a: 1, b: 2 }), { b: 2, a: 1 }, []], [is([1]), [1], []], [is([1]), [2], undefined],
    [obj({ a: cap() }), { a: 1, b: 2 }, [1]], [obj({ a: cap() }), { b: 2 }, undefined], [obj({ a: ANY }), [1], undefined], [obj({}), null, undefined], [obj({}), {}, []],
    [obj({ b: cap(), a: cap(obj({ c: cap() })) }), { a: { c: 3 }, b: 2 }, [{ c: 3 }, 3, 2]],
    [arr(cap(), ANY), [1, 2], [1]], [arr(cap()), [1, 2], undefined], [arr(cap(), ANY), [1], undefined], [arr(), {}, undefined], [arr(), [], []],
  ])('%j of %j: %j', (spec, value, captures) => {
    expect(project(spec, value)).toEqual(captures);
    if (captures !== undefined) expect(arityOf(spec)).toBe(captures.length);
  });
});

describe('whether a value may fit two patterns', () => {
  it.each<[Spec, Spec, boolean]>([
    [ANY, is(1), true], [cap(is(1)), is(1), true], [cap(is(1)), is(2), false], [is(1), is(1), true], [is(1), is(2), false],
    [is({ a: 1 }), obj({ a: cap() }), true], [is({ a: 1 }), obj({ b: ANY }), false], [is([1]), arr(is(1)), true], [is([1]), arr(is(2)), false],
    [obj({ a: is(1) }), obj({ b: is(2) }), true], [obj({ a: is(1) }), obj({ a: is(2) }), false], [obj({ a: is(1), b: ANY }), obj({ a: cap(is(1)) }), true],
    [obj({}), arr(), false], [arr(ANY), arr(is(1)), true], [arr(ANY), arr(), false], [arr(is(1), is(2)), arr(ANY, is(3)), false], [arr(is(1), is(2)), arr(is(1), cap()), true],
    // a field that only the prototype has
    [obj({ toString: is(1) }), obj({ a: is(2) }), true],
  ])('%j and %j: %s', (a, b, expected) => {
    expect([overlaps(a, b), overlaps(b, a)]).toEqual([expected, expected]);
  });
});

describe('what is no packet', () => {
  it.each([
    [['assert', 1, 5], 'got 5'], [['assert', 1, null], 'got null'], [['assert', 1, ['obj', [1]]], 'got a list'], [['assert', 1, ['arr', { a: 1 }]], 'got an object'],
    [['assert', 1, ['x'.repeat(100)]], `got ${'x'.repeat(80)}`],
  ])('%j is told in short', (packet, text) => {
    let message = '';
    try {
      decodeTurn([packet], defaultLimits);
    } catch (error) {
      message = error instanceof Error ? error.message : '';
    }
    expect(message.endsWith(text)).toBe(true);
  });
});

describe('a long turn', () => {
  it('is cut, a short one never', () => {
    const turn = (count: number) => Array.from({ length: count }, (_, i) => ['add', i, ['x'.repeat(100)]] as never);
    expect(cutTurn(turn(32), 10)).toHaveLength(1);
    expect(cutTurn(turn(33), 10)).toHaveLength(33);
    expect(cutTurn(turn(33), 1_000_000)).toHaveLength(1);
    expect(cutTurn(turn(100), 1_000).flat()).toEqual(turn(100));
  });
});
