import { ProtocolError } from '../../wire/errors.js';
import { isValues } from '../../wire/message.js';
import { elementsOf, packetOf, type Packet } from '../core/packet.js';

/** What begins every message of rxmp on a port: others may use the port too. */
export const TAG = 'rxmp';

/** Messages as they are; between two nodes there is no such packet. */
const VALUES = 'values';

/** A packet as it goes over a port, and what of it is taken along. */
export function posted(packet: Packet): { readonly elements: readonly unknown[]; readonly transfer: ArrayBuffer[] } {
  if (packet.kind !== 'piece' || typeof packet.data === 'string') return { elements: elementsOf(packet), transfer: [] };
  const { id, n, data } = packet;
  if (isValues(data)) return { elements: [VALUES, id, n, data.length, data.messages], transfer: data.transfer };
  // of a part of a buffer all of it would be copied
  const octets = new Uint8Array(data);
  return { elements: elementsOf({ ...packet, data: octets }), transfer: [octets.buffer] };
}

/** Reads what {@link posted} has made. Throws {@link ProtocolError} for what is no packet. */
export function readPacket(elements: readonly unknown[], names: { readonly nameSize: number }): Packet {
  const [kind, id, n, length, messages] = elements;
  if (kind !== VALUES) return packetOf(elements, names);
  const isRight = Number.isSafeInteger(id) && Number.isSafeInteger(n) && Number.isSafeInteger(length) && (length as number) > 0;
  if (!isRight || !Array.isArray(messages)) throw new ProtocolError('values have a number, a length and messages');
  return { kind: 'piece', id: id as number, n: n as number, data: { length: length as number, messages, transfer: [] } };
}
