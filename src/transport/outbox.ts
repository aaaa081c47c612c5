import type { Env } from '../env/env.js';
import { MessageTooLarge } from '../wire/errors.js';
import type { Framing } from '../wire/framing.js';
import type { Duplex } from './duplex.js';

/** What waits to be written to one connection. */
export interface Outbox {
  /** Encodes and queues a message; false when more waits than `limits.highWaterMark`. */
  push(portName: string, message: readonly unknown[]): boolean;
  /** Writes what waits, now. */
  flush(): void;
  /** Octets that wait here for the transport (JSON: UTF-16 units). */
  readonly queued: number;
  /** The transport takes more again. */
  drained(): void;
}

/**
 * Collects what one turn of the event loop sends and writes it at the end of the turn, in one piece: that is 16 to 20
 * times faster than a write per message. While the transport has enough, everything waits here, where it can be counted.
 */
export function createOutbox(duplex: Duplex, framing: Framing, env: Env, overflow: (queued: number) => void): Outbox {
  const { clock, limits } = env;
  let text = '';
  let octets: Uint8Array[] = [];
  let queued = 0;
  let scheduled = false;
  let blocked = false;

  const flush = (): void => {
    scheduled = false;
    if (blocked || queued === 0) return;
    const chunk = text === '' ? concat(octets, queued) : text;
    text = '';
    octets = [];
    queued = 0;
    blocked = !duplex.write(chunk);
  };

  return {
    push(portName, message) {
      const encoded = framing.encode(portName, message);
      const size = encoded.length;
      if (size > limits.messageSize) {
        throw new MessageTooLarge(
          `a message of ${size} octets to port "${portName}" is too large: limits.messageSize is ${limits.messageSize}`,
        );
      }
      if (typeof encoded === 'string') text += encoded;
      else octets.push(encoded);
      queued += size;
      if (!scheduled) {
        scheduled = true;
        clock.turn(flush);
      }
      if (queued > limits.queueSize) overflow(queued);
      return queued <= limits.highWaterMark;
    },
    flush,
    get queued() {
      return queued;
    },
    drained() {
      blocked = false;
      flush();
    },
  };
}

function concat(parts: readonly Uint8Array[], length: number): Uint8Array {
  const [first] = parts;
  if (first !== undefined && parts.length === 1) return first;
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
