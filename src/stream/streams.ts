import type { Observable } from 'rxjs';
import type { Mux, Request } from '../channel/core/mux.js';
import { STREAM, STREAM_DATA } from '../channel/core/purposes.js';
import type { Env } from '../env/env.js';
import { word } from '../env/random.js';
import { signalOf, type SignalOptions } from '../env/signal.js';
import { NodeClosed, NotLocal, portError, StreamRefused } from '../kernel/errors.js';
import type { NodeChange } from '../kernel/core/peers.js';
import type { PortRecord } from '../kernel/core/port-record.js';
import type { Kernel } from '../kernel/kernel.js';
import { recordOf } from '../kernel/local-port.js';
import type { PortRef } from '../kernel/types.js';
import type { Network } from '../network/network.js';
import type { Find } from '../network/searches.js';
import { isVia } from '../transport/address.js';
import { duplexPair, type Carry } from '../transport/pair.js';
import { ProtocolError } from '../wire/errors.js';
import { kindOf } from '../wire/message.js';
import { printable } from '../wire/printable.js';
import { nodeOf, portIdOf, portNameOf } from '../wire/portid.js';
import { createArrivals } from './arrivals.js';
import { createConnections, duplexOf } from './connections.js';
import { addressesOf } from './core/control.js';
import { createStreamEnd, type EndContext, type StreamEnd } from './end.js';
import { createDataConn, type DataConn } from './dataconn.js';
import { createTakers, type Taker } from './takers.js';
import { talkOver } from './talk.js';
import type { IncomingStream, PortStream, StreamOptions } from './types.js';

/** The functions of a node for streams (V14). */
export interface StreamFunctions {
  /**
   * Opens a stream to a port anywhere, at which somebody subscribes to `streams(port)`; `args` are for him. It can be used at once. To a node id: the
   * first argument names a function that is registered there, which gets the stream after the others. A last argument whose only keys are `signal` and
   * `values` is options. What goes wrong is an error of the two Web Streams and of `opened`: `StreamRefused` where nobody takes
   * streams, `PortDied` where the port's node can't be reached, or is lost, or the port dies, `StreamAborted` with the reason that the other end gave.
   *
   * @example
   * ```ts
   * import { createNode } from 'rxmp';
   *
   * const node = await createNode();
   * const port = node.port();
   * node.streams(port).subscribe(({ args: [name], stream }) => {
   *   console.log(name); // greeting
   *   stream.readable.pipeTo(stream.writable).catch(console.error); // sends all of it back
   * });
   * const { readable, writable } = node.openStream(port, 'greeting');
   * const writer = writable.getWriter();
   * void writer.write(new TextEncoder().encode('hello'));
   * void writer.close();
   * for await (const octets of readable) console.log(new TextDecoder().decode(octets)); // hello
   * await node.close();
   * ```
   */
  openStream<T = Uint8Array>(port: PortRef, ...argsAndOptions: readonly unknown[]): PortStream<T>;

  /**
   * The streams that are opened to a port of this node. Its subscribers are code of the port: `self` is set, and what they throw kills it (S5). Ends
   * with the port, as `rcv(port)` does. While nobody subscribes, streams are refused. Throws `NotLocal`.
   */
  streams<T = Uint8Array>(port: PortRef, options?: SignalOptions): Observable<IncomingStream<T>>;
}

export interface StreamsContext {
  readonly env: Env;
  readonly kernel: Kernel;
  readonly network: Pick<Network, 'channels' | 'connectData'>;
  /** Where a node listens, as the database knows it. */
  readonly find: Find;
  /** How long a connection with a node of AnyEvent::MP may take to be made, ms. */
  readonly monitorTimeout: number;
  /** Where this node listens, as others are told. */
  addresses(): readonly string[];
}

/** So long that nobody guesses it. */
const ID_LENGTH = 20;

