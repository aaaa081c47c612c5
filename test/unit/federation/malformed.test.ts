import { describe, expect, it } from 'vitest';
import { $, compile } from '../../../src/federation/pattern.js';
import { FederationError } from '../../../src/federation/core/errors.js';
import { seeded } from '../../fixtures/chunking.js';
import { createTestNetwork, watch, type Fact, type StrangerLink } from './network.js';

const says = (who: string, text: string): Fact => ({ type: 'says', who, text });
const pattern = { type: 'says', who: $, text: $ } as const;
const { spec } = compile(pattern, 100);
const octets = new Uint8Array([1]);

/** A scope with an observer of its own and two honest neighbours, and a stranger. */
function createStage() {
  const network = createTestNetwork();
  const [scope, left, right] = [network.scope('middle'), network.scope('left'), network.scope('right')];
  const links = [network.linked(scope, left), network.linked(scope, right)];
  const observers = [watch(scope.observe(pattern)), watch(left.observe(pattern))];
  const held = right.assert(says('a', 'stays'));
  network.flush();
  for (const one of observers) one.seen();
  return {
    network, scope, observers,
    /** Neither links nor observers have noticed anything but these events. */
    expectUnharmed(before: readonly string[] = []): void {
      network.flush();
      for (const one of observers) expect(one.seen()).toEqual(before);
      expect(links.flatMap(({ statuses }) => statuses.flat().map(({ state }) => state))).toEqual(['up', 'up', 'up', 'up']);
      const guard = right.assert(says('b', 'probe'));
      network.flush();
      guard.unsubscribe();
      network.flush();
      for (const one of observers) expect(one.seen()).toEqual(['add probe,b', 'del probe,b']);
      expect(held.closed).toBe(false);
    },
  };
}

function expectEnded({ statuses, closed, got }: StrangerLink, code: string): void {
  const last = statuses.at(-1);
  expect(last).toMatchObject({ state: 'down', error: { code } });
  expect(last?.state === 'down' && last.error).toBeInstanceOf(FederationError);
  expect(got().at(-1)).toMatchObject(['err', code, expect.any(String)]);
  // gracefully, so that the reason arrives
  expect(closed).toEqual({ error: undefined });
}

