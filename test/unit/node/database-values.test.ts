import { firstValueFrom, type Observable } from 'rxjs';
import { afterEach, describe, expect, it } from 'vitest';
import type { FamilyChange, MpNode, NodeOptions } from 'rxmp';
import { settled } from 'rxmp/testing';
import { createWorld } from '../../../marbles/world.js';

const ODD_KEYS = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', ' ', 'a b', '0', 'ключ\n', '\u{1f600}', "'l", 'k'.repeat(10_000)];

/** Values, and what everybody sees of them. */
const VALUES: readonly (readonly [what: string, set: unknown, seen: unknown])[] = [
  ['undefined', undefined, null],
  ['null', null, null],
  ['numbers', [0, -1, 1.5, 2 ** 53, 1e300], [0, -1, 1.5, 2 ** 53, 1e300]],
  ['what is no number', [Number.NaN, Infinity], [null, null]],
  ['booleans', [true, false], [true, false]],
  ['text', 'wörter\u0000\u{1f600}', 'wörter\u0000\u{1f600}'],
  ['an object with odd keys', JSON.parse('{"__proto__":1,"constructor":{"a":[]}}'), JSON.parse('{"__proto__":1,"constructor":{"a":[]}}')],
  ['undefined inside', { a: undefined, b: [undefined] }, { b: [null] }],
  ['a date', { at: new Date(0) }, { at: '1970-01-01T00:00:00.000Z' }],
  ['a text of a megabyte', 'x'.repeat(1_000_000), 'x'.repeat(1_000_000)],
];

describe.each(['json', 'cbor'])('the database over %s', (framing) => {
  const world = createWorld({ delay: 1 });
  let nodes: readonly MpNode[] = [];
  afterEach(async () => {
    for (const node of nodes) await settled(world.clock, node.close());
  });

  /** Who sets, and who sees: two slaves of one global node. */
  async function pair(options: NodeOptions = {}): Promise<readonly [MpNode, MpNode]> {
    const g = await world.start('g', { framings: [framing], global: true, ...options });
    const a = await world.start('a', { framings: [framing], seeds: ['memory://g'], ...options });
    const b = await world.start('b', { framings: [framing], seeds: ['memory://g'], ...options });
    nodes = [a, b, g];
    world.clock.runFor(1_000);
    return [a, b];
  }

  const first = <T>(answer: Observable<T>): Promise<T> => {
    const promise = firstValueFrom(answer);
    world.clock.runFor(50);
    return promise;
  };
  const seenBy = (node: MpNode, family: string): Promise<ReadonlyMap<string, unknown>> => first(node.dbFamily(family));

  it('S29: any text that is not empty is a key', async () => {
    const [a, b] = await pair();
    const changes: FamilyChange[] = [];
    b.dbMon('fam').subscribe((change) => changes.push(change));
    world.clock.runFor(100);
    for (const [i, key] of ODD_KEYS.entries()) a.dbSet('fam', key, i);
    world.clock.runFor(100);
    expect([...(changes.at(-1)?.add ?? [])].sort()).toEqual([...ODD_KEYS].sort());
    expect(await seenBy(b, 'fam')).toEqual(new Map(ODD_KEYS.map((key, i) => [key, i])));
    for (const key of ODD_KEYS) expect(changes.at(-1)?.family.get(key)).toBe(ODD_KEYS.indexOf(key));
    a.dbDel('fam', ...ODD_KEYS);
    world.clock.runFor(100);
    expect([...(changes.at(-1)?.del ?? [])].sort()).toEqual([...ODD_KEYS].sort());
    expect(changes.at(-1)?.family.size).toBe(0);
  });

  it.each(VALUES)('S30: %s', async (_what, value, seen) => {
    const [a, b] = await pair();
    const changes: FamilyChange[] = [];
    b.dbMon('fam').subscribe((change) => changes.push(change));
    a.dbSet('fam', 'key', value);
    world.clock.runFor(100);
    expect(await seenBy(b, 'fam')).toEqual(new Map([['key', seen]]));
    expect(changes.at(-1)?.family.get('key')).toEqual(seen);
    // equal by structure: nobody hears of it
    const heard = changes.length;
    a.dbSet('fam', 'key', value === undefined ? null : structuredClone(value));
    world.clock.runFor(100);
    expect(changes).toHaveLength(heard);
  });

  it('S30: a port is its id; what is changed after it was set is not changed', async () => {
    const [a, b] = await pair();
    const port = a.port();
    const value = { port, list: [1] };
    a.dbSet('fam', 'key', value);
    value.list.push(2);
    world.clock.runFor(100);
    expect(await seenBy(b, 'fam')).toEqual(new Map([['key', { port: port.id, list: [1] }]]));
  });

  it('a thousand families, and keys beyond one piece of a message', async () => {
    const [a, b] = await pair({ limits: { databasePiece: 2_000 } });
    for (let f = 0; f < 1_000; f++) a.dbSet(`fam${f}`, 'key', f);
    for (let k = 0; k < 2_000; k++) a.dbSet('large', `key${k}`, k);
    world.clock.runFor(1_000);
    const late = await world.start('late', { framings: [framing], seeds: ['memory://g'] });
    nodes = [late, ...nodes];
    world.clock.runFor(1_000);
    for (const node of [b, late]) {
      for (let f = 0; f < 1_000; f += 99) expect(await seenBy(node, `fam${f}`)).toEqual(new Map([['key', f]]));
      expect((await seenBy(node, 'large')).size).toBe(2_000);
      expect((await first(node.dbKeys('large'))).length).toBe(2_000);
      const { family } = await first(node.dbMon('large'));
      expect([family.size, family.get('key1999')]).toEqual([2_000, 1_999]);
    }
  });
});

