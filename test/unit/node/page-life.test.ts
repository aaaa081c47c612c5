import { Subject } from 'rxjs';
import type { MpNode, NodeOptions, NodeStatus } from 'rxmp';
import { seededRandom, settled, silentLog, simulatedNetwork, VirtualClock } from 'rxmp/testing';
import { describe, expect, it } from 'vitest';
import type { LifeEvent } from '../../../src/network/life/core/life.js';
import type { Platform } from '../../../src/platform.js';
import { startNode } from '../../../src/start-node.js';

/** A page that is told what the test says, and a node that it is connected with, over a network of 2 ms. */
async function world({ hubId = 'hub', resumeTime = 0, delay = 2, seed = 1 } = {}) {
  const clock = new VirtualClock();
  const network = simulatedNetwork({ clock, random: seededRandom(seed), delay });
  const life$ = new Subject<LifeEvent>();
  const platform = (host: string): Platform => ({
    ...{ hostName: () => host, log: () => silentLog, upgrade: () => undefined, moduleOf: (name) => name },
    ...{ parentPort: () => Promise.resolve(undefined), startWorker: () => Promise.reject(new Error('none')) },
    ...(host === 'page' && { life$ }),
    transports: () => [network.transport(host)],
  });
  const start = (host: string, options: NodeOptions): Promise<MpNode> => settled(clock, startNode(platform(host), { clock, random: seededRandom(seed + host.length), secret: 's', resumeTime, ...options }));
  const hub = await start('hub', { nodeid: hubId, binds: ['memory://hub'] });
  const page = await start('page', { nodeid: 'page', seeds: ['memory://hub'] });
  clock.runFor(1_000 + 10 * delay);
  const heard: unknown[] = [];
  const changes: string[] = [];
  const statuses: NodeStatus['status'][] = [];
  hub.dbReg('ports', hub.port((n: number) => { heard.push(n); }));
  clock.runFor(1_000);
  let port = '';
  page.dbMon('ports').subscribe(({ family }) => { port = [...family.keys()][0] ?? port; });
  clock.runFor(1_000);
  page.monNodes().subscribe(({ up }) => { changes.push(up ? 'up' : 'down'); });
  page.status$.subscribe(({ status }) => { statuses.push(status); });
  clock.runFor(0);
  return {
    ...{ clock, network, life$, hub, page, heard, changes, statuses },
    send: (n: number) => page.snd(port, n),
    close: async () => {
      await settled(clock, page.close({ timeout: 0 }));
      await settled(clock, hub.close({ timeout: 0 }));
      clock.runFor(10_000);
      expect([network.connections, clock.pending, life$.observed]).toEqual([0, 0, false]);
    },
  };
}

const LONG = 60_000;
const WAYS = [
  ['without resumeTime, where the node with the lower id decides', { hubId: 'hub' }],
  ['without resumeTime, where the page has the lower id', { hubId: 'server' }],
  ['with resumeTime', { resumeTime: LONG }],
] as const;

