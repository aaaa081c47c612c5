import type { Subscription } from 'rxjs';
import type { Clock } from '../env/clock.js';
import { parseAddress } from '../transport/address.js';
import type { Chunk, Duplex, Transport } from '../transport/duplex.js';

/** What the compliance suite needs to know of one transport, made anew for every check. */
export interface TransportUnderTest {
  readonly transport: Transport;
  /** An address to listen on, where each call gets a free one: `127.0.0.1:0`. */
  readonly bind: string;
  /** From what `listening` reported, the text to connect to. */
  address(listening: string): string;
  /** So many octets may be with somebody between the two ends, a relay, who drops them after an abrupt end. Default: none. */
  readonly between?: number;
  close(): Promise<void>;
}

/** Both ends of one connection. */
export interface Ends {
  readonly client: Duplex;
  readonly server: Duplex;
}

/** A listener, and everything that came of it. */
export interface Bench {
  readonly accepted: readonly Duplex[];
  readonly address: string;
  connect(): Promise<Ends>;
  /** Stops listening; the connections stay. */
  unlisten(): void;
  /** Stops listening and aborts all connections. */
  close(): void;
}

/** What one end has received, from the call of `record` on. */
export interface Recording {
  readonly octets: () => Uint8Array;
  readonly length: () => number;
  readonly text: () => string;
  /** How often `incoming$` completed or errored. */
  readonly ends: () => number;
  readonly error: () => unknown;
  readonly subscription: Subscription;
}

/** Waits and asserts on a clock. */
export interface Waits {
  /** Waits until `done`, looked at every few milliseconds; throws after the time limit, saying `what` did not happen. */
  until(what: string, done: () => boolean): Promise<void>;
  pause(ms: number): Promise<void>;
}

/** What a check works with; the bench is closed after it. */
export interface Scene {
  readonly test: TransportUnderTest;
  readonly bench: Bench;
  readonly waits: Waits;
}

/** One property of a right transport. It throws where the transport is wrong. */
export type Check = readonly [name: string, run: (scene: Scene) => Promise<void>];

/** Throws an error with `message` unless `condition` holds. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

/** Waits that give up after `limit` milliseconds of `clock`. */
export function waitsOn(clock: Clock, limit: number): Waits {
  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      clock.after(ms, resolve);
    });
  return {
    pause,
    async until(what, done) {
      const end = clock.monotonic() + limit;
      while (!done()) {
        assert(clock.monotonic() < end, `waited ${limit} ms in vain for: ${what}`);
        await pause(2);
      }
    },
  };
}

/** Listens on `bind`, by default that of the transport under test. */
export async function openBench(test: TransportUnderTest, waits: Waits, bind = test.bind): Promise<Bench> {
  const accepted: Duplex[] = [];
  const opened: Duplex[] = [];
  let addresses: readonly string[] = [];
  let failure: unknown;
  const listening = test.transport.listen(parseAddress(bind)).subscribe({
    next: (event) => {
      if (event.kind === 'listening') addresses = event.addresses;
      else accepted.push(event.duplex);
    },
    error: (error: unknown) => {
      failure = error;
    },
  });
  await waits.until(`"listening" of ${bind}`, () => addresses.length > 0 || failure !== undefined);
  const [first] = addresses;
  if (first === undefined) throw failure;
  const address = test.address(first);
  return {
    accepted,
    address,
    async connect() {
      const before = accepted.length;
      const client = await connectTo(test.transport, address, waits);
      opened.push(client);
      await waits.until(`"connection" at ${address}`, () => accepted.length > before);
      const server = accepted[before];
      assert(server !== undefined, `no connection at ${address}`);
      return { client, server };
    },
    unlisten() {
      listening.unsubscribe();
    },
    close() {
      listening.unsubscribe();
      for (const duplex of [...opened, ...accepted]) duplex.close(new Error('the check is over'));
    },
  };
}

/** Connects once; throws what `connect` errors with. */
export async function connectTo(transport: Transport, address: string, waits: Waits): Promise<Duplex> {
  let client: Duplex | undefined;
  let ended = false;
  let failure: unknown;
  transport.connect(parseAddress(address)).subscribe({
    next: (duplex) => {
      client = duplex;
    },
    error: (error: unknown) => {
      failure = error;
      ended = true;
    },
    complete: () => {
      ended = true;
    },
  });
  await waits.until(`connect to ${address} to complete or fail`, () => ended);
  assert(failure === undefined || failure instanceof Error, `connect failed with ${String(failure)}: expected an Error`);
  if (failure !== undefined) throw failure;
  assert(client !== undefined, `connect to ${address} completed without a duplex`);
  return client;
}

/** Reads one end. */
export function record(duplex: Duplex, onChunk: (chunk: Chunk) => void = () => undefined): Recording {
  const encoder = new TextEncoder();
  const parts: Uint8Array[] = [];
  let length = 0;
  let ends = 0;
  let failure: unknown;
  const subscription = duplex.incoming$.subscribe({
    next: (chunk) => {
      const octets = typeof chunk === 'string' ? encoder.encode(chunk) : chunk;
      parts.push(octets);
      length += octets.length;
      onChunk(chunk);
    },
    error: (error: unknown) => {
      failure = error;
      ends += 1;
    },
    complete: () => {
      ends += 1;
    },
  });
  const octets = (): Uint8Array => {
    const all = new Uint8Array(length);
    let at = 0;
    for (const part of parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  };
  return {
    octets,
    length: () => length,
    text: () => new TextDecoder().decode(octets()),
    ends: () => ends,
    error: () => failure,
    subscription,
  };
}
