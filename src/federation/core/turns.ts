import { sizeOf } from '../../database/core/values.js';
import type { Control, Packet } from './packets.js';

/** A turn of so few packets is never cut: each is within the limits of a message, and measuring would cost more. */
const FEW = 32;

/**
 * Cuts a long turn into messages of about `size` octets, in order: what a new link is told of a large scope would be too
 * long for one.
 */
export function cutTurn(turn: readonly (Packet | Control)[], size: number): readonly (readonly (Packet | Control)[])[] {
  if (turn.length <= FEW) return [turn];
  const parts: (Packet | Control)[][] = [];
  let room = 0;
  for (const packet of turn) {
    const taken = sizeOf(packet);
    if (taken > room || parts.length === 0) {
      parts.push([]);
      room = size;
    }
    parts.at(-1)?.push(packet);
    room -= taken;
  }
  return parts;
}
