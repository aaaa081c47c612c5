import { ProtocolError } from './errors.js';
import { isOctets } from './octets.js';

/** The limits of `Limits` that a decoder keeps. */
export interface FramingLimits {
  /** Octets of one encoded message. */
  readonly messageSize: number;
  /** Levels of arrays and maps in one message, the message itself included. */
  readonly messageDepth: number;
  /** Elements, keys and values in one message, all levels together (`countItems`). */
  readonly messageItems: number;
}

/**
 * Takes a message: the port name (null and undefined mean the node port, but say nothing to it), and what was sent to it,
 * which is fresh and belongs to whom it is delivered. Must not throw.
 */
export type Deliver = (portName: unknown, message: unknown[]) => void;

/** Messages that stay values, for connections that carry those. */
export interface Values {
  /** Each begins with its port name. Nobody changes them any more. */
  readonly messages: readonly unknown[];
  /** About how many octets they are. */
  readonly length: number;
  /** What of them is taken along, and not copied. */
  readonly transfer: ArrayBuffer[];
}

/** What a framing makes of a message. */
export type Encoded = string | Uint8Array | Values;

export const isValues = (encoded: Encoded): encoded is Values => typeof encoded === 'object' && 'messages' in encoded;

/** Turns a stream, cut in any way, back into messages. */
export interface Decoder<E extends Encoded = string | Uint8Array> {
  /**
   * Delivers each message that this chunk completes, in order. Throws `ProtocolError` or `MessageTooLarge` at the first bad
   * one, after delivering those before it; the decoder must not be used again then. A string is a piece of the stream like
   * any other.
   */
  push(chunk: E, deliver: Deliver): void;
}

/** A way to put messages on a stream one after the other (wire.md §1.5). */
export interface Framing<E extends Encoded = string | Uint8Array> {
  readonly name: 'rxmp_json' | 'json' | 'cbor' | 'rxmp_values';
  /**
   * Encodes `[portName, ...message]`. The caller may keep the result, and checks its size. Values are taken as
   * `JSON.stringify` takes them: `toJSON` counts, undefined is null in arrays and left out in objects.
   * Throws TypeError for what cannot be sent, such as an object that contains itself.
   */
  encode(portName: string, message: readonly unknown[]): E;
  /** A cheaper way for many messages, where there is one. */
  readonly batching?: Batching;
  /** For one connection. */
  decoder(limits: FramingLimits): Decoder<E>;
}

/** A message is at most so many times as long, in octets, as `Batching` expects: `\u0001`. */
export const LONGER = 6;

/** Encodes short messages of plain values together, some time after they were sent: nothing of them can change. */
export interface Batching {
  /**
   * How long the message is expected to get, in UTF-16 units; escapes may make it longer, up to `LONGER` times. Undefined:
   * it holds something that can change or that might be refused, and has to be encoded by itself, at once.
   */
  lengthOf(portName: string, message: readonly unknown[]): number | undefined;
  /** For one connection. */
  batch(): Batch;
}

/** Messages that will be encoded together. */
export interface Batch {
  add(portName: string, message: readonly unknown[]): void;
  /**
   * The encoded messages, in order; the batch is empty then. They are in one piece, unless that would be longer than
   * `longest` UTF-16 units: then each is in one of its own.
   */
  take(longest: number): readonly string[];
}

/** Gives the decoded value back when it can be a message. Throws {@link ProtocolError} otherwise. */
export function checkMessage(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new ProtocolError(`a message is an array, got ${kindOf(value)}`);
  const message: unknown[] = value;
  const port = message[0];
  if (typeof port === 'string' || port === null || port === undefined) return message;
  throw new ProtocolError(`a message begins with a port name, got ${kindOf(port)}`);
}

/** What a value from outside is, in words for an error message. */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'an array';
  if (isOctets(value)) return `${value.length} octets`;
  if (typeof value === 'bigint') return 'a large integer';
  if (value !== null && typeof value === 'object') return 'an object';
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
