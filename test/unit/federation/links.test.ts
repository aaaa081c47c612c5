import { beforeEach, describe, expect, it } from 'vitest';
import { of, throwError } from 'rxjs';
import { VirtualClock } from '../../../src/testing/index.js';
import { duplexPair } from '../../../src/transport/pair.js';
import { clockOf } from '../../../src/env/clock.js';
import { _, $, exactly } from '../../../src/federation/pattern.js';
import { federate, type LinkStatus } from '../../../src/federation/federate.js';
import type { Scope } from '../../../src/federation/scope-types.js';
import { createTestNetwork, watch, type Fact, type TestNetwork } from './network.js';

const says = (who: string, text: string): Fact => ({ type: 'says', who, text });
const note = (about: unknown): Fact => ({ type: 'note', about });
const texts = { type: 'says', who: _, text: $ } as const;
const notes = { type: 'note', about: $ } as const;

let network: TestNetwork;
let a: Scope<Fact>, b: Scope<Fact>, c: Scope<Fact>;
beforeEach(() => {
  network = createTestNetwork();
  [a, b, c] = ['a', 'b', 'c'].map((name) => network.scope(name)) as [typeof a, typeof a, typeof a];
});

describe('what goes over links', () => {
  it('a long turn is cut, so that what a new link is told of a large scope fits into messages', () => {
    const [large, small] = [network.scope('large', { limits: { databasePiece: 1_000 } }), network.scope('small')];
    for (let i = 0; i < 500; i++) large.assert(says('large', `text ${i}`));
    const seen: string[] = [];
    const sizes: number[] = [];
    small.turns(texts).subscribe((events) => {
      sizes.push(events.length);
      for (const { captures } of events) seen.push(captures.text);
    });
    network.linked(large, small);
    network.flush();
    expect(new Set(seen).size).toBe(500);
    expect(sizes.length).toBeGreaterThan(10);
    expect(Math.max(...sizes)).toBeLessThan(100);
  });

  it('a transaction is one message, and one turn at observers on the other side', () => {
    network.linked(a, b);
    network.linked(b, c);
    const turns: string[] = [];
    c.turns(texts).subscribe((events) => turns.push(events.map(({ kind, captures }) => `${kind} ${captures.text}`).join()));
    network.flush();
    let held = a.assert(says('a', 'old'));
    network.flush();
    a.transact(() => {
      held.unsubscribe();
      held = a.assert(says('a', 'new'));
      a.send(says('a', 'sent'));
    });
    network.flush();
    expect(turns).toEqual(['add old', 'del old,add new,msg sent']);
  });

  it('interest of others is interest', () => {
    network.linked(a, b);
    network.linked(b, c);
    const log: boolean[] = [];
    a.interest({ type: 'note' }).subscribe((isWanted) => log.push(isWanted));
    network.flush();
    const subscription = c.observe(notes).subscribe();
    network.flush();
    subscription.unsubscribe();
    network.flush();
    expect(log).toEqual([false, true, false]);
  });

  it('a match that is both here and there is one', () => {
    network.linked(a, b);
    const seen = watch(a.observe(texts));
    const [own, other] = [a.assert(says('a', 'x')), b.assert(says('a', 'x'))];
    network.flush();
    own.unsubscribe();
    network.flush();
    expect(seen.seen()).toEqual(['add x']);
    other.unsubscribe();
    network.flush();
    expect(seen.seen()).toEqual(['del x']);
  });

  it('inside a callback, too, a new observer is given at once what other scopes have told of', () => {
    network.linked(a, b);
    network.linked(b, c);
    a.assert(says('a', 'x'));
    c.observe(texts).subscribe();
    network.flush();
    const log: string[][] = [];
    b.observe(notes).subscribe(() => { log.push(watch(b.observe(texts)).seen()); });
    b.assert(note(1));
    expect(log).toEqual([['add x']]);
  });

  it('inspection tells who observes, where, and what matches', () => {
    network.linked(a, b);
    network.linked(b, c);
    a.observe(texts).subscribe();
    c.assert(says('c', 'x'));
    b.assert(says('b', 'x'));
    network.flush();
    const spec = ['obj', { type: ['is', 'says'], text: ['cap', ['any']] }];
    expect(b.inspect()).toEqual({
      links: [{ link: 1, peer: 'a' }, { link: 2, peer: 'c' }],
      subscriptions: [{ spec, holders: [1], subscribedAt: [0, 2], matches: [{ captures: ['x'], from: [0, 2] }] }],
      retired: 0,
      path: ['a', 'b'],
    });
    expect(a.inspect()).toMatchObject({ links: [{ link: 1, peer: 'b' }], path: ['a'] });
  });

  it('close() of a scope takes back over there what it has asserted, and ends its links', () => {
    const link = network.linked(a, b);
    const seen = watch(b.observe(texts));
    a.assert(says('a', 'x'));
    network.flush();
    a.close();
    network.flush();
    expect(seen.seen()).toEqual(['add x', 'del x']);
    expect(link.statuses[1]).toMatchObject([{ state: 'up', peer: 'a' }, { state: 'down', error: undefined }]);
    expect(b.inspect().links).toEqual([]);
  });

  it('unsubscribing from federate ends the link for both', () => {
    const { left, right } = duplexPair({ clock: clockOf(new VirtualClock()), addresses: ['left', 'right'] });
    const statuses: LinkStatus[] = [];
    const subscription = federate(a, of(left)).subscribe((status) => statuses.push(status));
    subscription.unsubscribe();
    expect([statuses, a.inspect().links, right.write('x')]).toEqual([[], [], true]);
  });
});