describe('what is refused, at the call', () => {
  it.each([
    ['S29: a family that is none', ['9x', 'k'], 'BAD_FAMILY'],
    ['S29: a family of the network', ["'l", 'k'], 'BAD_FAMILY'],
    ['S29: an empty family', ['', 'k'], 'BAD_FAMILY'],
    ['S29: an empty key', ['fam', ''], 'BAD_KEY'],
    ['S29: a key that is no text', ['fam', 1], 'BAD_KEY'],
    ['S29: half of a surrogate pair', ['fam', 'a\ud800'], 'BAD_KEY'],
    ['S30: octets', ['fam', 'k', new Uint8Array(1)], 'BAD_VALUE'],
    ['S30: a BigInt', ['fam', 'k', [1n]], 'BAD_VALUE'],
    ['a value that no message can hold', ['fam', 'k', 'x'.repeat(5_000)], 'MESSAGE_TOO_LARGE'],
  ])('%s', async (_what, args, code) => {
    const world = createWorld();
    const node = await world.start('a', { limits: { messageSize: 4_000 } });
    const set = (): unknown => node.dbSet(...(args as [string, string, unknown]));
    expect(set).toThrow(expect.objectContaining({ code }));
    expect(await settled(world.clock, firstValueFrom(node.dbKeys('fam')))).toEqual([]);
    await world.close();
  });
});

it('a family of a million keys reaches a slave', { timeout: 120_000 }, async () => {
  const KEYS = 1_000_000;
  const world = createWorld();
  const g = await world.start('g', { global: true });
  for (let i = 0; i < KEYS; i++) g.dbSet('large', `key${i}`, i);
  const slave = await world.start('a', { seeds: ['memory://g'] });
  const sizes: number[] = [];
  slave.dbMon<number>('large').subscribe(({ family, add, chg, del }) => {
    sizes.push(family.size, add.length, chg.length, del.length);
  });
  world.clock.runFor(1_000);
  g.dbSet('large', 'key7', -1);
  g.dbDel('large', 'key8');
  world.clock.runFor(1_000);
  expect(sizes).toEqual([KEYS, KEYS, 0, 0, KEYS - 1, 0, 1, 1]);
  await world.close();
});
