import { MessageTooLarge } from './errors.js';
import { countEscapes, countItems, ESCAPES } from './items.js';
import type { Encoded, FramingLimits } from './message.js';
import { plain } from './plain.js';

type SendLimits = Pick<FramingLimits, 'messageSize' | 'messageItems'>;

/** The other end does not count escapes of less than that, in octets; of one that is short by a few nobody needs to know exactly. */
const LONG = 1024 * 1024;

/** A UTF-16 unit takes so many octets at most. */
export const UNIT = 3;

/**
 * Throws {@link MessageTooLarge} for a message that the other end would refuse: of too many octets, or too many items. Only
 * what might have too many is counted: no octet is more than two items.
 */
export function checkSize(encoded: Encoded, portName: string, message: readonly unknown[], limits: SendLimits): void {
  const { messageSize: limit, messageItems } = limits;
  if (2 * encoded.length > messageItems) {
    const items = countItems(plain([portName, ...message])) + escapesAsItems(encoded);
    if (items > messageItems) {
      throw new MessageTooLarge(`a message of ${items} items to port "${portName}" is too large: limits.messageItems is ${messageItems}`);
    }
  }
  if (encoded.length * UNIT <= limit) return;
  const size = typeof encoded === 'string' ? countOctets(encoded) : encoded.length;
  if (size <= limit) return;
  throw new MessageTooLarge(`a message of ${size} octets to port "${portName}" is too large: limits.messageSize is ${limit}`);
}

/** What the escapes of JSON count as items; only of what is so long that they could matter. */
function escapesAsItems(encoded: Encoded): number {
  if (typeof encoded !== 'string' || encoded.length < LONG) return 0;
  return Math.floor(countEscapes(encoded) / ESCAPES);
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
