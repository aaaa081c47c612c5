import fc from 'fast-check';
import { describe, it } from 'vitest';
import { createFamilyStore } from '../../../src/database/core/family-store.js';
import type { FamilyChange } from '../../../src/database/family-change.js';
import { check, checkEqual } from './check.js';

type Content = ReadonlyMap<string, unknown>;

/** A change that was handed out, and the family as it was then. */
interface Given {
  readonly change: FamilyChange;
  readonly content: Content;
}

type Action =
  | { readonly do: 'apply'; readonly set: Content; readonly del: readonly string[] }
  | { readonly do: 'replace'; readonly all: Content }
  | { readonly do: 'many'; readonly from: number; readonly count: number; readonly value: unknown }
  | { readonly do: 'look'; readonly at: number }
  | { readonly do: 'join' };

const odd = fc.constantFrom('__proto__', 'constructor', 'toString', 'valueOf', '', '\ud800', '\udc00', 'x'.repeat(200));
const key = fc.oneof({ weight: 3, arbitrary: fc.integer({ min: 0, max: 11 }).map(String) }, odd);
/** Values are as JSON has them when they come here (S30): no -0. */
const value = fc.oneof(fc.integer({ min: 0, max: 2 }), fc.jsonValue({ maxDepth: 2 }).map((any) => JSON.parse(JSON.stringify(any)) as unknown));
const content = (maxLength: number): fc.Arbitrary<Content> =>
  fc.array(fc.tuple(key, value), { maxLength }).map((pairs) => new Map(pairs));

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('apply' as const), set: content(3), del: fc.array(key, { maxLength: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('replace' as const), all: content(20) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('many' as const), from: fc.nat(300), count: fc.nat(300), value: fc.option(value, { nil: undefined }) }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('look' as const), at: fc.nat() }) },
  { weight: 1, arbitrary: fc.constant({ do: 'join' as const }) },
);

/** The plainest store there is. */
function applied(before: Content, set: Content, del: readonly string[]): Content {
  const after = new Map(before);
  for (const gone of del) after.delete(gone);
  for (const [name, one] of set) after.set(name, one);
  return after;
}

/** The families before, with the lists of a change, give the one after, and each key is in the list where it belongs (S26). */
function checkFolding(before: Content, { content: after, change: { add, chg, del } }: Given): void {
  const folded = new Map(before);
  const absent = (name: string): boolean => !before.has(name) && !folded.has(name);
  for (const name of add) {
    check(absent(name), () => `add: ${name} was there`);
    folded.set(name, after.get(name));
  }
  for (const name of chg) {
    check(before.has(name) && !add.includes(name), () => `chg: ${name} was not there`);
    folded.set(name, after.get(name));
  }
  for (const name of del) check(before.has(name) && !chg.includes(name) && folded.delete(name), () => `del: ${name} was not there`);
  check(new Set(chg).size === chg.length, () => 'chg: a key is there twice');
  checkEqual(folded, after, () => 'folded (S26)');
}

function checkSnapshot({ change: { family }, content: expected }: Given): void {
  checkEqual(new Map(family), expected, () => 'a snapshot is not what the family was (S27)');
  check(family.size === expected.size, () => `size ${family.size}, expected ${expected.size}`);
  for (const [name, one] of expected) {
    check(family.has(name), () => `has: ${name} is missing`);
    checkEqual(family.get(name), one, () => `get: ${name}`);
  }
  for (const name of ['7', '__proto__', 'constructor', 'key 150']) check(family.has(name) === expected.has(name), () => `has: ${name}`);
}

function run(actions: readonly Action[], order: readonly number[]): void {
  const store = createFamilyStore();
  const given: Given[] = [{ change: store.current(), content: new Map() }];
  const looked = new Set<Given>();
  let now: Content = new Map();

  const changed = (after: Content, change: FamilyChange | undefined): void => {
    const before = now;
    now = after;
    check(store.size === now.size, () => 'the size of the store');
    if (change === undefined) {
      checkEqual(after, before, () => 'no change was told (S26)');
      return;
    }
    check(change.add.length + change.chg.length + change.del.length > 0, () => 'a change of nothing (D6)');
    given.push({ change, content: now });
    checkFolding(before, { change, content: now });
    for (const name of change.chg) check(!Object.is(before.get(name), now.get(name)), () => `chg: ${name} is as it was (D6)`);
  };
  const look = (at: number): void => {
    const one = given[at % given.length];
    if (one === undefined) return;
    checkSnapshot(one);
    looked.add(one);
  };

  for (const one of actions) {
    switch (one.do) {
      case 'apply':
        changed(applied(now, one.set, one.del), store.apply(one.set, one.del));
        break;
      case 'replace':
        changed(one.all, store.replace(one.all));
        break;
      case 'many': {
        const names = Array.from({ length: one.count }, (_, i) => `key ${one.from + i}`);
        const set: Content = new Map(one.value === undefined ? [] : names.map((name) => [name, one.value]));
        const del = one.value === undefined ? names : [];
        changed(applied(now, set, del), store.apply(set, del));
        break;
      }
      case 'look':
        look(one.at);
        break;
      case 'join': {
        const change = store.current();
        checkEqual([...change.add].sort(), [...now.keys()].sort(), () => 'the first change adds every key');
        given.push({ change, content: now });
        break;
      }
    }
  }
  for (const one of looked) checkSnapshot(one);
  for (const at of order) look(at);
  for (const one of given) checkSnapshot(one);
}

describe('a family store is what a plain map would be', () => {
  it('whatever happens, and whenever somebody looks at which change (D6, S26, S27, S28)', { timeout: 120_000 }, () => {
    fc.assert(fc.property(fc.array(action, { maxLength: 60, size: 'max' }), fc.array(fc.nat(), { maxLength: 30 }), run), { numRuns: 1_000 });
  });
});