describe('settled', () => {
  it('waits for a chain of five, whatever the delays', async () => {
    const scopes = Array.from({ length: 5 }, (__, i) => network.scope(`s${i}`));
    const links = scopes.slice(1).map((scope, i) => network.linked(scopes[i]!, scope));
    const [first, last] = [scopes[0]!, scopes[4]!];
    // who hears of a text notes it down: that is caused at once
    last.observe(texts).subscribe(({ captures }) => { last.assert(note(captures.text)); });
    const near = watch(first.observe(notes));
    network.flush();
    first.assert(says('a', 'x'));
    let isSettled = false;
    const settled = first.settled().then(() => { isSettled = true; });
    // the farthest first, one message at a time, so that each waits as long as it can
    const ways = links.flatMap(({ there, back }) => [back, there]);
    const nextWay = () => ways.findLast(({ waiting }) => waiting.length > 0);
    for (let way = nextWay(); way !== undefined; way = nextWay()) {
      await Promise.resolve();
      expect(isSettled).toBe(false);
      way.deliver();
    }
    await settled;
    expect(near.seen()).toEqual(['add x']);
  });

  it('also what observers do in answer to the very turn that asks', async () => {
    network.linked(a, b);
    b.observe(texts).subscribe(({ captures }) => { b.assert(note(captures.text)); });
    network.flush();
    const near = watch(a.observe(notes));
    let settled = Promise.resolve();
    let seenThen: string[] = [];
    a.transact(() => {
      a.assert(says('a', 'x'));
      settled = a.settled().then(() => { seenThen = near.seen(); });
    });
    network.flush();
    await settled;
    expect(seenThen).toEqual(['add x']);
  });

  it('does not wait for who goes away meanwhile', async () => {
    const link = network.linked(a, b);
    network.linked(b, c);
    const settled = a.settled();
    link.there.deliver();
    link.drop();
    await expect(settled).resolves.toBeUndefined();
  });
});

