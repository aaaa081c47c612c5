import { BehaviorSubject, Subject, switchMap, NEVER, type Observable } from 'rxjs';
import type { MpNode, NodeOptions, NodeStatus } from 'rxmp';
import { send } from 'rxmp/guests';
import { seededRandom, settled, silentLog, simulatedNetwork, VirtualClock } from 'rxmp/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { defaultLimits } from '../../../src/env/limits.js';
import type { LifeEvent } from '../../../src/network/life/core/life.js';
import type { Platform } from '../../../src/platform.js';
import { busPair } from '../../../src/shared/bus.js';
import { createHub, type Hub, type JoinedTab } from '../../../src/shared/hub.js';
import type { Bus, HubOptions } from '../../../src/shared/line.js';
import { createTab } from '../../../src/shared/tab.js';
import { startNode } from '../../../src/start-node.js';

/** So finely time goes by, and so many promises may wait for each other. */
const STEPS = 50;
const ROUNDS = 30;

const SEED = 'memory://server';

/** A server, and a browser whose tabs share a connection with it. */
async function world({ resumeTime = 0, credentials, ...server }: Partial<NodeOptions> & Pick<NodeOptions, 'credentials'> = {}) {
  const clock = new VirtualClock();
  const network = simulatedNetwork({ clock, random: seededRandom(1), delay: 5 });
  const platform = (host: string, life$?: Observable<LifeEvent>): Platform => ({
    ...{ hostName: () => host, log: () => silentLog, upgrade: () => undefined, moduleOf: (name) => name, isOwnOrigin: () => true },
    ...{ parentPort: () => Promise.resolve(undefined), startWorker: () => Promise.reject(new Error('none')) },
    ...(life$ && { life$ }),
    transports: ({ transports }) => (transports !== undefined && 'only' in transports ? transports.only : [network.transport(host)]),
  });
  let seeds = 0;
  const startServer = () => settled(clock, startNode(platform('server'), { nodeid: 'server', binds: [SEED], secret: 's', resumeTime, clock, random: seededRandom(++seeds), ...server }));
  const options: HubOptions = { seeds: [SEED], secret: credentials === undefined ? 's' : undefined, isGuest: credentials !== undefined };
  const hub$ = new BehaviorSubject<Hub | undefined>(undefined);
  const closing: (() => unknown)[] = [];
  const joined: JoinedTab[] = [];

  /** Lets time go by; promises are settled on the way. */
  const run = async (ms: number): Promise<void> => {
    for (let step = 0; step < STEPS; step++) {
      clock.runFor(ms / STEPS);
      for (let round = 0; round < ROUNDS; round++) await Promise.resolve();
    }
    clock.runFor(0);
  };

  const startHub = async (): Promise<void> => {
    hub$.value?.close();
    hub$.next(createHub(platform('browser'), { clock, random: seededRandom(++seeds), limits: defaultLimits }, options));
    await run(0);
  };

  /** Opens a tab, with what it says of itself. */
  const openTab = async (given: Partial<NodeOptions> = {}) => {
    const life$ = new Subject<LifeEvent>();
    const buses$ = hub$.pipe(
      switchMap((hub): Observable<Bus> => {
        if (hub === undefined) return NEVER;
        const [here, there] = busPair(clock);
        joined.push(hub.join(there, 'no lock'));
        return new BehaviorSubject(here);
      }),
    );
    const tab = createTab({ env: { clock, limits: defaultLimits }, buses$, credentials, life$ });
    const node = await settled(clock, startNode(platform('browser', tab.life$), { secret: credentials === undefined ? 's' : undefined, resumeTime, clock, random: seededRandom(++seeds), seeds: [SEED], credentials, ...given, transports: { only: [{ ...tab.transport, schemes: ['memory'] }] } }));
    tab.follow();
    const statuses: NodeStatus[] = [];
    node.status$.subscribe({ next: (now) => { statuses.push(now); }, complete: tab.close });
    const close = () => settled(clock, node.close({ timeout: 0 }));
    closing.push(close);
    return { node, life$, statuses, tab, close };
  };

  return {
    ...{ network, run, startServer, startHub, openTab },
    joined,
    hub: () => hub$.value!,
    async close(...nodes: readonly MpNode[]): Promise<void> {
      for (const close of closing) await close();
      hub$.value?.close();
      for (const node of nodes) await settled(clock, node.close({ timeout: 0 }));
      clock.runFor(60_000);
      expect([network.connections, clock.pending]).toEqual([0, 0]);
    },
  };
}

/** Numbers that have come to a port of a node. */
function counter(node: MpNode) {
  const numbers: number[] = [];
  return { port: node.port((n: number) => { numbers.push(n); }).id, numbers };
}

// what is loaded later takes real time
beforeAll(() => Promise.all([import('../../../src/access/gate/open.js'), import('../../../src/access/guest/visitor.js')]));

