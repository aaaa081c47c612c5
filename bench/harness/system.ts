import type { Sink } from './counter.js';

/** A way to pass messages between two processes: one listens, the other connects. Each is a module of `systems/`. */
export interface System {
  listen(sink: Sink, options: SystemOptions): Promise<Listening>;
  connect(address: string, sink: Sink, options: SystemOptions): Promise<End>;
  /** A process between the two others. */
  pass?(address: string): Promise<Listening>;
}

export interface SystemOptions {
  /** Over WebSocket instead of TCP, where there is a choice. */
  readonly webSocket?: boolean;
  /** Keys of the family that is watched. */
  readonly keys?: number;
}

export interface Listening {
  /** Whatever `connect` needs to know. */
  readonly address: string;
  /** The end that faces the one that has connected, if it can send. */
  readonly end?: Promise<End>;
  close(): unknown;
}

/** One of two ends that can talk. */
export interface End {
  /** Sends a message of 100 octets; false: enough is under way, wait for {@link drained}. */
  send(index: number): boolean;
  drained(): Promise<unknown>;
  /** Gives a function that sends a request of 100 octets; `answered` is called for each answer. */
  caller?(answered: () => void): (index: number) => void;
  close(): unknown;
}

/** With its port, tag, index and framing a message of about 100 octets. */
export const PAYLOAD = 'x'.repeat(64);

/** An end that cannot send. */
export const receiver = (close: () => unknown): End => ({
  send: () => { throw new Error('this end only receives'); },
  drained: () => Promise.resolve(),
  close,
});