describe.each(WAYS)('A3: a page that wakes up, %s', (_, options) => {
  it.each(['visible', 'online'] as const)('is back within two seconds when its connections are lost: %s', async (event) => {
    const { clock, network, life$, page, hub, send, heard, changes, close } = await world(options);
    network.forget('page', 'hub');
    clock.runFor(1_000);
    life$.next(event);
    clock.runFor(2_000);
    expect([page.upNodes(), hub.upNodes()]).toEqual([[hub.id], ['page']]);
    expect(changes).toEqual('resumeTime' in options ? [] : ['down', 'up']);
    send(1);
    clock.runFor(100);
    expect(heard).toEqual([1]);
    await close();
  });

  it('does not disturb a connection that lives, on a slow way too', async () => {
    const { clock, life$, send, heard, changes, statuses, close } = await world({ ...options, delay: 350 });
    for (const event of ['visible', 'online', 'offline', 'online', 'visible'] as const) {
      life$.next(event);
      clock.runFor(300);
    }
    send(1);
    clock.runFor(5_000);
    expect([heard, changes, statuses.at(-1)]).toEqual([[1], [], 'connected']);
    await close();
  });

  it('tells at once that it is offline, and is back within two seconds when it is online', async () => {
    const { clock, network, life$, page, hub, statuses, close } = await world(options);
    const heal = network.silence('page', 'hub');
    life$.next('offline');
    clock.runFor(0);
    expect(statuses).toEqual(['connected', 'offline']);
    clock.runFor(20_000);
    expect(statuses.at(-1)).toBe('offline');
    heal();
    network.forget('page', 'hub');
    life$.next('online');
    clock.runFor(2_000);
    expect([statuses.at(-1), page.upNodes(), hub.upNodes()]).toEqual(['connected', [hub.id], ['page']]);
    await close();
  });

  it('says that it is connected when a connection lives although the browser says that it is offline', async () => {
    const { clock, life$, changes, statuses, close } = await world(options);
    life$.next('offline');
    clock.runFor(1_000);
    expect([statuses, changes]).toEqual([['connected', 'offline', 'connected'], []]);
    await close();
  });

  it('begins an attempt anew that was begun while there was no way', async () => {
    const { clock, network, life$, page, hub, close } = await world(options);
    const heal = network.silence('page', 'hub');
    life$.next('visible');
    clock.runFor(1_500);
    heal();
    network.forget('page', 'hub');
    life$.next('online');
    clock.runFor(2_000);
    expect([page.upNodes(), hub.upNodes()]).toEqual([[hub.id], ['page']]);
    await close();
  });

  it('that is left says goodbye at once, behind all that it has sent', async () => {
    const { clock, network, life$, page, hub, send, heard, changes, close } = await world(options);
    network.slow('page', 'hub', 2);
    for (let n = 0; n < 3_000; n++) send(n);
    life$.next('hide');
    expect(page.upNodes()).toEqual([]);
    clock.runFor(0);
    expect(changes).toEqual(['down']);
    clock.runFor(60_000);
    expect([hub.upNodes(), page.upNodes(), heard.length]).toEqual([[], [], 3_000]);
    network.slow('page', 'hub', Infinity);
    life$.next('show');
    clock.runFor(100);
    expect([hub.upNodes(), page.upNodes()]).toEqual([['page'], [hub.id]]);
    await close();
  });
});

describe('A3: a page that is frozen', () => {
  it.each([[0, []], [LONG, ['page']]])('is gone at once, unless its links may go on: resumeTime %i', async (resumeTime, known) => {
    const { clock, life$, page, hub, send, heard, changes, close } = await world({ resumeTime });
    send(1);
    life$.next('freeze');
    clock.runFor(100);
    expect(hub.upNodes()).toEqual(known);
    clock.runFor(30_000);
    expect(hub.upNodes(), 'it does not dial').toEqual(known);
    life$.next('resume');
    send(2);
    clock.runFor(2_000);
    expect([page.upNodes(), hub.upNodes()]).toEqual([['hub'], ['page']]);
    expect(changes).toEqual(resumeTime > 0 ? [] : ['down', 'up']);
    expect(heard[0]).toBe(1);
    await close();
  });

  it('for longer than resumeTime is back within two seconds', async () => {
    const { clock, life$, page, hub, changes, close } = await world({ resumeTime: 5_000 });
    life$.next('freeze');
    clock.runFor(60_000);
    expect(hub.upNodes()).toEqual([]);
    life$.next('resume');
    clock.runFor(2_000);
    expect([page.upNodes(), hub.upNodes(), changes]).toEqual([['hub'], ['page'], ['down', 'up']]);
    await close();
  });
});

describe('A3: a page that never was online', () => {
  it('tells that it is offline, and goes on trying', async () => {
    const { clock, network, life$, page, statuses, close } = await world();
    life$.next('offline');
    network.cut('page', 'hub');
    clock.runFor(20_000);
    expect(statuses.at(-1)).toBe('offline');
    network.heal();
    clock.runFor(31_000);
    expect([statuses.at(-1), page.upNodes()], 'whatever the browser says').toEqual(['connected', ['hub']]);
    await close();
  });
});