describe('filters', () => {
  const linkWith = (near: NonNullable<Parameters<TestNetwork['link']>[2]>['filter'], far?: typeof near) => {
    const link = network.link(a, b, near && { filter: near }, far && { filter: far });
    network.flush();
    network.trace();
    return link;
  };
  const isNote = (spec: unknown): boolean => JSON.stringify(spec).includes('"note"');

  it.each([
    ['what this end asks for', { outgoing: { observe: (spec: unknown) => !isNote(spec) } }, undefined],
    ['what the other end may ask for', undefined, { incoming: { observe: (spec: unknown) => !isNote(spec) } }],
  ])('deny %s', (_name, near, far) => {
    const link = linkWith(near, far);
    const [denied, allowed] = [watch(a.observe(notes)), watch(a.observe(texts))];
    b.assert(note(1));
    b.assert(says('b', 'x'));
    network.flush();
    expect([denied.seen(), allowed.seen()]).toEqual([[], ['add x']]);
    denied.stop();
    network.flush();
    expect([a.inspect().retired, b.inspect().subscriptions.length, link.statuses.flat().length]).toEqual([0, 1, 2]);
    // and again: the id of the denied subscription has ended
    watch(a.observe(notes));
    network.flush();
    expect(link.statuses.flat()).toHaveLength(2);
  });

  it.each([
    ['what this end tells', undefined, { outgoing: { match: (_spec: unknown, captures: readonly unknown[]) => (captures[0] === 'secret' ? undefined : captures) } }],
    ['what the other end may tell', { incoming: { match: (_spec: unknown, captures: readonly unknown[]) => (captures[0] === 'secret' ? undefined : captures) } }, undefined],
  ])('deny %s, matches and messages', (_name, near, far) => {
    linkWith(near, far);
    const seen = watch(a.observe(texts));
    network.flush();
    const held = ['secret', 'open'].map((text) => b.assert(says('b', text)));
    for (const text of ['secret', 'open']) b.send(says('b', text));
    network.flush();
    for (const one of held) one.unsubscribe();
    network.flush();
    expect(seen.seen()).toEqual(['add open', 'msg open', 'del open']);
  });

  it.each(['incoming', 'outgoing'] as const)('rewrite, %s: what becomes the same comes once, and goes with the last', (direction) => {
    const filter = { [direction]: { match: (_spec: unknown, [text]: readonly unknown[]) => [String(text).toUpperCase()] } };
    if (direction === 'incoming') linkWith(filter);
    else linkWith(undefined, filter);
    const seen = watch(a.observe(texts));
    const [x, X, y] = ['x', 'X', 'y'].map((text) => b.assert(says('b', text)));
    network.flush();
    expect(seen.seen()).toEqual(['add X', 'add Y']);
    x!.unsubscribe();
    network.flush();
    y!.unsubscribe();
    network.flush();
    expect(seen.seen()).toEqual(['del Y']);
    X!.unsubscribe();
    b.send(says('b', 'z'));
    network.flush();
    expect(seen.seen()).toEqual(['del X', 'msg Z']);
  });

  it('what was rewritten is frozen, and a link behind sees only that', () => {
    linkWith({ incoming: { match: () => [{ list: [1] }] } });
    network.linked(a, c);
    const seen: { about: unknown }[] = [];
    c.observe(notes).subscribe(({ captures }) => seen.push(captures));
    a.observe(notes).subscribe(({ captures }) => {
      expect(Object.isFrozen((captures.about as { list: unknown }).list)).toBe(true);
      seen.push(captures);
    });
    b.assert(note('raw'));
    network.flush();
    expect(seen).toEqual([{ about: { list: [1] } }, { about: { list: [1] } }]);
  });

  it.each([
    ['observe, asked', { outgoing: { observe: () => { throw new Error('on purpose'); } } }, undefined, 'filter'],
    ['observe, asked by the other end', undefined, { incoming: { observe: () => { throw new Error('on purpose'); } } }, 'refused'],
    ['match, told', undefined, { outgoing: { match: () => { throw new Error('on purpose'); } } }, 'refused'],
    ['match, told by the other end', { incoming: { match: () => { throw new Error('on purpose'); } } }, undefined, 'filter'],
    ['a match of another size', { incoming: { match: () => [1, 2] } }, undefined, 'filter'],
    ['a match of another size, told', undefined, { outgoing: { match: () => [] } }, 'refused'],
  ])('one that fails ends its link, and nothing else: %s', (_name, near, far, code) => {
    network.linked(a, c);
    const link = linkWith(near, far);
    const seen = watch(a.observe(texts));
    network.flush();
    b.assert(says('b', 'x'));
    c.assert(says('c', 'y'));
    network.flush();
    expect(link.statuses[0].at(-1)).toMatchObject({ state: 'down', error: { code } });
    expect(seen.seen()).toEqual(['add y']);
  });

  it('nothing gets past a filter by being said twice, or unasked', () => {
    const shout = { incoming: { match: (_spec: unknown, [text]: readonly unknown[]) => (text === 'secret' ? undefined : [String(text).toUpperCase()]) } };
    for (const [text, code] of [['x', 'duplicate'], ['secret', 'duplicate']] as const) {
      const scope = network.scope(`scope ${text}`);
      const seen = watch(scope.observe(texts));
      const stranger = network.stranger(scope, { filter: shout });
      stranger.say(['add', 1, [text]], ['add', 1, [text]]);
      expect(stranger.statuses.at(-1)).toMatchObject({ state: 'down', error: { code } });
      expect(seen.seen()).toEqual(text === 'x' ? ['add X', 'del X'] : []);
    }
    const unasked = network.stranger(a, { filter: { outgoing: { observe: () => false } } });
    const seen = watch(a.observe(texts));
    unasked.say(['add', 1, ['x']]);
    expect(unasked.statuses.at(-1)).toMatchObject({ state: 'down', error: { code: 'unknown' } });
    expect(seen.seen()).toEqual([]);
    const gone = network.stranger(b, { filter: shout });
    b.observe(texts).subscribe();
    gone.say(['del', 1, ['x']]);
    expect(gone.statuses.at(-1)).toMatchObject({ state: 'down', error: { code: 'unknown' } });
  });
});