describe('A4: tabs that share a connection', () => {
  it('are nodes of their own, as if each had connected itself', async () => {
    const { run, network, startServer, startHub, openTab, close } = await world();
    const server = await startServer();
    await startHub();
    const [one, other] = [await openTab(), await openTab()];
    await run(2_000);
    expect(network.connections).toBe(1);
    // and the node that has the connection
    expect(server.upNodes()).toHaveLength(3);
    const there = counter(server);
    for (const { node } of [one, other]) {
      const here = counter(node);
      node.snd(there.port, 1);
      await run(100);
      server.snd(here.port, 2);
      await run(100);
      expect(here.numbers).toEqual([2]);
    }
    expect(there.numbers).toEqual([1, 1]);
    // two tabs know each other through the server, which passes on for both
    const far = counter(other.node);
    other.node.dbReg('tabs', far.port);
    await run(1_000);
    let found = '';
    one.node.dbMon('tabs').subscribe(({ family }) => { found = [...family.keys()][0] ?? found; });
    await run(1_000);
    one.node.snd(found, 3);
    await run(5_000);
    expect([far.numbers, network.connections]).toEqual([[3], 1]);
    await close(server);
  });

  it('one that is left is gone at once, the others stay', async () => {
    const { run, startServer, startHub, openTab, hub, close } = await world({ resumeTime: 60_000 });
    const server = await startServer();
    await startHub();
    const [one, other] = [await openTab(), await openTab()];
    await run(2_000);
    one.life$.next('hide');
    await run(20);
    expect(server.upNodes()).not.toContain(one.node.id);
    expect([server.upNodes().includes(other.node.id), hub().size]).toEqual([true, 1]);
    one.life$.next('show');
    await run(100);
    expect([server.upNodes().includes(one.node.id), hub().size]).toEqual([true, 2]);
    await one.close();
    await run(1_000);
    expect([server.upNodes().includes(one.node.id), hub().size]).toEqual([false, 1]);
    await close(server);
  });

  it('one that had no time for a goodbye is gone at once too', async () => {
    const { run, startServer, startHub, openTab, joined, close } = await world({ resumeTime: 60_000 });
    const server = await startServer();
    await startHub();
    const [one, other] = [await openTab(), await openTab()];
    await run(2_000);
    joined[0]?.gone();
    await run(20);
    expect([server.upNodes().includes(one.node.id), server.upNodes().includes(other.node.id)]).toEqual([false, true]);
    await close(server);
  });

  it.each([[0], [60_000]])('are back when another one has the connection: resumeTime %i', async (resumeTime) => {
    const { run, network, startServer, startHub, openTab, close } = await world({ resumeTime });
    const server = await startServer();
    await startHub();
    const { node, statuses } = await openTab();
    await run(2_000);
    const { port, numbers } = counter(server);
    const lost: string[] = [];
    server.monNodes().subscribe((change) => { if (change.node === node.id && !change.up) lost.push(change.node); });
    node.snd(port, 1);
    await run(100);
    await startHub();
    node.snd(port, 2);
    await run(2_000);
    node.snd(port, 3);
    await run(100);
    expect([numbers, lost.length]).toEqual([[1, 2, 3], resumeTime > 0 ? 0 : 1]);
    expect([statuses.at(-1)?.status, network.connections]).toEqual(['connected', 1]);
    await close(server);
  });

  it('say why there is no connection, and are back at once when there is one', async () => {
    const { run, startServer, startHub, openTab, close } = await world();
    await startHub();
    const { statuses } = await openTab();
    await run(120_000);
    expect(statuses.at(-1)).toMatchObject({ status: 'connecting', why: { code: 'unreachable', text: expect.stringContaining('memory://server') as string } });
    const server = await startServer();
    await run(35_000);
    expect(statuses.at(-1)).toEqual({ status: 'connected' });
    await close(server);
  });

  it('find out within two seconds that the connection is lost, when one of them is seen again', async () => {
    const { run, network, startServer, startHub, openTab, close } = await world({ resumeTime: 60_000 });
    const server = await startServer();
    await startHub();
    const { node, life$ } = await openTab();
    await run(2_000);
    const { port, numbers } = counter(server);
    network.forget('browser', 'server');
    await run(500);
    node.snd(port, 1);
    life$.next('visible');
    await run(2_000);
    expect(numbers).toEqual([1]);
    await close(server);
  });

  it('have no way to others than their seeds', async () => {
    const { run, startServer, startHub, openTab, close } = await world();
    const server = await startServer();
    await startHub();
    const { tab } = await openTab();
    const errors: unknown[] = [];
    tab.transport.connect({ scheme: 'memory', host: 'x', port: 0, path: '', text: 'memory://x' }).subscribe({ error: (error: unknown) => errors.push(error) });
    await run(100);
    expect(String(errors[0])).toContain('"memory://x" is no seed: only connections with seeds are shared');
    await close(server);
  });

  it('are guests of their own: a gate asks each for its credentials, and one of them for those of the connection', async () => {
    const admitted: string[] = [];
    let shown = 0;
    let port = '';
    const { run, network, startServer, startHub, openTab, hub, close } = await world({
      credentials: () => `ticket ${++shown}`,
      guests: { admit: (credentials) => { admitted.push(credentials); return { user: 'ada', may: [send(port)] }; } },
    });
    const server = await startServer();
    const lobby = counter(server);
    ({ port } = lobby);
    await startHub();
    const tabs = [await openTab(), await openTab()];
    await run(5_000);
    expect([admitted.sort(), network.connections, hub().size]).toEqual([['ticket 1', 'ticket 2', 'ticket 3'], 1, 2]);
    for (const { node } of tabs) node.snd(port, 1);
    await run(100);
    expect(lobby.numbers).toEqual([1, 1]);
    await close(server);
  });

  it('say why there are no credentials', async () => {
    const { run, startServer, startHub, openTab, close } = await world({
      credentials: () => { throw new Error('please sign in'); },
      guests: { admit: () => undefined },
    });
    const server = await startServer();
    await startHub();
    const { statuses } = await openTab();
    await run(5_000);
    expect(statuses.at(-1)).toMatchObject({ status: 'connecting', why: { text: expect.stringContaining('please sign in') as string } });
    await close(server);
  });
});
