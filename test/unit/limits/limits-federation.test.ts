import { createNode } from 'rxmp';
import { describe, expect, it } from 'vitest';
import type { Channel } from '../../../src/federation/channel.js';
import { _, $, capture, exactly } from '../../../src/federation/pattern.js';
import { linkTo, openEntry } from '../../../src/federation/ports.js';
import { clockOf } from '../../../src/env/clock.js';
import { defaultLimits } from '../../../src/env/limits.js';
import { VirtualClock } from '../../../src/testing/index.js';
import { BadValue } from '../../../src/wire/errors.js';
import { createTestNetwork, watch, type Fact, type StrangerLink } from '../federation/network.js';

const ended = ({ statuses }: StrangerLink): boolean => statuses.at(-1)?.state === 'down';
const expectLimit = (stranger: StrangerLink, name: string): void => {
  expect(stranger.statuses.at(-1)).toMatchObject({ state: 'down', error: { code: 'limit', message: expect.stringContaining(`limits.${name}`) } });
  expect(stranger.got().at(-1)).toMatchObject(['err', 'limit', expect.any(String)]);
};
/** So many levels of lists, one in the other. */
const nested = (levels: number): unknown => Array.from({ length: levels }).reduce<unknown>((inner, __, i) => (i === 0 ? [] : [inner]), undefined);

describe('limits of a link, at their bounds', () => {
  it('linkSubscriptions: patterns that one link may subscribe to at a time', () => {
    const network = createTestNetwork();
    const stranger = network.stranger(network.scope('scope', { limits: { linkSubscriptions: 3 } }));
    for (const id of [1, 2, 3]) stranger.say(['assert', id, ['is', id]]);
    stranger.say(['clear', 1]);
    stranger.say(['assert', 4, ['is', 4]]);
    expect(ended(stranger)).toBe(false);
    stranger.say(['assert', 5, ['is', 5]]);
    expectLimit(stranger, 'linkSubscriptions');
  });

  it('linkSubscriptions: those that a filter denies count too', () => {
    const network = createTestNetwork();
    const filter = { incoming: { observe: () => false } };
    const stranger = network.stranger(network.scope('scope', { limits: { linkSubscriptions: 3 } }), { filter });
    for (const id of [1, 2, 3]) stranger.say(['assert', id, ['is', id]]);
    stranger.say(['clear', 1]);
    stranger.say(['assert', 4, ['is', 4]]);
    expect(ended(stranger)).toBe(false);
    stranger.say(['assert', 5, ['is', 5]]);
    expectLimit(stranger, 'linkSubscriptions');
  });

  it.each([['as they are', {}], ['that a filter keeps back', { filter: { incoming: { match: () => undefined } } }], ['that a filter makes one', { filter: { incoming: { match: () => [0] } } }]])(
    'linkMatches: matches that one link may tell of at a time, %s', (_name, options) => {
      const network = createTestNetwork();
      const scope = network.scope('scope', { limits: { linkMatches: 3 } });
      scope.observe({ type: 'note', about: $ }).subscribe();
      const stranger = network.stranger(scope, options);
      for (const n of [1, 2, 3]) stranger.say(['add', 1, [n]]);
      stranger.say(['del', 1, [1]]);
      stranger.say(['add', 1, [4]]);
      expect(ended(stranger)).toBe(false);
      stranger.say(['add', 1, [5]]);
      expectLimit(stranger, 'linkMatches');
    });

  it('linkMatches: those of a subscription that was given up count no longer', () => {
    const network = createTestNetwork();
    const scope = network.scope('scope', { limits: { linkMatches: 3 } });
    const stranger = network.stranger(scope);
    const subscription = scope.observe({ type: 'note', about: $ }).subscribe();
    stranger.say(...[1, 2, 3].map((n) => ['add', 1, [n]]));
    subscription.unsubscribe();
    stranger.say(['end', 1]);
    scope.observe({ type: 'note', about: $ }).subscribe();
    stranger.say(...[1, 2, 3].map((n) => ['add', 2, [n]]));
    expect(ended(stranger)).toBe(false);
    stranger.say(['add', 2, [4]]);
    expectLimit(stranger, 'linkMatches');
  });

  it('linkTime: who does not say hello in time loses the link', () => {
    const clock = new VirtualClock();
    const network = createTestNetwork();
    const stranger = network.stranger(network.scope('scope'), { greets: false, clock: clockOf(clock), limits: { linkTime: 3_000 } });
    const greeter = network.stranger(network.scope('other'), { clock: clockOf(clock), limits: { linkTime: 3_000 } });
    clock.runFor(2_999);
    expect(ended(stranger)).toBe(false);
    clock.runFor(2);
    expect(stranger.statuses).toMatchObject([{ state: 'down', error: { code: 'timeout', message: 'the other end did not say hello within 3000 ms (limits.linkTime)' } }]);
    expect(ended(greeter)).toBe(false);
  });

  it('linkHops: a message goes over so many links, and no further', () => {
    const network = createTestNetwork();
    const scopes = ['a', 'b', 'c', 'd'].map((name) => network.scope(name, { limits: { linkHops: 2 } }));
    for (const [i, scope] of scopes.slice(1).entries()) network.linked(scopes[i]!, scope);
    const observers = scopes.map((scope) => watch(scope.observe({ type: 'note', about: $ })));
    network.flush();
    scopes[0]!.send({ type: 'note', about: 'far' });
    network.flush();
    expect(observers.map((one) => one.seen())).toEqual([['msg far'], ['msg far'], ['msg far'], []]);
  });

  it('linkHops: who sends with a longer way is held to it', () => {
    const network = createTestNetwork();
    const [scope, next] = ['a', 'b'].map((name) => network.scope(name, { limits: { linkHops: 1 } })) as [ReturnType<typeof network.scope>, ReturnType<typeof network.scope>];
    network.linked(scope, next);
    const observers = [scope, next].map((one) => watch(one.observe({ type: 'note', about: $ })));
    network.flush();
    const stranger = network.stranger(scope);
    stranger.say(['msg', 1, ['far'], 1_000_000]);
    network.flush();
    expect(observers.map((one) => one.seen())).toEqual([['msg far'], []]);
  });
});

