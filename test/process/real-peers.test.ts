import { createServer, connect, type AddressInfo, type Socket } from 'node:net';
import { filter, firstValueFrom } from 'rxjs';
import { createNode, type MpNode, type PortId, type Reason } from 'rxmp';
import { silentLog } from 'rxmp/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { ending, eventually, startNode, type NodeChild } from './children.js';

const secret = 'real peers';
/** Short, so that the test is; long against the noise of a busy machine. */
const monitorTimeout = 2_000;
const MONITORS = 3;

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const startEcho = (bind: string): Promise<NodeChild> =>
  startNode(['nodeid', 'echo/', 'binds', bind, 'norc', 'true', 'services', './test/process/echo-service.js#start'], {
    env: { RXMP_SECRET: secret },
  });

interface Watched {
  readonly port: PortId;
  readonly reasons: Reason[];
  /** ms from the call of `watch` on, one for each reason. */
  readonly times: number[];
}

/** A node here that calls a port there, and monitors it and its node several times. */
async function watch(address: string, peer: string): Promise<{ node: MpNode; watched: Watched }> {
  const node = await createNode({ seeds: [address], secret, monitorTimeout, log: silentLog });
  closing.push(() => node.close());
  await firstValueFrom(node.monNodes().pipe(filter(({ up }) => up)));
  const port = node.spawn(peer, 'echo');
  expect(await firstValueFrom(node.cal(port, 'echo', { timeout: 5_000 }).pipe())).toEqual([]);
  const watched: Watched = { port, reasons: [], times: [] };
  const fired = (...reason: Reason): void => {
    watched.reasons.push(reason);
    watched.times.push(performance.now());
  };
  for (let i = 0; i < MONITORS; i++) {
    node.mon(port, fired);
    node.mon(peer, fired);
  }
  // the monitors have arrived when a call has been there and back
  await firstValueFrom(node.cal(port, 'echo'));
  return { node, watched };
}

/** Every monitor fires once, soon enough after `since`, with the same kind of reason, and never again. */
async function expectAllOnce(watched: Watched, since: number, peer: string, within: number): Promise<void> {
  await eventually('the monitors', () => watched.reasons.length >= 2 * MONITORS, within + 2_000);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(watched.reasons).toHaveLength(2 * MONITORS);
  for (const reason of watched.reasons) expect(reason.slice(0, 2)).toEqual(['transport_error', peer]);
  for (const time of watched.times) expect(time - since).toBeLessThanOrEqual(within);
}

/** A TCP proxy that can stop passing octets without closing anything: what a pulled cable looks like. */
async function startProxy(target: string): Promise<{ address: string; cut: () => void }> {
  const [host, port] = target.split(':');
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(port), host);
    for (const [one, other] of [[client, upstream], [upstream, client]] as const) {
      sockets.add(one);
      one.on('data', (data) => other.write(data));
      one.on('error', () => {});
      one.on('close', () => other.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const cut = (): void => {
    server.close();
    for (const socket of sockets) {
      socket.removeAllListeners('data');
      socket.pause();
    }
  };
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, cut };
}

describe.each([['TCP', '127.0.0.1:0'], ['WebSocket', 'ws://127.0.0.1:0']])('a real peer process over %s', (_, bind) => {
  it('S13: killed with SIGKILL, fires every monitor once', async () => {
    const child = await startEcho(bind);
    const { watched } = await watch(child.addresses[0]!, child.id);
    const since = performance.now();
    child.kill('SIGKILL');
    await expectAllOnce(watched, since, child.id, monitorTimeout);
  });

  it('S16: frozen with SIGSTOP, fires every monitor once within monitorTimeout', async () => {
    const child = await startEcho(bind);
    const { node, watched } = await watch(child.addresses[0]!, child.id);
    const since = performance.now();
    child.kill('SIGSTOP');
    // messages to a frozen peer still leave this process: only its silence tells
    node.snd(watched.port, 'echo', 'nobody');
    try {
      await expectAllOnce(watched, since, child.id, monitorTimeout);
    } finally {
      child.kill('SIGCONT');
    }
    // thawed, it is found again by its seed, and its node answers
    await eventually('the peer', () => node.upNodes().includes(child.id));
    expect(await firstValueFrom(node.cal(child.id, 'time'))).toHaveLength(1);
  });

  it('ends cleanly on SIGTERM, which its peers notice at once', async () => {
    const child = await startEcho(bind);
    const { watched } = await watch(child.addresses[0]!, child.id);
    const since = performance.now();
    child.kill('SIGTERM');
    expect(await ending(child)).toMatchObject({ code: 0, stderr: '' });
    await expectAllOnce(watched, since, child.id, 1_000);
  });
});

describe('a real peer process behind a proxy', () => {
  it('S16: cut off without a word, fires every monitor once within monitorTimeout', async () => {
    const child = await startEcho('127.0.0.1:0');
    const proxy = await startProxy(child.addresses[0]!);
    const { watched } = await watch(proxy.address, child.id);
    const since = performance.now();
    proxy.cut();
    await expectAllOnce(watched, since, child.id, monitorTimeout);
  });

  it('S16: is left alone while it is idle for several times monitorTimeout', async () => {
    const child = await startEcho('127.0.0.1:0');
    const { node, watched } = await watch(child.addresses[0]!, child.id);
    await new Promise((resolve) => setTimeout(resolve, 2.5 * monitorTimeout));
    expect(watched.reasons).toEqual([]);
    expect(node.upNodes()).toEqual([child.id]);
  });
});