/** Streams between the ports of this node and others. */
export function createStreams({ env, kernel, network, addresses, find, monitorTimeout }: StreamsContext) {
  const { ports, peers, queue } = kernel;
  const connections = createConnections({ env, network });
  const takers = createTakers(kernel);
  const open = new Set<StreamEnd>();
  const dataConn: DataConn = createDataConn({ env, kernel, network, connections, find, monitorTimeout, createEnd: (...given) => createEnd(...given) });
  const arrivals = createArrivals(env, (node) => peers.isUp(node) === true);

  /** An end that is forgotten when it is over. */
  const createEnd = (context: Omit<EndContext, 'env' | 'over'>, over: () => void): StreamEnd => {
    const end = createStreamEnd({
      ...context,
      env,
      over() {
        open.delete(end);
        over();
      },
    });
    open.add(end);
    return end;
  };

  /** The end of a stream at a taker's. */
  const createTakenEnd = (from: string, values: boolean, { port }: Taker, over: () => void): StreamEnd => {
    const unwatch = port === kernel.nodePort ? () => undefined : ports.monitor(port.id, { fire: (reason) => { end.die(reason); } });
    const end = createEnd({ other: from, values }, () => {
      unwatch();
      over();
    });
    return end;
  };

  const openNowhere = (port: string, _: readonly unknown[], values: boolean): StreamEnd => {
    const end = createEnd({ other: port, values }, () => undefined);
    end.lose(new NodeClosed(kernel.id));
    return end;
  };

  const openHere = (port: string, args: readonly unknown[], values: boolean, signal: AbortSignal | undefined): StreamEnd => {
    const end = createEnd({ other: port, values, signal }, () => undefined);
    queue.later(() => {
      if (!open.has(end)) return;
      const taker = takers.find(portNameOf(port), args);
      if (typeof taker === 'string') {
        end.lose(new StreamRefused(port, taker));
        return;
      }
      const there = createTakenEnd(kernel.id, values, taker, () => undefined);
      const options = { clock: env.clock, addresses: [kernel.id, kernel.id] } as const;
      // before anything else: who has read the last of it may close the node
      const soon: Carry = (parcel, deliver) => { env.clock.soon(() => { deliver(parcel); }); };
      const [talk, data] = [duplexPair({ ...options, leftToRight: soon, rightToLeft: soon }), duplexPair(options)];
      talkOver(talk.left, end, env.limits);
      talkOver(talk.right, there, env.limits);
      end.attach(data.left, new Uint8Array(), 'local');
      there.attach(data.right, new Uint8Array(), 'local');
      taker.take({ args, stream: there.stream, from: kernel.id });
    });
    return end;
  };

  const openThere = (port: string, args: readonly unknown[], values: boolean, signal: AbortSignal | undefined): StreamEnd => {
    const node = nodeOf(port);
    const id = word(env.random, ID_LENGTH);
    const agreed = (theirs: readonly string[] | undefined): void => {
      if (theirs !== undefined) connections.make(id, node, theirs, end.attach, (reason) => { end.fail(new StreamRefused(port, printable(reason))); });
    };
    let isBare = false;
    const end = createEnd({ other: port, values, signal, agreed, isBare: () => isBare }, () => {
      forget();
      unwatch();
      stopWaiting();
    });
    const forget = connections.expect(id, node, end.attach);
    // it has to be connected (S14), and who can't be reached says so
    const unwatch = kernel.monitor(node, { fire: (reason) => { end.lose(portError(port, reason)); } });
    /** A node of AnyEvent::MP has no channels. */
    const begin = (mux: Mux | undefined): void => {
      if (mux === undefined) {
        isBare = true;
        dataConn.open(port, id, args, end);
        return;
      }
      mux.open([STREAM, portNameOf(port), id, values, addresses(), ...args], {
        opened: (channel) => { talkOver(duplexOf(channel, node, env), end, env.limits); },
        failed: (reason) => { end.lose(new StreamRefused(port, printable(reason))); },
      });
    };
    const stopWaiting = arrivals.when(node, () => {
      try {
        begin(network.channels.to(node));
      } catch (error) {
        // what can't be sent (S10)
        end.lose(error instanceof Error ? error : new Error(String(error)));
      }
    });
    return end;
  };

  /** Somebody opens a stream to a port of this node. */
  const requested = (from: string, request: Request): void => {
    const [, portName, id, values, theirs, ...args] = request.what;
    if (typeof portName !== 'string' || typeof id !== 'string' || !Array.isArray(theirs)) {
      throw new ProtocolError(`a stream is for a port, and has an id and addresses: got ${[portName, id, theirs].map(kindOf).join(', ')}`);
    }
    const listeners = addressesOf(theirs as unknown[]);
    queue.run(() => {
      const taker = takers.find(portName, args);
      if (typeof taker === 'string') request.refuse(taker);
      else accept(from, request, { id, values: values === true, listeners, args }, taker);
    });
  };

  interface Wanted {
    readonly id: string;
    readonly values: boolean;
    readonly listeners: readonly string[];
    readonly args: readonly unknown[];
  }

  const accept = (from: string, request: Request, { id, values, listeners, args }: Wanted, taker: Taker): void => {
    const end = createTakenEnd(from, values, taker, () => { forget(); });
    const forget = connections.expect(id, from, end.attach);
    talkOver(duplexOf(request.accept(), from, env), end, env.limits);
    const own = addresses();
    const link = peers.linkTo(from);
    // who has made the connection of the nodes can surely make one more
    const isDialer = listeners.length > 0 && (own.length === 0 || (link?.initiator === true && !isVia(link.remoteAddress)));
    end.say(isDialer ? { kind: 'wait' } : { kind: 'dial', addresses: own });
    if (isDialer) connections.make(id, from, listeners, end.attach, (reason) => { end.fail(new StreamRefused(from, printable(reason))); });
    taker.take({ args, stream: end.stream, from });
  };

  const localRecord = (port: PortRef): PortRecord => {
    const id = portIdOf(port);
    if (nodeOf(id) !== kernel.id) throw new NotLocal(`streams works on ports of this node, ${kernel.id}, only: ${id} is a port of ${nodeOf(id)}`);
    if (portNameOf(id) === '') throw new TypeError(`streams does not work on ${id}: streams to a node port are for functions that are registered here`);
    return recordOf(ports, port) ?? ports.records.get(id) ?? ports.dead(id, kernel.closed ? [] : undefined);
  };

  return {
    functions: {
      openStream(port: PortRef, ...given: readonly unknown[]) {
        const id = portIdOf(port);
        const last = given.at(-1);
        const { signal, values = false } = isStreamOptions(last) ? last : {};
        const args = isStreamOptions(last) ? given.slice(0, -1) : given;
        const openEnd = kernel.closed ? openNowhere : nodeOf(id) === kernel.id ? openHere : openThere;
        return openEnd(id, args, values, signal).stream as PortStream<unknown>;
      },
      streams: (port: PortRef, options?: SignalOptions) => takers.streamsOf(localRecord(port), signalOf(options)),
    } as unknown as StreamFunctions,
    requested(from: string, request: Request): boolean {
      const [what] = request.what;
      if (what === STREAM) requested(from, request);
      else if (what === STREAM_DATA) connections.requested(from, request);
      else return false;
      return true;
    },
    /** Another node has made a connection for a stream. */
    arrived: connections.arrived,
    nodeChanged({ node, up }: NodeChange): void {
      if (up) arrivals.up(node);
    },
    close(): void {
      connections.close();
      dataConn.close();
      for (const end of [...open]) end.lose(new NodeClosed(kernel.id));
      arrivals.close();
    },
  };
}

export type Streams = ReturnType<typeof createStreams>;

/** An argument is taken for options only if it can be nothing else. */
function isStreamOptions(value: unknown): value is StreamOptions {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const entries = Object.entries(value as Readonly<Record<string, unknown>>);
  return entries.length > 0 && entries.every(([key, given]) => given === undefined ? key === 'signal' || key === 'values' : isOption(key, given));
}

function isOption(key: string, given: unknown): boolean {
  return key === 'values' ? typeof given === 'boolean' : key === 'signal' && typeof given === 'object' && given !== null && 'aborted' in given;
}
