import { readdirSync, readFileSync } from 'node:fs';
import { filter, firstValueFrom, lastValueFrom, map, range, toArray } from 'rxjs';
import { createNode, transfer, type MpNode, type NodeOptions, type NodeWorker, type SpawnWorkerOptions } from 'rxmp';
import { firstNonEmpty, spreadCalls } from 'rxmp/operators';
import { silentLog } from 'rxmp/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { dist, ending, startChild } from './children.js';

const FILE = new URL('worker-thread.mjs', import.meta.url);
/** A dead worker is noticed by its end, long before `monitorTimeout` (30 s) could tell, ms. */
const AT_ONCE = 2_000;

const nodes: MpNode[] = [];
afterEach(async () => { await Promise.all(nodes.splice(0).map((node) => node.close())); });

async function start(options: NodeOptions = {}): Promise<MpNode> {
  const node = await createNode({ log: silentLog, ...options });
  nodes.push(node);
  return node;
}

const spawn = (node: MpNode, options: SpawnWorkerOptions = {}, workerData?: unknown): Promise<NodeWorker> =>
  node.spawnWorker(FILE, { worker: { workerData }, ...options });

/** The port of a worker. */
async function portOf(node: MpNode, worker: NodeWorker): Promise<string> {
  const ports$ = node.dbMon('crew').pipe(map(({ family }) => [...family.keys()].find((port) => node.nodeOf(port) === worker.node)));
  return firstValueFrom(ports$.pipe(filter((port) => port !== undefined)));
}

describe('V19: a worker', () => {
  it('is a node that is attached, and is found by its name', async () => {
    const node = await start();
    const worker = await spawn(node, { name: 'w1' });
    expect(node.upNodes()).toEqual([worker.node]);
    expect(await firstValueFrom(node.dbFamily('workers'))).toEqual(new Map([['w1', worker.node]]));
    const [connection] = await Promise.all([firstValueFrom(node.connections$)]);
    expect(connection).toMatchObject({ node: worker.node, remoteAddress: 'worker:w1', trusted: true, framing: { sent: 'rxmp_values', received: 'rxmp_values' } });
  });

  it('has a name of its own, which is free again when it has ended', async () => {
    const node = await start();
    const worker = await spawn(node, { name: 'w1' });
    await expect(spawn(node, { name: 'w1' })).rejects.toThrow('a worker "w1" runs already');
    await worker.terminate();
    expect(await firstValueFrom(node.dbFamily('workers'))).toEqual(new Map());
    await spawn(node, { name: 'w1' });
  });

  it.each([
    ['exit', 'the worker has ended with code 7', undefined],
    ['throw', 'the worker has ended with code 1', 'as told'],
  ])('that ends by %s is noticed at once: monitors fire, keys go', async (how, reason, error) => {
    const node = await start();
    const worker = await spawn(node, { name: 'w1' });
    const port = await portOf(node, worker);
    const died = firstValueFrom(node.mon(port));
    const ended = firstValueFrom(worker.ended$);
    const began = performance.now();
    node.snd(port, how);
    expect(await died).toEqual(['transport_error', worker.node, expect.stringContaining(reason)]);
    expect(performance.now() - began).toBeLessThan(AT_ONCE);
    const end = await ended;
    expect([end.reason, (end.error as Error | undefined)?.message]).toEqual([reason, error]);
    expect(await firstValueFrom(node.dbFamily('crew'))).toEqual(new Map());
    expect(await firstValueFrom(node.dbFamily('workers'))).toEqual(new Map());
  });

  it('that is terminated is noticed at once, also in an endless loop', async () => {
    const node = await start();
    const worker = await spawn(node);
    const port = await portOf(node, worker);
    const died = firstValueFrom(node.mon(port));
    node.snd(port, 'hang');
    await worker.terminate();
    expect(await died).toEqual(['transport_error', worker.node, expect.stringContaining('it was terminated')]);
    expect(await firstValueFrom(worker.ended$)).toEqual({ reason: 'it was terminated' });
  });

  it('in an endless loop is noticed by its silence (S16)', async () => {
    const node = await start({ monitorTimeout: 2_000 });
    const worker = await spawn(node);
    const port = await portOf(node, worker);
    const died = firstValueFrom(node.mon(port));
    node.snd(port, 'hang');
    expect(await died).toEqual(['transport_error', worker.node, expect.stringContaining('no sign of life')]);
  });

  it('that was busy for too long is connected again when it speaks', async () => {
    const node = await start({ monitorTimeout: 1_000 });
    const worker = await spawn(node);
    const port = await portOf(node, worker);
    const died = firstValueFrom(node.mon(port));
    node.cal(port, 'busy', 2_000).subscribe({ error: () => undefined });
    expect((await died)[0]).toBe('transport_error');
    expect(await firstValueFrom(node.cal(await portOf(node, worker), 'square', 3))).toEqual([9]);
  });

  it.each([
    ['fails', 'worker worker-thread.mjs: no luck'],
    ['silent', "its node has not answered within 1000 ms: does it call createNode({ attach: ['parent'] })?"],
  ])('that %s before its node is there is a rejection, and no thread stays', async (how, text) => {
    const node = await start({ monitorTimeout: 1_000 });
    await expect(spawn(node, {}, how)).rejects.toThrow(text);
  });

  it('whose file is not there is a rejection', async () => {
    const node = await start();
    await expect(node.spawnWorker('./no-such-file.js')).rejects.toThrow(/no-such-file\.js/);
  });

  it('ends with its node, and one that is about to come too', async () => {
    const node = await start();
    const worker = await spawn(node);
    const ended = firstValueFrom(worker.ended$);
    const late = spawn(node).catch((error: unknown) => error);
    await node.close();
    expect(await ended).toMatchObject({ reason: expect.any(String) });
    expect(await late).toMatchObject({ code: 'NODE_CLOSED' });
  });

  it('that has closed its node has nothing left to do, and ends', async () => {
    const node = await start();
    const worker = await spawn(node);
    const ended = firstValueFrom(worker.ended$);
    node.snd(await portOf(node, worker), 'close');
    expect(await ended).toEqual({ reason: 'the worker has ended with code 0' });
  });

  it('takes octets along that are marked (V18)', async () => {
    const node = await start();
    const port = await portOf(node, await spawn(node));
    const octets = transfer(new Uint8Array(50_000_000).fill(9));
    expect(await firstValueFrom(node.cal(port, 'octets', octets))).toEqual([50_000_000, 9]);
    expect(octets.length).toBe(0);
  });

  it('reaches other workers of the same node, without any secret', async () => {
    const node = await start();
    const [one, other] = await Promise.all([spawn(node), spawn(node)]);
    const answer = await firstValueFrom(node.cal(await portOf(node, one), 'ask', await portOf(node, other)));
    expect(answer).toEqual([81]);
  });

  it('is reached from elsewhere through its node, if that is in a network (V5)', async () => {
    const secret = 'of this test';
    const hub = await start({ binds: ['127.0.0.1:0'], secret });
    const page = await start({ seeds: hub.addresses, secret });
    const client = await start({ seeds: hub.addresses, secret });
    await spawn(page, { name: 'w1' });
    const [port] = (await firstValueFrom(client.dbMon('crew').pipe(firstNonEmpty()))).keys();
    expect(await firstValueFrom(client.cal(port!, 'square', 5))).toEqual([25]);
  });
});

