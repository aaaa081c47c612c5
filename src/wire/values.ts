import { ProtocolError } from './errors.js';
import { tooLarge } from './assembler.js';
import { tooManyItems } from './items.js';
import { checkMessage, isValues, kindOf, type FramingLimits, type Framing, type Values } from './message.js';
import { isOctets } from './octets.js';
import { plain } from './plain.js';
import { takenAlong } from './transfer.js';

/**
 * For connections that carry values as they are, by structured clone: the port of a worker (V18). Values are those of the framing `cbor`:
 * what JSON has, and octets, large integers, NaN and Infinity. Nothing is written as text, and octets are taken along.
 */
export const valuesFraming: Framing<Values> = {
  name: 'rxmp_values',
  encode(portName, message) {
    const copy = createCopy();
    const whole = copy.of(plain([portName, ...message])) as readonly unknown[];
    return { messages: [whole], length: copy.length, transfer: copy.transfer };
  },
  decoder: (limits) => ({
    push(values, deliver) {
      if (!isValues(values)) throw new ProtocolError(`values are expected on this connection, got ${kindOf(values)}`);
      for (const whole of values.messages) {
        const message = checkMessage(checked(whole, limits));
        deliver(message.shift(), message);
      }
    },
  }),
};

/** What anything costs beside what it holds, in octets, about. */
const COST = 4;

/** Copies plain values, so that nobody changes them before they leave, and counts about how many octets they are. */
function createCopy() {
  const transfer: ArrayBuffer[] = [];
  let length = 0;

  const copyOf = (value: unknown): unknown => {
    length += COST;
    if (typeof value === 'string') length += value.length;
    // as all other framings: a number where one is exact
    if (typeof value === 'bigint') return BigInt.asIntN(54, value) === value ? Number(value) : value;
    if (typeof value !== 'object' || value === null) return value;
    if (isOctets(value)) {
      const taken = takenAlong(value);
      length += taken.length;
      transfer.push(taken.buffer);
      return taken;
    }
    if (Array.isArray(value)) return value.map(copyOf);
    const copy: Record<string, unknown> = {};
    for (const [key, inner] of Object.entries(value)) {
      length += COST + key.length;
      define(copy, key, copyOf(inner));
    }
    return copy;
  };

  return {
    of: copyOf,
    transfer,
    get length() {
      return length;
    },
  };
}

/** A key `__proto__` is a key like any other. */
function define(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== '__proto__') object[key] = value;
  else Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
}

/**
 * Gives back what came by structured clone if it is plain values within the limits. It may hold itself, or one thing many times: it is
 * looked at only until there is too much of it.
 */
function checked(whole: unknown, { messageSize, messageDepth, messageItems }: FramingLimits): unknown {
  let items = 0;
  let size = 0;
  const count = (more: number, octets: number): void => {
    items += more;
    size += octets;
    if (items > messageItems) throw tooManyItems(messageItems);
    if (size > messageSize) throw tooLarge(messageSize);
  };
  const look = (value: unknown, levels: number): void => {
    switch (typeof value) {
      case 'string':
        count(0, value.length);
        return;
      case 'object':
        break;
      case 'undefined':
        throw new ProtocolError('a message holds undefined, which none does');
      default:
        return;
    }
    if (value === null) return;
    if (isOctets(value)) {
      count(0, value.length);
      return;
    }
    if (levels === 0) throw new ProtocolError(`a message nests deeper than ${messageDepth} levels`);
    if (Array.isArray(value)) {
      if (value.length === 0) count(1, COST);
      for (const element of value as readonly unknown[]) {
        count(1, COST);
        look(element, levels - 1);
      }
      return;
    }
    const kind = Object.prototype.toString.call(value);
    if (kind !== '[object Object]') throw new ProtocolError(`a message holds ${kind}, which none does`);
    const entries = Object.entries(value);
    if (entries.length === 0) count(1, COST);
    for (const [key, inner] of entries) {
      count(2, 2 * COST + key.length);
      look(inner, levels - 1);
    }
  };
  look(whole, messageDepth);
  return whole;
}