describe('what is no turn, no packet or no pattern ends its link, and nothing else', () => {
  it.each([
    ['no list', { hello: 1 }],
    ['nothing', undefined],
    ['a text', 'assert'],
    ['a packet that is no list', [7]],
    ['a packet that is null', [null]],
    ['an empty packet', [[]]],
    ['an unknown kind', [['sing', 1]]],
    ['a kind that is no text', [[['assert'], 1, spec]]],
    ['a field of every object as a kind', [['constructor', 1]]],
    ['__proto__ as a kind', [['__proto__', 1]]],
    ['an id that is no number', [['assert', 'one', spec]]],
    ['a negative id', [['assert', -1, spec]]],
    ['an id that is no integer', [['assert', 1.5, spec]]],
    ['an id that is too large', [['clear', 2 ** 53]]],
    ['an id that is missing', [['end']]],
    ['an id that is a big integer', [['clear', 1n]]],
    ['a second hello', [['hello', 2, 'again', [0, 0, ['again']]]]],
    ['a hello without a tree', [['hello', 2, 'again']]],
    ['a tree that is no list', [['tree', 'a', false]]],
    ['a tree without a root', [['tree', [0, 0, []], false]]],
    ['a way that is none', [['tree', [0, 0, 'root'], false]]],
    ['a root without a name', [['tree', [0, 0, ['']], false]]],
    ['a root that is a number', [['tree', [0, 0, [1]], false]]],
    ['a rank that there is not', [['tree', [2, 0, ['root']], false]]],
    ['a count below 0', [['tree', [0, -1, ['root']], false]]],
    ['a name of 1,001 characters', [['tree', [0, 0, ['n'.repeat(1_001)]], false]]],
    ['a pattern that is no list', [['assert', 1, 'any']]],
    ['a pattern that is missing', [['assert', 1]]],
    ['a pattern of an unknown kind', [['assert', 1, ['some']]]],
    ['a pattern of a kind from the prototype', [['assert', 1, ['toString']]]],
    ['a capture of nothing', [['assert', 1, ['cap']]]],
    ['fields that are a list', [['assert', 1, ['obj', [['any']]]]]],
    ['fields that are null', [['assert', 1, ['obj', null]]]],
    ['fields that are octets', [['assert', 1, ['obj', octets]]]],
    ['a field that is no pattern', [['assert', 1, ['obj', { who: 'a' }]]]],
    ['elements that are an object', [['assert', 1, ['arr', { 0: ['any'] }]]]],
    ['a constant that is missing', [['assert', 1, ['is']]]],
    ['a constant of octets', [['assert', 1, ['is', octets]]]],
    ['a constant that JSON does not have', [['assert', 1, ['is', Number.NaN]]]],
    ['a constant with a big integer', [['assert', 1, ['is', { n: [1n] }]]]],
    ['captures that are no list', [['add', 1, 'x']]],
    ['captures with octets', [['add', 1, [octets, 'a']]]],
    ['captures with a function', [['add', 1, [() => 1, 'a']]]],
    ['captures with undefined', [['add', 1, [{ a: undefined }, 'a']]]],
    ['too few captures', [['add', 1, ['x']]]],
    ['too many captures', [['del', 1, ['x', 'a', 'b']]]],
    ['a message with too few captures', [['msg', 1, [], 3]]],
    ['a message that may go a negative way', [['msg', 1, ['x', 'a'], -1]]],
    ['a message without a way', [['msg', 1, ['x', 'a']]]],
    ['a mark that is no number', [['sync', {}]]],
  ] as const)('%s', (_name, message) => {
    const stage = createStage();
    const stranger = stage.network.stranger(stage.scope);
    stranger.sayRaw(message);
    expectEnded(stranger, 'malformed');
    stage.expectUnharmed();
  });

  it.each([
    ['unknown', 'an end of what was not cleared', [['end', 1]]],
    ['unknown', 'a match of an unknown id', [['add', 99, ['x', 'a']]]],
    ['unknown', 'a message of an unknown id', [['msg', 99, ['x', 'a'], 3]]],
    ['unknown', 'a match that goes without being there', [['del', 1, ['x', 'a']]]],
    ['unknown', 'an answer to a mark that was not asked', [['synced', 1]]],
    ['unknown', 'a pattern that is cleared twice', [['assert', 1, ['any']], ['clear', 1], ['clear', 1]]],
    ['duplicate', 'a match that comes twice', [['add', 1, ['x', 'a']], ['add', 1, ['x', 'a']]]],
    ['duplicate', 'an id that is in use', [['assert', 1, ['any']], ['assert', 1, ['cap', ['any']]]]],
    ['duplicate', 'a pattern under two ids', [['assert', 1, ['any']], ['assert', 2, ['any']]]],
    ['cycle', 'a way that leads over the scope itself', [['tree', [1, 7, ['root', 'middle', 'stranger']], false]]],
    ['cycle', 'a tree whose root is the scope itself', [['tree', [1, 7, ['middle']], false]]],
  ] as const)('%s: %s', (code, _name, packets) => {
    const stage = createStage();
    const stranger = stage.network.stranger(stage.scope);
    stranger.say(...packets);
    expectEnded(stranger, code);
    // what was right until then has come, and goes with the link
    stage.expectUnharmed(packets[0][0] === 'add' && code === 'duplicate' ? ['add x,a', 'del x,a'] : []);
  });

  it.each([
    ['malformed', 'anything before the hello', ['assert', 1, ['any']]],
    ['malformed', 'a hello without a scope', ['hello', 2, '', [0, 0, ['stranger']]]],
    ['version', 'another version', ['hello', 1, ['stranger']]],
    ['cycle', 'the scope itself', ['hello', 2, 'middle', [0, 0, ['middle']]]],
    ['cycle', 'a scope that is reached over another link', ['hello', 2, 'stranger', [1, 1, ['left', 'stranger']]]],
  ] as const)('%s: %s', (code, _name, packet) => {
    const stage = createStage();
    const stranger = stage.network.stranger(stage.scope, { greets: false });
    stranger.say(packet);
    expectEnded(stranger, code);
    expect(stranger.statuses).toHaveLength(1);
    stage.expectUnharmed();
  });

  it('refused: what the other end says of the end is in the status, and is not answered', () => {
    const stage = createStage();
    const stranger = stage.network.stranger(stage.scope);
    stranger.got();
    stranger.say(['err', 'limit', 'too much of it']);
    expect(stranger.statuses.at(-1)).toMatchObject({ state: 'down', error: { code: 'refused', message: expect.stringContaining('"limit": "too much of it"') } });
    expect(stranger.got()).toEqual([]);
    stage.expectUnharmed();
  });

  it('what came in one turn before the bad packet counts until the link ends', () => {
    const stage = createStage();
    const seen = watch(stage.scope.observe(pattern));
    seen.seen();
    const stranger = stage.network.stranger(stage.scope);
    stranger.say(['add', 1, ['x', 's']], ['clear', 99]);
    expectEnded(stranger, 'unknown');
    expect(seen.seen()).toEqual(['add x,s', 'del x,s']);
  });

  it('a turn with a malformed packet does nothing at all', () => {
    const stage = createStage();
    const seen = watch(stage.scope.observe(pattern));
    seen.seen();
    const stranger = stage.network.stranger(stage.scope);
    stranger.say(['add', 1, ['x', 's']], ['clear', 'one']);
    expectEnded(stranger, 'malformed');
    expect(seen.seen()).toEqual([]);
  });
});

