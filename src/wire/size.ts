import { MessageTooLarge } from './errors.js';

/** A UTF-16 unit takes so many octets at most. */
export const UNIT = 3;

/**
 * Throws {@link MessageTooLarge} for an encoded message of more than `limit` octets, which the other end would refuse. Only
 * text that might be too long is measured: its length is known, its octets have to be counted.
 */
export function checkSize(encoded: string | Uint8Array, portName: string, limit: number): void {
  if (encoded.length * UNIT <= limit) return;
  const size = typeof encoded === 'string' ? countOctets(encoded) : encoded.length;
  if (size <= limit) return;
  throw new MessageTooLarge(`a message of ${size} octets to port "${portName}" is too large: limits.messageSize is ${limit}`);
}

/** The length of a text in UTF-8. */
export function countOctets(text: string): number {
  let octets = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    // a pair of surrogates is 4 octets: 2 for each of its units
    if (unit >= 0x80) octets += unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 1 : 2;
  }
  return octets;
}
