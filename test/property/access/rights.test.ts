import fc from 'fast-check';
import { attenuate, federate, monitor, read, send, spawn, union, write, type Right } from 'rxmp/guests';
import { describe, expect, it } from 'vitest';
import { createHolder } from '../../../src/access/core/holder.js';
import { within } from '../../../src/access/core/within.js';

const GUEST = `guest:${'g'.repeat(24)}`;
const RUNS = { numRuns: 3_000 };

const word = fc.constantFrom('a', 'b', 'ab', 'abc', 'a:b');
const pattern = fc.oneof(word, word.map((text) => `${text}*`), fc.constant('*'));
/** Texts that a user may choose for himself. */
const own = fc.oneof(word, fc.constantFrom('*', 'a*', 'a!', 'ab!*', '!', '**', "'l", 'constructor', '__proto__'));
const node = fc.constantFrom('a', 'ab', 'gate');
const port = fc.tuple(node, word).map(([name, rest]) => `${name}#${rest}`);
const ports = fc.oneof(port, word.map((family) => ({ family })));
const limit = fc.oneof(fc.constant({}), own.map((who) => ({ assert: { who } })), own.map((what) => ({ assert: { what } })));

const right: fc.Arbitrary<Right> = fc.oneof(
  ports.map((some) => send(some)),
  ports.map((some) => monitor(some)),
  fc.oneof(pattern, fc.constantFrom('**', 'a**')).map((name) => spawn(name)),
  fc.tuple(pattern, pattern).map(([name, where]) => spawn(name, { node: where })),
  pattern.map((family) => read(family)),
  pattern.map((family) => write(family)),
  fc.tuple(pattern, own).map(([family, key]) => write(family, { key })),
  fc.tuple(pattern, fc.oneof(own, fc.constant(''))).map(([family, prefix]) => write(family, { prefix })),
  fc.tuple(pattern, limit).map(([scope, limits]) => federate(scope, limits)),
);
const rights = fc.array(right, { maxLength: 6 });

type Asked =
  | { readonly kind: 'send' | 'monitor'; readonly port: string }
  | { readonly kind: 'run'; readonly name: string; readonly node: string }
  | { readonly kind: 'read'; readonly family: string }
  | { readonly kind: 'write'; readonly family: string; readonly key: string }
  | { readonly kind: 'assert'; readonly scope: string; readonly value: unknown };

const asked: fc.Arbitrary<Asked> = fc.oneof(
  fc.record({ kind: fc.constantFrom('send' as const, 'monitor' as const), port }),
  fc.record({ kind: fc.constant('run' as const), name: fc.oneof(word, own), node }),
  fc.record({ kind: fc.constant('read' as const), family: own }),
  fc.record({ kind: fc.constant('write' as const), family: own, key: own.chain((key) => fc.constantFrom(key, `${key}x`)) }),
  fc.record({ kind: fc.constant('assert' as const), scope: own, value: fc.record({ who: own, what: own }) }),
);

/** Keys of the families of these tests: what is in one of them is in no other. */
const isKey = (family: string, key: string): boolean => key === `a#${family}`;

function allows(list: readonly Right[], one: Asked): boolean {
  const holder = createHolder(GUEST, { gate: 'gate', isKey, hasPortOf: () => false, isNode: () => true });
  holder.setRights(list);
  switch (one.kind) {
    case 'send':
      return holder.maySend(one.port);
    case 'monitor':
      return holder.mayMonitor(one.port);
    case 'run':
      return holder.mayRun(one.name, one.node);
    case 'read':
      return holder.mayRead(one.family);
    case 'write':
      return holder.mayWrite(one.family, one.key);
    case 'assert': {
      const found = holder.inScope(one.scope);
      return found !== undefined && (found.assert ?? []).every((spec) => within(['is', one.value], spec));
    }
  }
}

describe('G2: the algebra of rights', () => {
  it('attenuated rights allow nothing that one of the lists does not', () => {
    fc.assert(fc.property(rights, rights, asked, (a, b, one) => {
      if (allows(attenuate(a, b), one)) expect([allows(a, one), allows(b, one)]).toEqual([true, true]);
    }), RUNS);
  });

  it('attenuated rights allow what both lists do, but for ports, which may be keys of families, and functions of the gate', () => {
    const exact = asked.filter(({ kind }) => kind === 'read' || kind === 'write');
    fc.assert(fc.property(rights, rights, exact, (a, b, one) => {
      expect(allows(attenuate(a, b), one)).toBe(allows(a, one) && allows(b, one));
    }), RUNS);
  });

  it('a union allows what one of the lists does', () => {
    const exact = asked.filter(({ kind }) => kind !== 'assert');
    fc.assert(fc.property(rights, rights, exact, (a, b, one) => {
      expect(allows(union(a, b), one)).toBe(allows(a, one) || allows(b, one));
    }), RUNS);
  });

  it('rights attenuated by themselves, or joined with themselves, allow the same', () => {
    fc.assert(fc.property(rights, asked, (list, one) => {
      expect(allows(attenuate(list, list), one)).toBe(allows(list, one));
      expect(allows(union(list, list), one)).toBe(allows(list, one));
      expect(union(list, list).length).toBe(union(list).length);
    }), RUNS);
  });

  it('keys, prefixes, ports and values are taken as they are: what comes out of credentials can be no pattern', () => {
    fc.assert(fc.property(own, own, (claim, key) => {
      expect(allows([write('drafts', { key: claim })], { kind: 'write', family: 'drafts', key })).toBe(key === claim);
      expect(allows([write('drafts', { prefix: claim })], { kind: 'write', family: 'drafts', key })).toBe(key.startsWith(claim));
      expect(allows([send(`a#${claim}`)], { kind: 'send', port: `a#${key}` })).toBe(key === claim);
      expect(allows([federate('room', { assert: { who: claim } })], { kind: 'assert', scope: 'room', value: { who: key } })).toBe(key === claim);
    }), RUNS);
  });
});