describe('20,000 random and changed packets', () => {
  const words: readonly unknown[] = [
    ...['assert', 'clear', 'end', 'add', 'del', 'msg', 'hello', 'tree', 'sync', 'synced', 'err', 'any', 'cap', 'is', 'obj', 'arr', '__proto__', 'constructor', ''],
    ...[0, 1, 2, 3, -1, 1.5, 2 ** 53, Number.NaN, Infinity, null, true, undefined, 1n, octets, 'x', 'a', 'left', [], {}],
  ];
  const valid: readonly (readonly unknown[])[] = [
    ['assert', 5, spec], ['assert', 6, ['cap', ['obj', { type: ['is', 'says'], text: ['arr', [['any'], ['cap', ['any']]]] }]]],
    ['clear', 5], ['end', 1], ['add', 1, ['x', 'a']], ['del', 1, ['x', 'a']], ['msg', 1, ['x', 'a'], 9],
    ['hello', 2, 'another', [0, 0, ['another']]], ['tree', [1, 2, ['one', 'two']], true], ['sync', 3], ['synced', 3], ['err', 'limit', 'text'],
  ];

  it.each([1, 2, 3, 4])('change nothing but their own link: 5,000 from seed %i', (seed) => {
    const chance = seeded(seed);
    const below = (end: number): number => Math.floor(chance() * end);
    const pick = <T>(list: readonly T[]): T => list[below(list.length)]!;
    const anything = (depth: number): unknown => {
      const kind = below(depth > 0 ? 5 : 3);
      if (kind < 3) return pick(words);
      if (kind === 3) return Array.from({ length: below(4) }, () => anything(depth - 1));
      return Object.fromEntries(Array.from({ length: below(3) }, () => [String(pick(words)), anything(depth - 1)]));
    };
    /** The same with something else at a random place. */
    const changed = (value: unknown): unknown => {
      if (typeof value !== 'object' || value === null || chance() < 0.25) return anything(2);
      const entries = Object.entries(value);
      if (entries.length === 0) return anything(2);
      const [at, inner] = pick(entries);
      const kind = below(4);
      const next = kind === 0 ? entries.filter(([key]) => key !== at) : entries.map(([key, part]) => [key, key === at ? changed(inner) : part] as const);
      return Array.isArray(value) ? next.map(([, part]) => part) : Object.fromEntries(next);
    };
    const stage = createStage();
    let stranger = stage.network.stranger(stage.scope);
    const counts = { ended: 0, taken: 0 };
    for (let i = 0; i < 5_000; i++) {
      const kind = below(10);
      const packet = kind === 0 ? anything(4) : kind < 4 ? pick(valid) : changed(pick(valid));
      stranger.sayRaw(kind === 9 && chance() < 0.2 ? packet : [packet]);
      const last = stranger.statuses.at(-1);
      if (last?.state === 'down') {
        expect(last.error).toBeInstanceOf(FederationError);
        counts.ended++;
        stranger = stage.network.stranger(stage.scope);
      } else counts.taken++;
      if (i % 500 === 0) {
        stranger.say(['err', 'over', 'enough']);
        stranger = stage.network.stranger(stage.scope);
        stage.network.flush();
        stage.network.trace();
      }
    }
    stranger.say(['err', 'over', 'enough']);
    expect(counts.ended).toBeGreaterThan(1_000);
    expect(counts.taken).toBeGreaterThan(500);
    stage.network.flush();
    for (const one of stage.observers) one.seen();
    stage.expectUnharmed();
    expect(stage.scope.inspect()).toMatchObject({ links: { length: 2 }, retired: 0, subscriptions: { length: 1 } });
  });
});
