import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll } from 'vitest';

/** Which octets: those that clients send, or those that the server sends. */
export type Direction = 'to the server' | 'to the client';

/** A place between real nodes where the network can fail. Clients connect to `address`, as they would to the server. */
export interface Proxy {
  readonly address: string;
  /** Breaks all connections: both ends see their end. New ones are accepted and broken until `heal`. */
  cut(): void;
  /** What is sent in these directions vanishes, the end of a connection too, and nobody gets an error: half-open. */
  swallow(...directions: readonly Direction[]): void;
  /** The connections that are there carry nothing any more, for ever and without an error, as when the way has changed. New ones work. */
  forget(): void;
  /** From now on only so many octets per ms pass, in each direction and connection, and in small pieces. */
  trickle(octets: number): void;
  /** Ends all faults. Connections that have lost octets can't go on without a hole: they break. */
  heal(): void;
}

/** Ms between two pieces of what trickles. */
const PAUSE = 5;

const open = new Set<() => Promise<void>>();
afterAll(() => Promise.all([...open].map((close) => close())));

/** Starts a proxy to `target`, which is `host:port` or `ws://host:port`. It is closed after the tests of the file. */
export async function startProxy(target: string): Promise<Proxy> {
  const [, scheme = '', host = '', port = ''] = /^(ws:\/\/)?([^:]+):(\d+)/.exec(target) ?? [];
  const sockets = new Set<Socket>();
  const holed = new Set<Socket>();
  const swallowed = new Set<Direction>();
  const forgotten = new WeakSet<Socket>();
  let isCut = false;
  let rate = Infinity;

  const write = async (to: Socket, octets: Buffer): Promise<void> => {
    if (!to.write(octets) && !to.destroyed) await Promise.race([once(to, 'drain'), once(to, 'close')]);
  };

  /** Carries what one socket says to the other, as the faults of each moment have it. */
  const carry = async (from: Socket, to: Socket, direction: Direction): Promise<void> => {
    for await (const chunk of from) {
      let rest = chunk as Buffer;
      let time = performance.now();
      while (rest.length > 0 && !to.destroyed) {
        if (forgotten.has(from)) break;
        if (swallowed.has(direction)) {
          holed.add(from).add(to);
          break;
        }
        // a busy machine waits longer than it was told, and then more may pass
        if (rate < Infinity) await wait(PAUSE);
        const now = performance.now();
        const share = rate < Infinity ? Math.ceil(rate * (now - time)) : rest.length;
        time = now;
        await write(to, rest.subarray(0, share));
        rest = rest.subarray(share);
      }
    }
  };

  const join = (from: Socket, to: Socket, direction: Direction): void => {
    sockets.add(from);
    from.setNoDelay(true).once('close', () => {
      sockets.delete(from);
      holed.delete(from);
    });
    carry(from, to, direction).then(
      () => {
        if (forgotten.has(from)) return;
        if (swallowed.has(direction)) holed.add(from).add(to);
        else to.end();
      },
      () => {
        if (forgotten.has(from)) return;
        if (swallowed.has(direction)) holed.add(to);
        else to.resetAndDestroy();
      },
    );
  };

  const server = createServer({ allowHalfOpen: true }, (client) => {
    if (isCut) {
      client.on('error', () => undefined).resetAndDestroy();
      return;
    }
    const upstream = connect({ port: Number(port), host, allowHalfOpen: true });
    join(client, upstream, 'to the server');
    join(upstream, client, 'to the client');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const close = async (): Promise<void> => {
    open.delete(close);
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  };
  open.add(close);

  return {
    address: `${scheme}127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut() {
      isCut = true;
      for (const socket of sockets) socket.resetAndDestroy();
    },
    swallow(...directions) {
      for (const direction of directions) swallowed.add(direction);
    },
    forget() {
      for (const socket of sockets) forgotten.add(socket);
    },
    trickle(octets) {
      rate = octets;
    },
    heal() {
      isCut = false;
      rate = Infinity;
      swallowed.clear();
      for (const socket of holed) socket.resetAndDestroy();
    },
  };
}
