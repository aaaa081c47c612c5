import { tooLarge, type Scan } from './assembler.js';
import { ProtocolError } from './errors.js';
import { tooManyItems } from './items.js';
import type { FramingLimits } from './message.js';

/** Major types of CBOR (RFC 8949 §3.1) that this file tells apart, and the tags that a message may have. */
const BYTES = 2, TEXT = 3, ARRAY = 4, MAP = 5, TAG = 6, SIMPLE = 7;
const BIGNUM = 2, NEGATIVE_BIGNUM = 3;
/** Perl's reference to a scalar. */
const PERL_REFERENCE = 22098;
const SELF_DESCRIBED = 55799;
const tags: ReadonlySet<number> = new Set([BIGNUM, NEGATIVE_BIGNUM, PERL_REFERENCE, SELF_DESCRIBED]);

/** The additional information of a header whose argument has 8 octets; beyond it is only the indefinite length. */
const EIGHT_OCTETS = 27;

// making a bignum of n octets takes time in the square of n
const LONGEST_BIGNUM = 256;
/** So many octets of a bignum cost as much as an item. */
const BIGNUM_ITEM = 2;
/** A string in pieces costs as much as so many items: it is put together first. */
const PIECES = 8;

/** An item that has begun and holds others. `left` counts the items that it waits for; Infinity: until the break. */
interface Open {
  readonly type: number;
  left: number;
  /** Items that it has got. Those with an even number are keys in a map. */
  got: number;
  readonly bignum: boolean;
}

/** A {@link Scan} that also tells whether the last item had a string that cbor-x does not read (`joinStrings`). */
export interface CborScan {
  readonly scan: Scan;
  readonly rare: boolean;
}

/**
 * Finds the ends of CBOR items, looking at each header once, and checks all that a decoder could stumble over: depth,
 * items, tags, sizes (before the octets arrive), reserved values, what a map key is. Throws `ProtocolError` or `MessageTooLarge`.
 */
export function createCborScan({ messageSize, messageDepth, messageItems }: FramingLimits): CborScan {
  const open: Open[] = [];
  let rare = false;
  let taken = 0; // octets of this item
  let head = 0;
  let argument = 0;
  let missing = 0; // octets that the argument of this header still lacks
  let body = 0; // octets that this string still lacks
  let items = -1; // of this message, which is none itself

  /** One item has ended. True when that ends the outermost one. */
  function ended(): boolean {
    for (let parent = open.at(-1); parent !== undefined; parent = open.at(-1)) {
      parent.got++;
      if (--parent.left > 0) return false;
      open.pop();
    }
    return true;
  }

  function begin(type: number, left: number, bignum = false): boolean {
    if (open.length >= messageDepth) throw new ProtocolError(`a message nests deeper than ${messageDepth} levels`);
    if (left !== Infinity) reserve(left);
    if (left === 0) {
      count(1);
      return ended();
    }
    open.push({ type, left, got: 0, bignum });
    return false;
  }

  function count(more: number): void {
    items += more;
    if (items > messageItems) throw tooManyItems(messageItems);
  }

  /** Every item takes an octet at least: what is announced has to fit. */
  function reserve(octets: number): void {
    if (taken + octets > messageSize) throw tooLarge(messageSize);
  }

  function string(type: number, length: number): boolean {
    if ((head & 31) >= EIGHT_OCTETS) rare = true;
    if (length === Infinity) {
      count(PIECES);
      return begin(type, Infinity);
    }
    reserve(length);
    body = length;
    return length === 0 && ended();
  }

  function simple(info: number): boolean {
    if (argument !== Infinity) {
      // false, true, null, undefined, and floats of 2, 4, 8 octets
      if (info < 20 || info === 24) throw new ProtocolError(`CBOR simple value ${argument} has no meaning here`);
      return ended();
    }
    const top = open.pop();
    if (top?.left !== Infinity || (top.type === MAP && top.got % 2 === 1)) throw new ProtocolError('CBOR break out of place');
    if (top.got === 0) count(1);
    return ended();
  }

  /** What stands here, given what it stands in. */
  function check(type: number): void {
    const parent = open.at(-1);
    if (parent === undefined || (type === SIMPLE && argument === Infinity)) return;
    if (parent.type === MAP && parent.got % 2 === 0 && type >= ARRAY && type <= TAG) {
      throw new ProtocolError('a CBOR map key is an array, a map or tagged: wanted a text');
    }
    if ((parent.type === BYTES || parent.type === TEXT) && (type !== parent.type || argument === Infinity)) {
      throw new ProtocolError('a CBOR string of indefinite length has a piece that is no string of its kind');
    }
    if (parent.bignum && (type !== BYTES || argument > LONGEST_BIGNUM)) {
      throw new ProtocolError(`a CBOR bignum is a byte string of up to ${LONGEST_BIGNUM} octets`);
    }
    if (parent.bignum) count(Math.floor(argument / BIGNUM_ITEM));
  }

  /** A header is complete. True when that ends the outermost item. */
  function header(): boolean {
    const type = head >> 5;
    check(type);
    if (type !== SIMPLE || argument !== Infinity) count(1);
    switch (type) {
      case BYTES:
      case TEXT:
        return string(type, argument);
      case ARRAY:
        return begin(type, argument);
      case MAP:
        return begin(type, 2 * argument);
      case TAG:
        if (!tags.has(argument)) throw new ProtocolError(`CBOR tag ${argument} is not allowed`);
        return begin(type, 1, argument === BIGNUM || argument === NEGATIVE_BIGNUM);
      case SIMPLE:
        return simple(head & 31);
      default:
        if (argument === Infinity) throw new ProtocolError('a CBOR integer has no indefinite length');
        return ended();
    }
  }

  /** The first octet of a header. True when it is the whole header. */
  function first(octet: number): boolean {
    head = octet;
    const info = octet & 31;
    if (info >= 28 && info < 31) throw new ProtocolError(`CBOR additional information ${info} is reserved`);
    missing = info >= 24 && info < 28 ? 1 << (info - 24) : 0;
    argument = info === 31 ? Infinity : info < 24 ? info : 0;
    return missing === 0;
  }

  function scan(chunk: Uint8Array, from: number): number {
    if (open.length === 0 && taken === 0) rare = false;
    for (let at = from; at < chunk.length; ) {
      let whole = false;
      if (body > 0) {
        const step = Math.min(body, chunk.length - at);
        at += step;
        taken += step;
        body -= step;
        whole = body === 0 && ended();
      } else {
        const octet = chunk[at++] ?? 0;
        taken++;
        if (missing > 0) {
          argument = argument * 256 + octet;
          whole = --missing === 0 && header();
        } else {
          whole = first(octet) && header();
        }
      }
      if (whole) {
        taken = 0;
        items = -1;
        return at;
      }
    }
    return -1;
  }

  return {
    scan,
    get rare() {
      return rare;
    },
  };
}
