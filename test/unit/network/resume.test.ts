import type { MpNode, NodeOptions } from 'rxmp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createWorld, type World } from '../../../marbles/world.js';

let world: World;
beforeEach(() => { world = createWorld({ delay: 2 }); });
afterEach(() => world.close());

const run = (ms: number): void => { world.clock.runFor(ms); };
const RESUMED: NodeOptions = { resumeTime: 3_000 };

/** A hub, and a node that is connected with it and all that it is told; both with these options. */
async function start(options: NodeOptions = RESUMED, hubOptions = options) {
  const hub = await world.start('hub', hubOptions);
  const page = await world.start('page', { binds: [], seeds: ['memory://hub'], ...options });
  run(3_000);
  const told: string[] = [];
  for (const [node, other] of [[hub, 'page'], [page, 'hub']] as const) {
    node.mon(other, (...reason) => { told.push(`${node.id}: ${reason.join(' ')}`); });
    node.monNodes().subscribe((change) => { told.push(`${node.id}: ${change.node} is ${change.up ? 'up' : 'down'}`); });
  }
  return { hub, page, told };
}

/** A port that remembers what it gets. */
function listener(node: MpNode) {
  const heard: unknown[] = [];
  const port = node.rcv(node.port(), (...message: unknown[]) => { heard.push(message[0]); });
  return { port, heard };
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

describe('V9: while a connection is broken', () => {
  it('nothing fires, and what is sent arrives when there is another', async () => {
    const { hub, page, told } = await start();
    const [there, here] = [listener(hub), listener(page)];
    const heal = world.network.cut('hub', 'page');
    for (let i = 0; i < 100; i++) {
      page.snd(there.port, i);
      hub.snd(here.port, i);
      run(10);
    }
    expect([there.heard, here.heard]).toEqual([[], []]);
    expect([hub.nodeIsUp('page'), page.nodeIsUp('hub')]).toEqual([true, true]);
    heal();
    run(1_000);
    expect([there.heard, here.heard]).toEqual([numbers(100), numbers(100)]);
    expect(told).toEqual([]);
  });

  it('calls wait, and keys stay', async () => {
    const { hub, page, told } = await start();
    const changes: string[] = [];
    page.dbSet('colours', 'red', 1);
    hub.dbMon('colours').subscribe(({ family }) => { changes.push([...family.keys()].sort().join(' ')); });
    run(100);
    const port = hub.rcv(hub.port(), { double: (n: number, reply: string) => { hub.snd(reply, 2 * n); } });
    const answers: unknown[] = [];
    const heal = world.network.cut('hub', 'page');
    for (const n of [1, 2, 3]) page.cal(port, 'double', n).subscribe((answer) => { answers.push(answer[0]); });
    page.dbSet('colours', 'blue', 1);
    run(2_000);
    expect([answers, changes]).toEqual([[], ['', 'red']]);
    heal();
    run(1_000);
    expect([answers, changes]).toEqual([[2, 4, 6], ['', 'red', 'blue red']]);
    expect(told).toEqual([]);
  });

  it('what waits is bounded by limits.queueSize: with more the link dies', async () => {
    const { hub, page, told } = await start({ ...RESUMED, limits: { queueSize: 100_000 } });
    const { port, heard } = listener(hub);
    world.network.cut('hub', 'page');
    run(10);
    for (let i = 0; i < 30; i++) page.snd(port, 'x'.repeat(10_000));
    run(10);
    expect(told).toEqual(['page: hub is down', expect.stringMatching(/^page: transport_error hub the send queue is too long: \d+ octets wait, limits.queueSize is 100000$/)]);
    run(5_000);
    expect(told.slice(2)).toEqual(['hub: page is down', expect.stringContaining('hub: transport_error page')]);
    expect(heard).toEqual([]);
  });

  it.each([
    ['neither end has the option', {}, {}],
    ['only the end that dials has it', RESUMED, {}],
    ['only the other end has it', {}, RESUMED],
  ])('the node is lost where %s', async (_, options, hubOptions) => {
    const { told } = await start(options, hubOptions);
    world.network.cut('hub', 'page')();
    run(10);
    expect(told.map((text) => text.split(' ').slice(0, 3).join(' ')).toSorted()).toEqual(['hub: page is', 'hub: transport_error page', 'page: hub is', 'page: transport_error hub']);
  });

  it('the shorter time of both ends counts', async () => {
    const { told } = await start({ resumeTime: 60_000 }, { resumeTime: 500 });
    world.network.cut('hub', 'page');
    run(490);
    expect(told).toEqual([]);
    run(30);
    expect(told).toHaveLength(4);
    expect(told.join('\n')).toMatch(/hub: transport_error page .*, and no other connection within 500 ms/);
  });
});

describe('V10: the end that has dialled connects again', () => {
  it('until that works', async () => {
    const { hub, page, told } = await start();
    const { port, heard } = listener(hub);
    for (const ms of [0, 50, 700, 2_000]) {
      const heal = world.network.cut('hub', 'page');
      page.snd(port, ms);
      run(ms);
      heal();
      run(1_000);
    }
    expect([heard, told]).toEqual([[0, 50, 700, 2_000], []]);
  });

  it('also when only one end knows that the connection is gone', async () => {
    const { hub, page, told } = await start();
    const [there, here] = [listener(hub), listener(page)];
    for (const ways of [[true], [false]]) {
      const [first] = ways;
      const heal = first === true ? world.network.silence('hub', 'page', true) : world.network.silence('page', 'hub', true);
      page.snd(there.port, 'a');
      hub.snd(here.port, 'b');
      run(1_200);
      heal();
      run(2_000);
    }
    expect([told, there.heard, here.heard]).toEqual([[], ['a', 'a'], ['b', 'b']]);
  });

  it('when it breaks in the middle of a write, again and again', async () => {
    const { hub, page, told } = await start();
    const [there, here] = [listener(hub), listener(page)];
    for (let i = 0; i < 200; i++) {
      // the next write, of what is said now or of the next handshake
      if (i % 20 === 0) world.network.tear('page', 'hub');
      if (i % 20 === 10) world.network.tear('hub', 'page');
      page.snd(there.port, i);
      hub.snd(here.port, i);
      run(i % 10 === 9 ? 500 : i % 7);
    }
    run(2_000);
    expect([told, there.heard.length, here.heard.length]).toEqual([[], 200, 200]);
    expect([there.heard, here.heard]).toEqual([numbers(200), numbers(200)]);
  });
});

describe('V11: a link dies', () => {
  it('when the other end runs anew: at once', async () => {
    const { told } = await start();
    world.network.crash('hub');
    run(10);
    expect(told).toEqual([]);
    await world.start('hub', RESUMED);
    run(1_000);
    expect(told).toEqual([expect.stringContaining('page: hub is down'), 'page: transport_error hub "hub" runs anew', 'page: hub is up']);
  });

  it('when a node closes: that is said', async () => {
    const { page, told } = await start();
    void page.close();
    run(10);
    expect(told).toEqual(['hub: page is down', 'hub: transport_error page Unexpected end-of-file']);
  });

  it('when the other end has given it up', async () => {
    const { hub, page, told } = await start(RESUMED, { ...RESUMED, limits: { queueSize: 20_000 } });
    const { port } = listener(page);
    const heal = world.network.cut('hub', 'page');
    run(10);
    hub.snd(port, 'x'.repeat(100_000));
    run(10);
    expect(told.filter((text) => text.startsWith('page'))).toEqual([]);
    heal();
    run(1_000);
    expect(told.filter((text) => text.startsWith('page'))).toEqual([
      'page: hub is down',
      'page: transport_error hub refused: the other end knows nothing of the link any more',
      'page: hub is up',
    ]);
  });
});

describe('V6, V10: a link through a relay', () => {
  it('goes on through another one when that is gone', async () => {
    await world.start('h1', { global: true, ...RESUMED });
    await world.start('h2', { global: true, seeds: ['memory://h1'], ...RESUMED });
    const common = { binds: [], seeds: ['memory://h1', 'memory://h2'], ...RESUMED };
    const a = await world.start('a', common);
    const b = await world.start('b', common);
    run(3_000);
    const { port, heard } = listener(b);
    const told: string[] = [];
    a.mon(port, (...reason) => { told.push(reason.join(' ')); });
    a.snd(port, 0);
    run(1_000);
    const relays: string[] = [];
    a.connections$.subscribe(({ node, remoteAddress }) => { if (node === 'b') relays.push(remoteAddress); });
    run(10);
    expect(relays).toEqual([expect.stringMatching(/^via:h[12]$/)]);
    for (let i = 1; i < 50; i++) {
      if (i === 10) world.network.crash(relays[0]!.slice('via:'.length));
      a.snd(port, i);
      run(i < 20 ? 1 : 200);
    }
    expect([heard, told]).toEqual([numbers(50), []]);
  });
});
