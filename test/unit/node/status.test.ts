import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { filter, firstValueFrom, type Observable } from 'rxjs';
import { createNode, type MpNode, type NodeOptions, type NodeStatus } from 'rxmp';
import { createNetwork, silentLog } from 'rxmp/testing';
import { describe, expect, it } from 'vitest';

/** What is told, without times; they are looked at by themselves. */
const brief = (all: readonly NodeStatus[]) =>
  all.map((now) => (now.status === 'connecting' ? `connecting ${now.attempt}${now.nextIn === undefined ? '' : ' later'} ${now.why?.code ?? '-'}` : now.status));

function follow(node: MpNode) {
  const seen: NodeStatus[] = [];
  let isOver = false;
  node.status$.subscribe({ next: (now) => seen.push(now), complete: () => { isOver = true; } });
  return { seen, take: () => brief(seen.splice(0)), isOver: () => isOver };
}

const connectingOf = (node: MpNode): Promise<Extract<NodeStatus, { status: 'connecting' }>> =>
  firstValueFrom(node.status$.pipe(filter((now) => now.status === 'connecting' && now.why !== undefined)) as Observable<Extract<NodeStatus, { status: 'connecting' }>>);

describe('V12: the status of a node', () => {
  it('is alone without seeds, and connected when somebody has come', async () => {
    await using network = createNetwork({ seed: 1 });
    const hub = await network.node('hub');
    const { take } = follow(hub);
    expect(take()).toEqual(['alone']);
    await network.node('client', { seeds: ['hub'] });
    await network.run(1_000);
    expect(take()).toEqual(['connected']);
    await network.leave('client');
    await network.run(1_000);
    expect(take()).toEqual(['alone']);
  });

  it('counts attempts, says when the next is, and why the last has failed; then it is connected, and counts anew', async () => {
    await using network = createNetwork({ seed: 2, delay: 1 });
    const client = await network.node('client', { seeds: ['hub'], monitorTimeout: 30_000 });
    const { seen, take } = follow(client);
    await network.run(6_000);
    const times = seen.flatMap((now) => (now.status === 'connecting' ? now.nextIn ?? [] : []));
    expect(times.length).toBeGreaterThan(2);
    for (const [i, time] of times.entries()) if (i > 0) expect(time).toBeCloseTo(2 * times[i - 1]!);
    expect(seen.at(-1)).toMatchObject({ why: { seed: 'memory://hub', text: expect.stringContaining('nothing listens on memory://hub') } });
    expect(take().slice(0, 5)).toEqual(['connecting 1 -', 'connecting 2 later unreachable', 'connecting 2 unreachable', 'connecting 3 later unreachable', 'connecting 3 unreachable']);
    await network.node('hub');
    await network.run(20_000);
    expect(take().at(-1)).toBe('connected');
    const heal = network.cut('hub', 'client');
    await network.run(2_000);
    expect(take().slice(0, 3)).toEqual(['connecting 1 later lost', 'connecting 1 lost', 'connecting 2 later unreachable']);
    heal();
    await network.run(20_000);
    expect(take().at(-1)).toBe('connected');
  });

  it('of who comes later it is the same, seen from then', async () => {
    await using network = createNetwork({ seed: 3, delay: 1 });
    const client = await network.node('client', { seeds: ['hub'], monitorTimeout: 30_000 });
    await network.run(20);
    const [first, later] = [follow(client), follow(client)];
    expect(first.seen).toEqual(later.seen);
    const [before] = first.seen;
    await network.run(200);
    expect(follow(client).seen).toMatchObject([{ status: 'connecting', attempt: 2, nextIn: (before as { nextIn: number }).nextIn - 200 }]);
  });

  it('of a node that is its own seed is alone', async () => {
    await using network = createNetwork({ seed: 4 });
    const hub = await network.node('hub', { seeds: ['hub'] });
    const { take } = follow(hub);
    await network.run(5_000);
    expect(take()).toEqual(['connecting 1 -', 'alone']);
  });

  it('of several seeds: connected by any of them; of what is wrong first what somebody has to put right', async () => {
    await using network = createNetwork({ seed: 5 });
    await network.node('hub', { secret: 'another' });
    const client = await network.node('client', { seeds: ['nobody', 'hub', 'late'] });
    const { seen, take } = follow(client);
    await network.run(3_000);
    expect(seen.at(-1)).toMatchObject({ status: 'connecting', why: { code: 'wrong_secret', seed: 'memory://hub' } });
    take();
    await network.node('late');
    await network.run(3_000);
    expect(take().at(-1)).toBe('connected');
  });

  it.each<[string, NodeOptions, NodeOptions]>([
    ['wrong_secret', { secret: 'one' }, { secret: 'another' }],
    ['duplicate', {}, { nodeid: 'hub' }],
    ['version', { framings: ['json'] }, { framings: ['cbor'] }],
    ['no_common_method', { methods: ['rxmp_sha3_512'] }, { methods: ['hmac_sha3_512'] }],
  ])('%s is said by a word, and by a text', async (code, ofHub, ofClient) => {
    await using network = createNetwork({ seed: 6 });
    await network.node('hub', ofHub);
    const client = await network.node('client', { seeds: ['hub'], ...ofClient });
    const { seen } = follow(client);
    await network.run(2_000);
    expect(seen.at(-1)).toMatchObject({ status: 'connecting', why: { code, text: expect.stringMatching(/\w+ \w+/) } });
  });

  it('a name that nobody knows is unreachable', async () => {
    await using network = createNetwork({ seed: 7 });
    network.setName('hubs', undefined);
    const client = await network.node('client', { seeds: ['hubs'] });
    const { seen, take } = follow(client);
    await network.run(3_000);
    expect(seen.at(-1)).toMatchObject({ status: 'connecting', why: { code: 'unreachable', seed: 'memory://hubs' } });
    expect(take().slice(0, 3)).toEqual(['connecting 1 -', 'connecting 2 later unreachable', 'connecting 2 unreachable']);
    network.setName('hubs', ['hub']);
    await network.node('hub');
    await network.run(10_000);
    expect(take().at(-1)).toBe('connected');
  });

  it('ends with closing and closed, also for those who come later', async () => {
    await using network = createNetwork({ seed: 8, delay: 5 });
    await network.node('hub');
    const client = await network.node('client', { seeds: ['hub'] });
    await network.run(1_000);
    const { take, isOver } = follow(client);
    await network.leave('client');
    await network.run(100);
    expect([take(), isOver()]).toEqual([['connected', 'closing', 'closed'], true]);
    const late = follow(client);
    expect([late.take(), late.isOver()]).toEqual([['closed'], true]);
  });

  it('S31: is told when all has happened: who hears it may close the node, or send', async () => {
    await using network = createNetwork({ seed: 9 });
    const hub = await network.node('hub');
    const got: unknown[] = [];
    const port = hub.port((...message: readonly unknown[]) => got.push(...message));
    const client = await network.node('client', { seeds: ['hub'], start: (node) => {
      node.status$.subscribe(({ status }) => {
        if (status !== 'connected') return;
        node.snd(port, 'hello');
        void node.close();
      });
    } });
    const { take } = follow(client);
    await network.run(2_000);
    expect([got, take()]).toEqual([['hello'], ['connecting 1 -', 'connected', 'closing', 'closed']]);
  });

  it('a server that answers a WebSocket with 403 does not let this origin in', async () => {
    const server = createServer((_request, response) => { response.writeHead(426).end(); });
    server.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    await using node = await createNode({ seeds: [`ws://127.0.0.1:${(server.address() as AddressInfo).port}`], secret: 'x', log: silentLog });
    expect((await connectingOf(node)).why).toMatchObject({ code: 'origin', text: expect.stringContaining('HTTP 403') });
    server.close();
  });
});