describe('limits of messageDepth', () => {
  const messageDepth = 20;
  const limits = { messageDepth };
  /** Of a value that stands in the field of a fact: above it are the message, the turn, the packet and the captures. */
  const DEEPEST = messageDepth - 4;

  it('a match that nests as deep as a message may passes, a deeper one ends the link', () => {
    const network = createTestNetwork();
    const scope = network.scope('scope', { limits });
    const notes = watch(scope.observe({ type: 'note', about: $ }));
    const stranger = network.stranger(scope);
    stranger.say(['add', 1, [nested(DEEPEST)]]);
    expect([ended(stranger), notes.seen().length]).toEqual([false, 1]);
    stranger.say(['add', 1, [nested(DEEPEST + 1)]]);
    expect(stranger.statuses.at(-1)).toMatchObject({ state: 'down', error: { code: 'malformed' } });
  });

  it.each<[string, (levels: number) => unknown, levels: number]>([
    ['captures', (levels) => Array.from({ length: levels }).reduce<unknown>((inner) => ['cap', inner], ['any']), messageDepth - 3 - 1],
    ['lists', (levels) => Array.from({ length: levels }).reduce<unknown>((inner) => ['arr', [inner]], ['any']), (messageDepth - 3 - 1) / 2],
    ['fields', (levels) => Array.from({ length: levels }).reduce<unknown>((inner) => ['obj', { a: inner }], ['any']), (messageDepth - 3 - 1) / 2],
    ['a constant', (levels) => ['is', nested(levels)], messageDepth - 3 - 1],
  ])('a pattern of %s', (_name, patternOf, most) => {
    const network = createTestNetwork();
    const stranger = network.stranger(network.scope('scope', { limits }));
    stranger.say(['assert', 1, patternOf(most)]);
    expect(ended(stranger)).toBe(false);
    stranger.say(['assert', 2, patternOf(most + 1)]);
    expect(stranger.statuses.at(-1)).toMatchObject({ state: 'down', error: { code: 'malformed' } });
  });

  it('what a scope takes from its own clients, any link can carry: values', () => {
    const network = createTestNetwork();
    const [a, b] = [network.scope('a', { limits }), network.scope('b', { limits })];
    const link = network.linked(a, b);
    const whole = watch(b.observe(capture({ type: 'note' }) as never));
    network.flush();
    a.assert({ type: 'note', about: nested(DEEPEST - 1) });
    network.flush();
    expect(whole.seen()).toHaveLength(1);
    expect(() => a.assert({ type: 'note', about: nested(DEEPEST) })).toThrow(BadValue);
    expect(() => { a.send({ type: 'note', about: nested(DEEPEST) }); }).toThrow(BadValue);
    expect(link.statuses.flat()).toHaveLength(2);
  });

  it('and patterns', () => {
    const network = createTestNetwork();
    const [a, b] = [network.scope('a', { limits }), network.scope('b', { limits })];
    const link = network.linked(a, b);
    const deep = (levels: number): Parameters<typeof a.observe>[0] => ({ type: 'note', about: Array.from({ length: levels }).reduce<unknown>((inner) => [inner], $) }) as never;
    // the pattern of a note takes two levels, each list two, the capture and what it captures two
    const most = Math.floor((messageDepth - 3 - 4) / 2);
    a.observe(deep(most)).subscribe();
    const facts: Fact['type'] = 'note';
    a.observe({ type: facts, about: exactly(nested(messageDepth - 3 - 3)) } as never).subscribe();
    network.flush();
    expect(link.statuses.flat()).toHaveLength(2);
    expect(() => a.observe(deep(most + 1))).toThrow(BadValue);
    expect(() => a.observe({ type: facts, about: exactly(nested(messageDepth - 3 - 2)) } as never)).toThrow(BadValue);
    expect(() => a.interest({ type: 'note', about: exactly(nested(messageDepth)) } as never)).toThrow(BadValue);
    expect(() => a.observe({ type: 'note', about: _ })).not.toThrow();
  });
});

describe('limits of a scope of a node', () => {
  it('scopeLinks: links that a node gives to others at a time; one more is told why, and a place that becomes free is given again', async () => {
    await using node = await createNode();
    const entry = openEntry(node, 2);
    const given: Channel[] = [];
    entry.links$.subscribe((channel) => given.push(channel));
    const asked: unknown[] = [];
    const ask = (): void => {
      linkTo(node, entry.port.id, { clock: node.clock, limits: defaultLimits }).subscribe({ error: (error: unknown) => asked.push(String(error)) });
    };
    for (let i = 0; i < 3; i++) ask();
    await new Promise(setImmediate);
    expect(given).toHaveLength(2);
    expect(asked).toHaveLength(1);
    expect(asked[0]).toContain('there are 2 links already (limits.scopeLinks)');
    given[0]?.close();
    await new Promise(setImmediate);
    ask();
    await new Promise(setImmediate);
    expect(given).toHaveLength(3);
  });
});
