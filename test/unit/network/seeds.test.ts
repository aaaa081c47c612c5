import { AsyncSubject, defer, finalize, NEVER, Observable, of, Subject, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { recordedLog } from '../../../marbles/world.js';
import { defaultLimits, type Limits } from '../../../src/env/limits.js';
import type { Awake } from '../../../src/network/life/life.js';
import { createSeeds } from '../../../src/network/seeds.js';
import { VirtualClock } from '../../../src/testing/index.js';
import { parseAddress, type Address } from '../../../src/transport/address.js';
import { ConnectionFailed } from '../../../src/transport/authenticate.js';
import type { Link, LinkEnd } from '../../../src/transport/link.js';
import { always } from './searcher.js';

const broken = throwError(() => new Error('broken'));
const self = throwError(() => new ConnectionFailed('myself', 'me', 'self'));
const failure = (text: string, code?: 'connected' | 'duplicate', peer?: string): Observable<never> => throwError(() => new ConnectionFailed(text, peer, code));

/** Seeds on a network that does as it is told: an address without an outcome hangs. What begins with `name` is a name. */
function house(addresses: readonly string[], { monitorTimeout = 5_000, limits = {}, chance = 0 }: { readonly monitorTimeout?: number; readonly limits?: Partial<Limits>; readonly chance?: number } = {}) {
  const clock = new VirtualClock();
  const log = recordedLog();
  const dialed: [time: number, host: string][] = [];
  const looked: number[] = [];
  const reached: string[] = [];
  const selves: string[] = [];
  const up = new Map<string, Link>();
  const ends = new Map<string, () => void>();
  const counts = { identified: 0, aborted: 0 };
  const hosts = new Map<string, Observable<Link>>();
  const awake$ = new Subject<Awake>();
  const state: { names: Observable<readonly string[]>; onReached?: () => void; onDial?: () => void } = { names: of([]) };
  const seeds = createSeeds(addresses.map((host) => parseAddress(`memory://${host}`)), {
    env: { clock, log, random: always(chance), limits: { ...defaultLimits, ...limits } },
    monitorTimeout,
    dial: ({ host }) => defer(() => {
      dialed.push([clock.now(), host]);
      state.onDial?.();
      return hosts.get(host) ?? NEVER.pipe(finalize(() => counts.aborted++));
    }),
    resolve: ({ host }): Observable<readonly Address[]> | undefined =>
      host.startsWith('name')
        ? new Observable((subscriber) => {
            looked.push(clock.now());
            return state.names.subscribe({
              next: (found) => { subscriber.next(found.map((each) => parseAddress(`memory://${each}`))); },
              error: (error: unknown) => { subscriber.error(error); },
            });
          })
        : undefined,
    linkTo: (node) => up.get(node),
    reached: (node) => {
      reached.push(node);
      state.onReached?.();
    },
    identified: () => { counts.identified++; },
    selfSeed: (seed) => { selves.push(seed); },
    stirred: () => undefined,
    awake$,
  });
  /** A connection with a node, which `ends` ends. */
  const linkTo = (node: string): Link => {
    const closed$ = new AsyncSubject<LinkEnd>();
    const link = { node, closed$ } as Partial<Link> as Link;
    up.set(node, link);
    ends.set(node, () => {
      up.delete(node);
      closed$.next({ reason: 'gone', fault: false });
      closed$.complete();
    });
    return link;
  };
  return {
    seeds, clock, log, awake$, dialed, looked, reached, selves, hosts, up, counts, state, linkTo,
    names: (...found: readonly string[]) => { state.names = of(found); },
    works: (host: string, node = host) => { hosts.set(host, defer(() => of(linkTo(node)))); },
    end: (node: string) => ends.get(node)?.(),
    /** When a host was dialed. */
    timesOf: (host: string) => dialed.flatMap(([time, each]) => (each === host ? time : [])),
    /** Who was dialed since the last time somebody asked. */
    since: () => dialed.splice(0).map(([, host]) => host).sort(),
    said: () => log.lines.splice(0),
  };
}

describe('S21: a seed', () => {
  it.each([
    [0, [0, 600, 1_800, 4_200, 9_000, 14_000, 19_000]],
    [128, [0, 901, 2_704, 6_308, 11_308, 16_308]],
  ])('is tried at once, then after (1 + chance) × 600 ms, doubling up to monitorTimeout: chance %i/256', (chance, times) => {
    const { seeds, clock, hosts, timesOf } = house(['a'], { chance });
    hosts.set('a', broken);
    seeds.start();
    clock.runFor(20_000);
    expect(timesOf('a').map(Math.round)).toEqual(times);
    seeds.close();
    expect(clock.pending).toBe(0);
  });

  it('that was connected is tried again after the shortest pause, however long the pauses were before', () => {
    const { seeds, clock, hosts, works, end, timesOf, reached } = house(['a']);
    hosts.set('a', broken);
    seeds.start();
    clock.runFor(9_500);
    works('a');
    clock.runFor(4_500);
    expect([timesOf('a').at(-1), reached, clock.pending]).toEqual([14_000, ['a'], 0]);
    hosts.set('a', broken);
    end('a');
    clock.runFor(6_000);
    expect(timesOf('a').slice(-3)).toEqual([14_600, 15_800, 18_200]);
  });

  it('that others have connected meanwhile is not dialed, and is once that connection ends', () => {
    const { seeds, clock, works, end, linkTo, timesOf, reached, hosts } = house(['a']);
    works('a', 'node');
    seeds.start();
    end('node');
    linkTo('node');
    clock.runFor(20_000);
    expect([timesOf('a'), reached, clock.pending]).toEqual([[0], ['node', 'node'], 0]);
    hosts.set('a', broken);
    end('node');
    clock.runFor(600);
    expect(timesOf('a')).toEqual([0, 20_600]);
  });

  it('where another connection of this node is let in is known by that, and is nothing to worry about', () => {
    const { seeds, clock, hosts, linkTo, reached, said } = house(['a']);
    hosts.set('a', failure('connected already', 'connected', 'node'));
    seeds.start();
    expect([seeds.nodes(), seeds.mayReach('node'), seeds.mayReach('other')]).toEqual([['node'], true, false]);
    linkTo('node');
    clock.runFor(600);
    expect([reached, said()]).toEqual([['node'], ['info seed memory://a is not connected: connected already']]);
  });

  it('says once why it is not connected, and again when the reason changes or it was connected meanwhile', () => {
    const { seeds, clock, hosts, works, end, said } = house(['a'], { monitorTimeout: 600 });
    hosts.set('a', broken);
    seeds.start();
    clock.runFor(600);
    expect(said()).toEqual(['warn seed memory://a is not connected: broken', 'debug seed memory://a is not connected: broken']);
    hosts.set('a', failure('two of them', 'duplicate'));
    clock.runFor(600);
    expect(said()).toEqual(['error seed memory://a is not connected: two of them']);
    works('a');
    clock.runFor(600);
    hosts.set('a', failure('two of them', 'duplicate'));
    end('a');
    clock.runFor(600);
    expect(said()).toEqual(['error seed memory://a is not connected: two of them']);
  });

  it('that is this node is told, and rests', () => {
    const { seeds, clock, hosts, timesOf, selves, counts } = house(['a']);
    hosts.set('a', self);
    expect([seeds.size, seeds.mayReach('x')]).toEqual([1, true]);
    seeds.start();
    clock.runFor(20_000);
    expect([timesOf('a'), selves, counts.identified, seeds.size, seeds.mayReach('x'), clock.pending]).toEqual([[0], ['memory://a'], 1, 0, false, 0]);
  });

  it('tells each time that something of it has changed', () => {
    const { seeds, clock, hosts, works, end, counts } = house(['a']);
    hosts.set('a', broken);
    seeds.start();
    expect(counts.identified).toBe(1);
    works('a');
    clock.runFor(600);
    expect(counts.identified).toBe(2);
    end('a');
    expect(counts.identified).toBe(3);
  });
});

describe('S19: a seed that may be the node that somebody wants', () => {
  it('is tried at once when it pauses, and not twice', () => {
    const { seeds, clock, hosts, timesOf } = house(['a']);
    hosts.set('a', broken);
    seeds.start();
    clock.runFor(100);
    hosts.delete('a');
    seeds.hurry('x');
    seeds.hurry('x');
    expect([timesOf('a'), clock.pending]).toEqual([[0, 100], 0]);
    clock.runFor(20_000);
    expect(timesOf('a')).toEqual([0, 100]);
  });

  it('is left alone while it is tried after a pause, and while it is connected', () => {
    const { seeds, clock, hosts, works, timesOf, counts } = house(['a', 'b']);
    hosts.set('a', broken);
    works('b');
    seeds.start();
    hosts.delete('a');
    clock.runFor(1_000);
    seeds.hurry('x');
    seeds.hurry('b');
    expect([timesOf('a'), timesOf('b'), counts.aborted]).toEqual([[0, 600], [0], 0]);
  });

  it('is tried also when it was that node before, and not when it was another', () => {
    const { seeds, clock, hosts, works, end, since } = house(['a', 'b']);
    works('a');
    works('b');
    seeds.start();
    for (const host of ['a', 'b']) {
      hosts.delete(host);
      end(host);
    }
    since();
    seeds.hurry('a');
    expect(since()).toEqual(['a']);
    seeds.hurry('x');
    expect(since()).toEqual([]);
    expect(['a', 'b', 'x'].map(seeds.mayReach)).toEqual([true, true, false]);
    clock.runFor(600);
    expect(since()).toEqual(['b']);
  });
});

describe('V12: seeds, when the platform says that it is awake', () => {
  it('try at once, and then after short pauses again; it is asked while one pauses or is tried', () => {
    const { seeds, clock, hosts, awake$, dialed, works, end, timesOf } = house(['one']);
    expect(awake$.observed).toBe(false);
    hosts.set('one', failure('nobody is there'));
    seeds.start();
    expect(awake$.observed).toBe(true);
    clock.runFor(20_000);
    dialed.splice(0);
    const now = clock.now();
    awake$.next('dial');
    awake$.next('dial');
    expect(timesOf('one')).toEqual([now, now]);
    clock.runFor(2_000);
    expect(timesOf('one').slice(2)).toEqual([now + 600, now + 600 + 1_200]);
    works('one');
    awake$.next('dial');
    expect(awake$.observed, 'connected').toBe(false);
    end('one');
    expect(awake$.observed).toBe(true);
    hosts.set('one', NEVER);
    dialed.splice(0);
    awake$.next('dial');
    expect([awake$.observed, dialed.length], 'being tried').toEqual([true, 1]);
    seeds.close();
    expect(awake$.observed, 'closed').toBe(false);
  });

  it('that are being tried go on with that, unless the world is another one now (A3)', () => {
    const { seeds, clock, hosts, awake$, dialed, counts, works, reached } = house(['one']);
    hosts.set('one', NEVER.pipe(finalize(() => counts.aborted++)));
    seeds.start();
    clock.runFor(5_000);
    awake$.next('dial');
    expect([dialed.length, counts.aborted]).toEqual([1, 0]);
    works('one');
    awake$.next('redial');
    expect([dialed.length, counts.aborted, reached]).toEqual([2, 1, ['one']]);
    expect(awake$.observed, 'connected').toBe(false);
    seeds.close();
  });

  it('a name is looked up at once, but not while one of its addresses is connected', () => {
    const { seeds, clock, hosts, state, looked, awake$, names, works, end } = house(['name']);
    state.names = throwError(() => new Error('unknown'));
    seeds.start();
    clock.runFor(20_000);
    looked.splice(0);
    names('one');
    works('one');
    awake$.next('dial');
    awake$.next('dial');
    expect(looked).toEqual([clock.now()]);
    clock.runFor(1_000);
    expect(awake$.observed, 'all is well').toBe(false);
    looked.splice(0);
    hosts.set('one', NEVER);
    end('one');
    awake$.next('dial');
    expect(looked).toEqual([clock.now()]);
    seeds.close();
    expect([awake$.observed, clock.pending]).toEqual([false, 0]);
  });
});

describe('seeds that are closed', () => {
  it.each(['tried', 'pausing', 'connected'])('are not tried again: %s', (how) => {
    const { seeds, clock, hosts, works, end, since, counts } = house(['a']);
    if (how === 'pausing') hosts.set('a', broken);
    if (how === 'connected') works('a');
    seeds.start();
    seeds.close();
    seeds.start();
    seeds.hurry('a');
    const told = counts.identified;
    end('a');
    clock.runFor(20_000);
    expect(counts.identified).toBe(told);
    expect([since(), seeds.size, clock.pending, counts.aborted]).toEqual([['a'], 0, 0, how === 'tried' ? 1 : 0]);
  });

  it.each(['a', 'name'])('by what their own attempt brings about, are so too: %s', (seed) => {
    for (const outcome of [broken, NEVER, undefined]) {
      const made = house([seed]);
      made.works('a');
      if (outcome !== undefined) made.hosts.set('a', outcome);
      made.names('a', 'b');
      made.state.onDial = made.seeds.close;
      made.seeds.start();
      made.end('a');
      made.clock.runFor(60_000);
      expect([made.since(), made.clock.pending]).toEqual([['a'], 0]);
    }
  });

  it.each(['a', 'name'])('by the news that they are connected, are so too: %s', (seed) => {
    const { seeds, clock, works, names, state, end, since } = house([seed]);
    works('a');
    works('b');
    names('a', 'b');
    state.onReached = seeds.close;
    seeds.start();
    end('a');
    clock.runFor(60_000);
    expect([since(), clock.pending]).toEqual([['a'], 0]);
  });

  it.each([of([]), of(['a']), broken])('while their name is looked up, are so too', (outcome) => {
    const { seeds, clock, state, looked, since } = house(['name']);
    state.names = defer(() => {
      seeds.close();
      return outcome;
    });
    seeds.start();
    clock.runFor(60_000);
    expect([looked, since(), clock.pending]).toEqual([[0], [], 0]);
  });

  it('of a name, end its look-up', () => {
    const { seeds, state } = house(['name']);
    let ended = 0;
    state.names = NEVER.pipe(finalize(() => ended++));
    seeds.start();
    seeds.close();
    expect(ended).toBe(1);
  });

  it.each([[of(['a']), ['a']], [NEVER, []]])('of a name, are not looked up again', (outcome, dials) => {
    const { seeds, clock, state, looked, since } = house(['name']);
    state.names = outcome;
    seeds.start();
    seeds.close();
    clock.runFor(60_000);
    expect([looked, since(), clock.pending]).toEqual([[0], dials, 0]);
  });
});

describe('S21: a name', () => {
  it('is looked up after pauses that double up to limits.nameTime while nobody is connected', () => {
    const { seeds, clock, names, looked } = house(['name'], { limits: { nameTime: 5_000 } });
    names('a', 'b');
    seeds.start();
    clock.runFor(20_000);
    expect(looked).toEqual([0, 600, 1_800, 4_200, 9_000, 14_000, 19_000]);
  });

  it.each([['fails', broken], ['finds nothing', of([])]])('is looked up after the same pauses when that %s', (_how, outcome) => {
    const { seeds, clock, state, looked } = house(['name'], { limits: { nameTime: 5_000 } });
    state.names = outcome;
    seeds.start();
    clock.runFor(20_000);
    expect(looked).toEqual([0, 600, 1_800, 4_200, 9_000, 14_000, 19_000]);
  });

  it('is looked up every limits.nameTime while somebody is connected, and soon after nobody is any more, as if it were the first time', () => {
    const { seeds, clock, names, works, end, hosts, looked } = house(['name'], { limits: { nameTime: 10_000 } });
    names('a', 'b');
    hosts.set('b', broken);
    seeds.start();
    clock.runFor(5_000);
    expect(looked.splice(0)).toEqual([0, 600, 1_800, 4_200]);
    works('b');
    // b is connected at 9000, right after a look-up, whose pause goes on
    clock.runFor(30_000);
    expect(looked.splice(0)).toEqual([9_000, 18_600, 28_600]);
    hosts.set('b', broken);
    end('b');
    clock.runFor(5_000);
    expect(looked.splice(0)).toEqual([35_600, 36_800, 39_200]);
  });

  it('is looked up soon after a connection that was lost before the next look-up, as if it were the first time', () => {
    const { seeds, clock, names, works, end, hosts, looked } = house(['name'], { limits: { nameTime: 10_000 } });
    names('a');
    hosts.set('a', broken);
    seeds.start();
    clock.runFor(5_000);
    works('a');
    seeds.hurry('a');
    clock.runFor(1_000);
    hosts.set('a', broken);
    end('a');
    clock.runFor(2_000);
    expect(looked).toEqual([0, 600, 1_800, 4_200, 6_600, 7_800]);
  });

  it('is not looked up later because one of its addresses fails again and again', () => {
    const { seeds, clock, names, hosts, looked } = house(['name'], { monitorTimeout: 600, limits: { nameTime: 5_000 } });
    names('a');
    hosts.set('a', broken);
    seeds.start();
    clock.runFor(9_500);
    expect(looked).toEqual([0, 600, 1_800, 4_200, 9_000]);
  });

  it('that loses one of two connections waits as before', () => {
    const { seeds, clock, names, works, hosts, end, looked } = house(['name'], { limits: { nameTime: 10_000 } });
    names('a', 'b');
    works('a');
    works('b');
    seeds.start();
    clock.runFor(10_000);
    hosts.set('a', broken);
    end('a');
    clock.runFor(10_000);
    expect(looked).toEqual([0, 600, 10_600]);
  });

  it('that is looked up when it loses its connection is not looked up twice at a time', () => {
    const { seeds, clock, names, works, state, hosts, end, looked } = house(['name'], { limits: { nameTime: 10_000 } });
    names('a');
    works('a');
    seeds.start();
    state.names = NEVER;
    // the first pause was set before the connection was there
    clock.runFor(700);
    hosts.set('a', broken);
    end('a');
    seeds.hurry('a');
    clock.runFor(30_000);
    expect(looked).toEqual([0, 600]);
  });

  it('has each address as a seed, once; those that are gone are dropped when they are not connected', () => {
    const { seeds, clock, names, works, hosts, end, since, counts } = house(['name'], { limits: { nameTime: 600 } });
    names('a', 'b', 'c');
    works('a');
    seeds.start();
    expect(since()).toEqual(['a', 'b', 'c']);
    clock.runFor(600);
    expect([since(), counts.aborted]).toEqual([[], 0]);
    names('c', 'd');
    clock.runFor(600);
    expect([since(), counts.aborted]).toEqual([['d'], 1]);
    expect(seeds.nodes()).toEqual(['a']);
    hosts.set('a', broken);
    end('a');
    expect(seeds.nodes()).toEqual([]);
    clock.runFor(20_000);
    expect([since(), counts.aborted]).toEqual([[], 1]);
  });

  it('tells each time that it was looked up, since who waits may have to be told', () => {
    const { seeds, clock, names, counts } = house(['name']);
    names('a');
    seeds.start();
    expect(counts.identified).toBe(1);
    clock.runFor(600);
    expect(counts.identified).toBe(2);
  });

  it('tells when one of its addresses is connected, fails, is lost, or is this node', () => {
    const { seeds, clock, names, works, hosts, end, counts } = house(['name'], { limits: { nameTime: 1_000_000 } });
    names('a');
    works('a');
    seeds.start();
    const first = counts.identified;
    expect(first).toBeGreaterThan(1);
    hosts.set('a', broken);
    end('a');
    expect(counts.identified).toBe(first + 1);
    clock.runUntil(1_199);
    const [looked, before] = [counts.identified, first + 1];
    expect(looked).toBeGreaterThan(before);
    hosts.set('a', self);
    seeds.hurry('a');
    expect(counts.identified).toBe(looked + 1);
  });

  it('that leads to this node: that is told once, and again when the address was gone meanwhile', () => {
    const { seeds, clock, names, works, hosts, selves, since } = house(['name'], { limits: { nameTime: 600 } });
    names('a', 'b');
    hosts.set('a', self);
    seeds.start();
    clock.runFor(1_200);
    // nobody is connected, so it is looked at each time
    expect([selves.splice(0), since()]).toEqual([['memory://name (memory://a)'], ['a', 'a', 'a', 'b']]);
    names('a', 'c');
    works('c');
    clock.runFor(600);
    expect([selves.splice(0), since()]).toEqual([[], ['a', 'c']]);
    clock.runFor(6_000);
    expect([selves, since()]).toEqual([[], []]);
    names('c');
    clock.runFor(600);
    names('a', 'c');
    clock.runFor(600);
    expect([selves, since()]).toEqual([['memory://name (memory://a)'], ['a']]);
  });

  it('with more addresses than limits.nameAddresses: those that are known stay, this node too, whatever the order', () => {
    const { seeds, clock, names, works, hosts, since, said } = house(['name'], { limits: { nameTime: 600, nameAddresses: 3 } });
    names('a', 'b', 'me');
    works('a');
    hosts.set('me', self);
    seeds.start();
    expect([since(), said()]).toEqual([['a', 'b', 'me'], []]);
    names('c', 'd', 'me', 'b', 'a');
    clock.runFor(600);
    expect(said()).toEqual(['warn seed memory://name: name has 5 addresses: those beyond limits.nameAddresses (3) are left out']);
    clock.runFor(600);
    expect([since(), said()]).toEqual([[], ['debug seed memory://name: name has 5 addresses: those beyond limits.nameAddresses (3) are left out']]);
    names('c', 'd', 'b', 'a');
    clock.runFor(600);
    expect(since()).toEqual(['c']);
  });

  it('says once what is wrong with it, and again when it was well meanwhile', () => {
    const { seeds, clock, state, names, said } = house(['name'], { limits: { nameTime: 600 } });
    seeds.start();
    clock.runFor(600);
    expect(said()).toEqual(['warn seed memory://name: name has no addresses', 'debug seed memory://name: name has no addresses']);
    names('a');
    clock.runFor(600);
    expect(said()).toEqual([]);
    names();
    clock.runFor(600);
    expect(said()).toEqual(['warn seed memory://name: name has no addresses']);
    state.names = broken;
    clock.runFor(600);
    expect(said()).toEqual(['warn seed memory://name: broken']);
  });

  it('none of whose addresses is connected: one line says so when each has failed, and again after a connection', () => {
    const { seeds, names, works, hosts, end, said, clock } = house(['name'], { monitorTimeout: 600, limits: { nameTime: 1_000_000 } });
    const warnings = (): string[] => {
      clock.runFor(2_000);
      return said().filter((line) => line.startsWith('warn'));
    };
    const none = 'warn seed memory://name: none of its addresses is connected: memory://a: broken; memory://b: broken';
    names('a', 'b');
    for (const host of ['a', 'b']) hosts.set(host, broken);
    seeds.start();
    expect(warnings()).toEqual([none]);
    works('a');
    expect(warnings()).toEqual([]);
    hosts.set('a', broken);
    end('a');
    expect(warnings()).toEqual([none]);
  });

  it('one of whose addresses has not failed yet: nothing is said', () => {
    const { seeds, names, hosts, said, clock } = house(['name']);
    names('a', 'b');
    hosts.set('a', broken);
    seeds.start();
    clock.runFor(20_000);
    expect(said().filter((line) => line.startsWith('warn'))).toEqual([]);
  });

  it.each([
    ['one address that fails: a warning', ['a'], broken, 'warn'],
    ['one of two: none', ['a', 'b'], broken, 'debug'],
    ['a stranger: a warning, also of two', ['a', 'b'], failure('wrong secret'), 'warn'],
    ['a node with the id of another: an error', ['a', 'b'], failure('two of them', 'duplicate'), 'error'],
    ['one that is connected already: none', ['a', 'b'], failure('connected already', 'connected', 'a'), 'debug'],
    ['one that is connected already, alone: no warning', ['a'], failure('connected already', 'connected', 'a'), 'info'],
  ])('with %s', (_what, found, outcome, level) => {
    const { seeds, names, hosts, said } = house(['name']);
    names(...found);
    hosts.set('a', outcome);
    seeds.start();
    expect(said()).toEqual([expect.stringMatching(new RegExp(`^${level} seed memory://name \\(memory://a\\) is not connected: `))]);
  });
});

describe('S19: a name that may lead to the node that somebody wants', () => {
  const mayReach = (prepare: (made: ReturnType<typeof house>) => void): readonly boolean[] => {
    const made = house(['name']);
    prepare(made);
    made.seeds.start();
    return ['a', 'x'].map(made.seeds.mayReach);
  };

  it.each<[string, (made: ReturnType<typeof house>) => void, boolean, boolean]>([
    ['before it has answered', ({ state }) => { state.names = NEVER; }, true, true],
    ['while it has no addresses', ({ names }) => { names(); }, true, true],
    ['while its addresses do not answer', ({ names }) => { names('a', 'b'); }, true, true],
    ['while none of its addresses is connected, also if all have failed', ({ names, hosts }) => { names('b'); hosts.set('b', broken); }, true, true],
    ['when one is known: it, and those that have not failed yet', ({ names, works }) => { names('a', 'b'); works('a'); }, true, true],
    ['when one is known and all others have failed: only that one', ({ names, works, hosts }) => { names('a', 'b'); works('a'); hosts.set('b', broken); }, true, false],
    ['when all are known', ({ names, works }) => { names('a', 'b'); works('a'); works('b'); }, true, false],
    ['when all that it has is this node: nobody', ({ names, hosts }) => { names('b'); hosts.set('b', self); }, false, false],
    ['when it is this node, and another address has not answered', ({ names, hosts }) => { names('b', 'c'); hosts.set('b', self); }, true, true],
  ])('%s', (_when, prepare, a, x) => {
    expect(mayReach(prepare)).toEqual([a, x]);
  });

  it('is looked up at once when it pauses and nothing is known of it, once', () => {
    const { seeds, clock, names, state, looked } = house(['name']);
    names();
    seeds.start();
    clock.runFor(100);
    state.names = NEVER;
    seeds.hurry('x');
    seeds.hurry('x');
    clock.runFor(20_000);
    expect([looked, clock.pending]).toEqual([[0, 100], 0]);
  });

  it.each(['an address', 'itself'])('is not when %s is known', (known) => {
    const { seeds, names, hosts, looked } = house(['name']);
    names('a');
    if (known === 'itself') hosts.set('a', self);
    seeds.start();
    seeds.hurry('x');
    expect(looked).toEqual([0]);
  });

  it('has those addresses tried at once that may be it', () => {
    const { seeds, clock, names, works, hosts, end, since } = house(['name'], { limits: { nameTime: 1_000_000 } });
    names('a', 'b', 'c', 'd');
    works('a');
    works('b');
    hosts.set('c', broken);
    seeds.start();
    for (const host of ['a', 'b']) {
      end(host);
      hosts.set(host, broken);
    }
    clock.runFor(0);
    since();
    seeds.hurry('b');
    expect(since()).toEqual(['b', 'c']);
    seeds.hurry('x');
    expect(since()).toEqual(['c']);
  });
});

it('seeds together may be whom one of them may be, and have their ids in order, each once', () => {
  const { seeds, works } = house(['a', 'b', 'again']);
  works('a');
  works('b');
  works('again', 'a');
  expect([seeds.size, seeds.nodes(), seeds.mayReach('b')]).toEqual([3, [], true]);
  seeds.start();
  expect([seeds.nodes(), ...['a', 'b', 'c'].map(seeds.mayReach)]).toEqual([['a', 'b'], true, true, false]);
});