describe('links over a duplex', () => {
  const pair = () => {
    const clock = new VirtualClock();
    const { left, right, cut } = duplexPair({ clock: clockOf(clock), addresses: ['left', 'right'] });
    const statuses: [LinkStatus[], LinkStatus[]] = [[], []];
    return { clock, left, right, cut, statuses };
  };

  it('carry what scopes hold, as deep as it may be', () => {
    const { clock, left, right, statuses } = pair();
    federate(a, of(left), { clock: clockOf(clock) }).subscribe((status) => statuses[0].push(status));
    federate(b, of(right), { clock: clockOf(clock) }).subscribe((status) => statuses[1].push(status));
    clock.runFor(10);
    expect(statuses).toMatchObject([[{ state: 'up', peer: 'b' }], [{ state: 'up', peer: 'a' }]]);
    const nested = (levels: number): unknown => Array.from({ length: levels }).reduce<unknown>((inner) => [inner], 'é😀');
    const seen = watch(b.observe({ type: 'note', about: $ }));
    b.observe({ type: 'note', about: exactly(nested(500)) } as never).subscribe();
    b.observe({ type: 'note', about: Array.from({ length: 250 }).reduce<unknown>((inner) => [inner], $) } as never).subscribe();
    a.assert(note(nested(507)));
    clock.runFor(10);
    expect([seen.seen().length, statuses.flat().length]).toEqual([1, 2]);
  });

  it('tell the other end why, before they are closed', () => {
    const { clock, left, right, statuses } = pair();
    federate(a, of(left), { clock: clockOf(clock) }).subscribe((status) => statuses[0].push(status));
    right.incoming$.subscribe((chunk) => { heard += typeof chunk === 'string' ? chunk : new TextDecoder().decode(chunk); });
    let heard = '';
    right.write('["",["hello",2,"right",[0,0,["right"]]]]\n["",["clear",9]]\n');
    clock.runFor(10);
    expect(heard).toContain('["err","unknown","cleared the id 9, which is not in use"]');
    expect(statuses[0]).toMatchObject([{ state: 'up' }, { state: 'down', error: { code: 'unknown' } }]);
  });

  it.each([['no JSON', 'hello\n'], ['no list', '{}\n'], ['a port', '[7]\n'], ['too deep', `${'['.repeat(600)}\n`]])('end with an error of the framing: %s', (_name, text) => {
    const { clock, left, right, statuses } = pair();
    federate(a, of(left), { clock: clockOf(clock) }).subscribe((status) => statuses[0].push(status));
    right.write(text);
    clock.runFor(10);
    expect(statuses[0]).toMatchObject([{ state: 'down', error: { code: 'PROTOCOL_ERROR' } }]);
  });

  it.each([
    ['a turn that is too long', { messageSize: 1_000 }, 'x'.repeat(1_000), 'MESSAGE_TOO_LARGE'],
    ['more than may wait', { queueSize: 100 }, 'x'.repeat(100), 'MESSAGE_TOO_LARGE'],
  ])('%s ends them, and is in the status', (_name, limits, text, code) => {
    const { clock, left, right, statuses } = pair();
    federate(a, of(left), { clock: clockOf(clock), limits }).subscribe((status) => statuses[0].push(status));
    federate(b, of(right), { clock: clockOf(clock) }).subscribe((status) => statuses[1].push(status));
    b.observe(texts).subscribe();
    clock.runFor(10);
    a.assert(says('a', text));
    clock.runFor(10);
    expect(statuses[0].at(-1)).toMatchObject({ state: 'down', error: { code } });
    expect(statuses[1].at(-1)).toMatchObject({ state: 'down' });
    expect(a.inspect().links).toEqual([]);
  });

  it('a broken one is in the status; observers see only what goes', () => {
    const { clock, left, right, cut, statuses } = pair();
    federate(a, of(left), { clock: clockOf(clock) }).subscribe((status) => statuses[0].push(status));
    federate(b, of(right), { clock: clockOf(clock) }).subscribe((status) => statuses[1].push(status));
    const seen = watch(a.observe(texts));
    b.assert(says('b', 'x'));
    clock.runFor(10);
    cut('the cable');
    clock.runFor(10);
    expect(seen.seen()).toEqual(['add x', 'del x']);
    expect(statuses.map(([, down]) => down)).toMatchObject([{ state: 'down', error: { code: 'TRANSPORT_ERROR' } }, { state: 'down', error: { code: 'TRANSPORT_ERROR' } }]);
  });

  it('one that is broken from the start says so', () => {
    const statuses: LinkStatus[] = [];
    const broken = { incoming$: throwError(() => new Error('gone already')), send: () => undefined, close: () => undefined };
    federate(a, of(broken)).subscribe((status) => statuses.push(status));
    expect(statuses).toMatchObject([{ state: 'down', error: { message: 'gone already' } }]);
  });

  it('one that can not send ends, and nothing is thrown at who asserts', () => {
    network.linked(a, b);
    const statuses: LinkStatus[] = [];
    const stranger = network.stranger(a);
    const seen = watch(b.observe(texts));
    network.flush();
    const mute = { incoming$: of([['hello', 2, 'mute', [0, 0, ['mute']]], ['assert', 1, ['any']]]), send: () => { throw new RangeError('too long'); }, close: () => undefined };
    federate(a, of(mute)).subscribe((status) => statuses.push(status));
    a.assert(says('a', 'x'));
    network.flush();
    expect(statuses.at(-1)).toMatchObject({ state: 'down', error: { message: 'too long' } });
    expect([seen.seen(), stranger.statuses.length]).toEqual([['add x'], 1]);
  });
});
