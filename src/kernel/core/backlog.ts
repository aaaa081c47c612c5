import type { Limits } from '../../env/limits.js';
import { cborFraming } from '../../wire/cbor.js';
import { jsonFraming } from '../../wire/json.js';
import { checkSize } from '../../wire/size.js';
import type { AnyMessage } from './message.js';

export type Backlog = ReturnType<typeof createBacklog>;

type BacklogLimits = Pick<Limits, 'messageSize' | 'messageItems' | 'queueSize' | 'searchQueueSize'>;

/** What waits for connections to all peers, in octets. */
export interface Waiting {
  size: number;
}

/** What waits for a connection to one peer; `all` counts it too. */
export function createBacklog(limits: BacklogLimits, all: Waiting) {
  const { queueSize, searchQueueSize } = limits;
  let messages: (readonly [portName: string, message: AnyMessage])[] = [];
  let size = 0;
  return {
    /** The encoded size of all, in octets (S19). */
    get size() {
      return size;
    },
    /** Why no more may wait, in words; undefined: it may. */
    get excess(): string | undefined {
      if (size > queueSize) return `the queue is too long: ${size} octets wait, limits.queueSize is ${queueSize}`;
      if (all.size <= searchQueueSize) return undefined;
      return `the queues of all nodes that are looked for are too long: ${all.size} octets wait, limits.searchQueueSize is ${searchQueueSize}`;
    },
    /** Encodes, to learn the size, and so that what can't be encoded throws at the call. */
    push(portName: string, message: AnyMessage): void {
      const encoded = encode(portName, message);
      checkSize(encoded, portName, message, limits);
      size += encoded.length;
      all.size += encoded.length;
      messages.push([portName, message]);
    },
    /** Hands out everything, in order, and is empty then. */
    takeAll(): typeof messages {
      const taken = messages;
      messages = [];
      all.size -= size;
      size = 0;
      return taken;
    },
  };
}

/** In the framing that is most likely; the peer's is not known yet, and some values only CBOR carries. */
function encode(portName: string, message: AnyMessage): string | Uint8Array {
  try {
    return jsonFraming.encode(portName, message);
  } catch {
    return cborFraming.encode(portName, message);
  }
}
