import { AsyncSubject, BehaviorSubject, Subject } from 'rxjs';
import type { FamilyChange, NodeOptions, NodeStatus } from 'rxmp';
import { whileUp } from 'rxmp/operators';
import { createNetwork, seededRandom, settled, silentLog, simulatedNetwork, VirtualClock } from 'rxmp/testing';
import { describe, expect, it } from 'vitest';
import { connectionOf } from '../../../src/connection.js';
import type { Trial } from '../../../src/network/trouble.js';
import { createNodeStatus, type StatusSource } from '../../../src/node-status.js';
import type { LifeEvent } from '../../../src/network/life/core/life.js';
import type { Platform } from '../../../src/platform.js';
import { startNode } from '../../../src/start-node.js';
import type { Link, LinkEnd, LinkStatus } from '../../../src/transport/link.js';

const UP: LinkStatus = { status: 'up' };
/** Broken at a time; given up 5 s later. */
const broken = (since: number, nextTry?: number): LinkStatus => ({ status: 'suspended', reason: `it broke at ${since}`, since, until: since + 5_000, nextTry });
/** The same, as it is shown some ms later. */
const shown = (since: number, elapsed: number, nextIn?: number) => ({ status: 'suspended', reason: `it broke at ${since}`, elapsed, endsIn: 5_000 - elapsed, nextIn });

/** What a network knows that is not offline. */
const sourceOf = (trials: () => readonly Trial[]): StatusSource => ({ trials, ending: () => undefined, isOffline: () => false, isDoubted: () => false });

/** A link that is as the test says. */
function fakeLink() {
  const status$ = new BehaviorSubject<LinkStatus>(UP);
  const closed$ = new AsyncSubject<LinkEnd>();
  const link = { remoteAddress: 'memory://hub', status$, closed$, writable$: new BehaviorSubject(true), peer: { keys: new Map() } } as unknown as Link;
  return { link, status$, close: (reason: string) => { closed$.next({ reason, fault: false }); closed$.complete(); } };
}

describe('V12: a suspended link', () => {
  it('shows in the status of its connection: for how long, and in how many ms the next try is', () => {
    const clock = new VirtualClock();
    const { link, status$, close } = fakeLink();
    const seen: unknown[] = [];
    const watch = (): void => { connectionOf(link, { clock, log: silentLog }).status$.subscribe({ next: (now) => seen.push(now), complete: () => seen.push('complete') }); };
    watch();
    expect(seen.splice(0), 'what is there is told at once').toEqual([UP]);
    clock.runFor(1_000);
    const since = clock.monotonic();
    status$.next(broken(since, since + 500));
    expect(seen, 'never in the middle of something (S31)').toEqual([]);
    clock.runFor(0);
    expect(seen.splice(0)).toEqual([shown(since, 0, 500)]);
    clock.runFor(200);
    watch();
    expect(seen.splice(0)).toEqual([shown(since, 200, 300)]);
    status$.next(broken(since));
    status$.next(UP);
    close('gone');
    clock.runFor(0);
    const rest = [shown(since, 200), UP, { status: 'closed', reason: 'gone' }, 'complete'];
    expect(seen).toHaveLength(2 * rest.length);
    expect(seen.map((one) => JSON.stringify(one)).sort()).toEqual([...rest, ...rest].map((one) => JSON.stringify(one)).sort());
  });

  it('suspends the node when all of them are: since the last was, and until the next try of any', () => {
    const clock = new VirtualClock();
    const trial: Trial = { attempt: 1, nextTry: undefined, why: undefined };
    const status = createNodeStatus({ clock, log: silentLog }, sourceOf(() => [trial]));
    const [one, two] = [fakeLink(), fakeLink()];
    const seen: unknown[] = [];
    status.status$.subscribe((now) => seen.push(now));
    const take = (): unknown[] => {
      clock.runFor(0);
      return seen.splice(0);
    };
    expect(take()).toEqual([{ status: 'connecting', attempt: 1, nextIn: undefined, why: undefined }]);
    status.linkState(one.link, UP);
    status.linkState(two.link, UP);
    expect(take()).toEqual([{ status: 'connected' }]);
    clock.runFor(1_000);
    status.linkState(one.link, broken(700, 1_900));
    expect(take()).toEqual([]);
    status.linkState(two.link, broken(950, 1_500));
    expect(take()).toEqual([shown(950, 50, 500)]);
    status.linkState(two.link, broken(950));
    expect(take()).toEqual([shown(950, 50, 900)]);
    status.linkState(one.link, broken(700));
    expect(take()).toEqual([shown(950, 50)]);
    status.linkState(one.link, UP);
    expect(take()).toEqual([{ status: 'connected' }]);
    status.linkClosed(one.link);
    expect(take()).toEqual([shown(950, 50)]);
    status.linkClosed(two.link);
    expect(take()).toEqual([{ status: 'connecting', attempt: 1, nextIn: undefined, why: undefined }]);
  });

  it('costs nothing where nobody asks', () => {
    const clock = new VirtualClock();
    let looks = 0;
    const status = createNodeStatus({ clock, log: silentLog }, sourceOf(() => {
      looks++;
      return [];
    }));
    const { link } = fakeLink();
    status.linkState(link, UP);
    status.linkClosed(link);
    status.stirred();
    expect([clock.pending, looks]).toEqual([0, 0]);
    status.status$.subscribe().unsubscribe();
    status.stirred();
    expect([clock.pending, looks]).toEqual([0, 1]);
  });
});

