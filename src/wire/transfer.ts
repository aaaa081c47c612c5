import { isOctets } from './octets.js';
import { kindOf } from './message.js';

/** `marked`: to be taken along by the next message that has them; `taken`: a message has, and they are empty once it has left. */
const marks = new WeakMap<Uint8Array, 'marked' | 'taken'>();

/**
 * Marks octets that need not be copied: a message to a node behind a port (`attach`, `spawnWorker`) takes them along, and they
 * are empty here once it has left (V18). The first such message counts. To all other nodes they are copied, and on the same node handed over, as
 * without the mark.
 *
 * Gives the octets back. Throws TypeError for what is no `Uint8Array`, and for a part of a larger buffer, which can't be taken
 * along alone.
 *
 * @example
 * node.snd(worker, 'image', transfer(pixels));
 */
export function transfer<T extends Uint8Array>(octets: T): T {
  if (!isOctets(octets)) throw new TypeError(`transfer() takes octets (a Uint8Array), got ${kindOf(octets)}`);
  const { buffer, byteLength } = octets;
  if (byteLength !== buffer.byteLength) {
    throw new TypeError(`transfer() got ${byteLength} octets of a buffer of ${buffer.byteLength}: a part can't be taken along alone, slice() copies it`);
  }
  if (byteLength > 0) marks.set(octets, 'marked');
  return octets;
}

/** Octets for a message that takes them along: those that were marked, or a copy. */
export function takenAlong(octets: Uint8Array): Uint8Array<ArrayBuffer> {
  const mark = marks.get(octets);
  if (mark !== undefined && octets.length === 0) throw new TypeError('octets were sent with transfer() before: they are with the other node now');
  // `slice` of a Buffer is no copy
  if (mark !== 'marked' || !(octets.buffer instanceof ArrayBuffer)) return new Uint8Array(octets);
  marks.set(octets, 'taken');
  return octets as Uint8Array<ArrayBuffer>;
}