describe('who has no workers', () => {
  /** The files of the package that are loaded with an entry. */
  const loadedWith = (entry: string, loaded = new Set<string>()): ReadonlySet<string> => {
    if (loaded.has(entry)) return loaded;
    loaded.add(entry);
    const text = readFileSync(dist(`bundle/${entry}`), 'utf8');
    for (const [, file = ''] of text.matchAll(/^(?:import|export)\b[^;]*?"\.\/([^"]+)"/gm)) loadedWith(entry.startsWith('shared/') ? `shared/${file}` : file, loaded);
    return loaded;
  };

  it.each(['index.js', 'browser.js'])('loads nothing of them: %s', (entry) => {
    const texts = [...loadedWith(entry)].map((file) => readFileSync(dist(`bundle/${file}`), 'utf8'));
    expect(texts.length).toBeGreaterThan(5);
    const code = texts.join('\n');
    for (const source of ['src/network/attach/attach.ts', 'src/channel/port/end.ts', 'src/wire/values.ts', 'src/workers/spawn.ts']) expect(code).not.toContain(`// ${source}\n`);
    expect(code).toContain('// src/workers/functions.ts\n');
    expect(code).not.toMatch(/from "(node:)?worker_threads"/);
  });

  it('has nothing of worker_threads in what browsers load', () => {
    const all = readdirSync(dist('bundle/shared')).filter((file) => file.endsWith('.js'));
    const withThreads = all.filter((file) => readFileSync(dist(`bundle/shared/${file}`), 'utf8').includes('worker_threads'));
    expect([...loadedWith('browser.js')].filter((file) => withThreads.includes(file.replace('shared/', '')))).toEqual([]);
  });
});

describe('V19: N workers', () => {
  it('are a pool by spreadCalls; calls of one that ends are repeated at another one', async () => {
    const node = await start();
    const workers = await Promise.all([1, 2, 3].map(() => spawn(node)));
    let done = 0;
    const replies = await lastValueFrom(
      range(1, 60).pipe(
        map((n) => ['square', n] as const),
        spreadCalls(node, node.dbMon('crew'), { perPort: 4 }),
        map(({ request: [, n], reply: [square] }) => {
          if (++done === 10) void workers[0]!.terminate();
          return [n, square];
        }),
        toArray(),
      ),
    );
    expect(replies.sort(([a], [b]) => Number(a) - Number(b))).toEqual(Array.from({ length: 60 }, (_, i) => [i + 1, (i + 1) ** 2]));
  });

  it('count the primes of the example', async () => {
    const child = startChild([dist('examples/workers/main.js')], { env: { PRIMES_PIECE: '5000' } });
    const { code, stdout, stderr } = await ending(child, 30_000);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^worker-1: it was terminated$/m);
    expect(stdout).toMatch(/^17984 primes below 200000: right$/m);
  });
});