describe('V12: a connection that breaks and comes back within resumeTime', () => {
  const brief = ({ family, add, del, current }: FamilyChange): string => `${[...family.keys()].sort().join()} +${add.join()} -${del.join()} ${current ? 'current' : 'last known'}`;

  it('shows as suspended, and no longer; families are last known meanwhile; what was joined is not joined again', async () => {
    await using network = createNetwork({ seed: 1, delay: 2, node: { resumeTime: 5_000 } });
    const hub = await network.node('hub', { global: true });
    const page = await network.node('page', { seeds: ['hub'] });
    const room = hub.port(() => undefined);
    hub.dbSet('fam', 'old');
    await network.run(1_000);
    const [statuses, ofConnection, changes, joins]: string[][] = [[], [], [], []];
    page.status$.subscribe(({ status }) => statuses!.push(status));
    page.connections$.subscribe(({ status$ }) => status$.subscribe(({ status }) => ofConnection!.push(status)));
    page.dbMon('fam').subscribe((change) => changes!.push(brief(change)));
    whileUp(page, room, () => {
      joins!.push('join');
      return () => joins!.push('end');
    }).subscribe();
    await network.run(100);
    const heal = network.cut('hub', 'page');
    await network.run(500);
    expect([statuses, ofConnection, changes]).toEqual([['connected', 'suspended'], ['up', 'suspended'], ['old +old - current', 'old + - last known']].map((list) => expect.arrayContaining(list) as unknown));
    hub.dbSet('fam', 'new');
    await network.run(500);
    heal();
    await network.run(3_000);
    expect(statuses!.filter((status, i) => status !== statuses![i - 1])).toEqual(['connected', 'suspended', 'connected']);
    expect(ofConnection!.filter((status, i) => status !== ofConnection![i - 1])).toEqual(['up', 'suspended', 'up']);
    expect(changes).toEqual(['old +old - current', 'old + - last known', 'new,old +new - last known', 'new,old + - current']);
    expect(joins).toEqual(['join']);
  });

  it('suspends the node, though it is connected through it with others, which show no break of their own', async () => {
    await using network = createNetwork({ seed: 3, delay: 2, node: { resumeTime: 5_000 } });
    await network.node('hub', { global: true });
    const page = await network.node('page', { seeds: ['hub'] });
    const other = await network.node('other', { seeds: ['hub'] });
    const port = other.port(() => undefined);
    page.mon(port).subscribe();
    await network.run(2_000);
    expect(page.upNodes().sort()).toEqual(['hub', 'other']);
    const statuses: string[] = [];
    page.status$.subscribe(({ status }) => statuses.push(status));
    const heal = network.cut('hub', 'page');
    await network.run(500);
    heal();
    await network.run(2_000);
    expect(statuses.filter((status, i) => status !== statuses[i - 1])).toEqual(['connected', 'suspended', 'connected']);
  });

  it('that does not come back is lost, and looked for like any other', async () => {
    await using network = createNetwork({ seed: 2, delay: 2, node: { resumeTime: 2_000 } });
    await network.node('hub', { global: true });
    const page = await network.node('page', { seeds: ['hub'] });
    await network.run(1_000);
    const seen: NodeStatus[] = [];
    page.status$.subscribe((now) => seen.push(now));
    network.cut('hub', 'page');
    await network.run(100);
    expect(seen.at(-1)).toMatchObject({ status: 'suspended', reason: expect.stringContaining('the network was cut'), endsIn: expect.any(Number) });
    await network.run(4_000);
    const names = seen.map(({ status }) => status);
    expect(names.filter((status, i) => status !== names[i - 1])).toEqual(['connected', 'suspended', 'connecting']);
    expect(seen.find(({ status }) => status === 'connecting')).toMatchObject({ attempt: 1, why: { code: 'lost', seed: 'memory://hub' } });
  });

  it('is tried at once when the platform says that it is awake', async () => {
    const clock = new VirtualClock();
    const network = simulatedNetwork({ clock, random: seededRandom(1), delay: 2 });
    const life$ = new Subject<LifeEvent>();
    const platform = (host: string): Platform => ({
      ...{ hostName: () => host, log: () => silentLog, upgrade: () => undefined, moduleOf: (name) => name, life$ },
      ...{ parentPort: () => Promise.resolve(undefined), startWorker: () => Promise.reject(new Error('none')) },
      transports: () => [network.transport(host)],
    });
    const start = (nodeid: string, options: NodeOptions) => settled(clock, startNode(platform(nodeid), { nodeid, clock, secret: 's', resumeTime: 60_000, ...options }));
    const hub = await start('hub', { binds: ['memory://hub'] });
    const page = await start('page', { seeds: ['memory://hub'] });
    clock.runFor(1_000);
    const heal = network.cut('hub', 'page');
    clock.runFor(30_000);
    heal();
    expect(page.upNodes()).toEqual(['hub']);
    let status = '';
    page.status$.subscribe((now) => { ({ status } = now); });
    expect(status).toBe('suspended');
    life$.next('online');
    clock.runFor(20);
    expect(status).toBe('connected');
    await settled(clock, page.close());
    await settled(clock, hub.close());
    expect(life$.observed).toBe(false);
  });
});
