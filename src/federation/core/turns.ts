import { cutList } from '../../database/core/pieces.js';
import type { Control, Packet } from './packets.js';

/** A turn of so few packets is never cut: each is within the limits of a message, and measuring would cost more. */
const FEW = 32;

type Turn = readonly (Packet | Control)[];

/**
 * Cuts a long turn into messages of about `size` octets, in order: what a new link is told of a large scope would be too
 * long for one.
 */
export function cutTurn(turn: Turn, size: number): readonly Turn[] {
  return turn.length <= FEW ? [turn] : cutList(turn, size);
}
