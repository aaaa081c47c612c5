import type { Chunk } from '../../transport/duplex.js';
import { ProtocolError } from '../../wire/errors.js';
import { kindOf, type Values } from '../../wire/message.js';
import { isOctets } from '../../wire/octets.js';

/** What a channel carries: text and octets, which may be cut anywhere, and on some carriers messages as values, which are not cut. */
export type Piece = Chunk | Values;

/**
 * What the two ends of a channel say to each other. The end that opens a channel gives it a number, `id`; the other end says
 * `-id`, so that both may open channels at any time. All that follows the opening is numbered by `n`, from 1 on in each direction (V2).
 */
export type Packet =
  /** `window` is how much the opening end takes before it gives credit. */
  | { readonly kind: 'open'; readonly id: number; readonly window: number; readonly what: readonly unknown[] }
  | { readonly kind: 'accept'; readonly id: number; readonly window: number }
  | { readonly kind: 'refuse'; readonly id: number; readonly reason: string }
  | { readonly kind: 'piece'; readonly id: number; readonly n: number; readonly data: Piece }
  /** So much more is taken, as {@link costOf} counts. */
  | { readonly kind: 'credit'; readonly id: number; readonly n: number; readonly amount: number }
  /** All was said. */
  | { readonly kind: 'end'; readonly id: number; readonly n: number }
  /** Something is wrong at this end; it is not said what. */
  | { readonly kind: 'abort'; readonly id: number };

/** What a piece costs beyond its length: one that is short takes memory, too. */
const PIECE_COST = 64;

/** Less is not worth its packets. */
export const SMALLEST_WINDOW = 1024;

/** What a piece counts in a window. Text counts by its UTF-16 units. */
export const costOf = ({ length }: Piece): number => length + PIECE_COST;

/** How long a piece may be that costs so much. */
export const lengthFor = (cost: number): number => cost - PIECE_COST;

/** A packet as elements of a message. Octets stay what they are. */
export function elementsOf(packet: Packet): readonly unknown[] {
  const { kind, id } = packet;
  switch (packet.kind) {
    case 'open':
      return [kind, id, packet.window, ...packet.what];
    case 'accept':
      return [kind, id, packet.window];
    case 'refuse':
      return [kind, id, packet.reason];
    case 'piece':
      return [kind, id, packet.n, packet.data];
    case 'credit':
      return [kind, id, packet.n, packet.amount];
    case 'end':
      return [kind, id, packet.n];
    case 'abort':
      return [kind, id];
  }
}

/** Reads a packet. Throws {@link ProtocolError} for what is none. */
export function packetOf([kind, id, third, fourth, ...rest]: readonly unknown[], names: { readonly nameSize: number }): Packet {
  if (!Number.isSafeInteger(id) || id === 0) throw wrong('a channel has a number', id);
  const channel = id as number;
  switch (kind) {
    case 'open': {
      if (channel < 0) throw new ProtocolError(`a channel is opened as ${channel}: expected a number above 0`);
      const what = fourth === undefined ? rest : [fourth, ...rest];
      return { kind, id: channel, window: windowOf(third), what };
    }
    case 'accept':
      return { kind, id: channel, window: windowOf(third) };
    case 'refuse':
      if (typeof third !== 'string' || third.length > names.nameSize) throw wrong('a refusal has a short reason', third);
      return { kind, id: channel, reason: third };
    case 'piece':
      if ((typeof fourth !== 'string' && !isOctets(fourth)) || fourth.length === 0) throw wrong('a piece is text or octets, and not empty', fourth);
      return { kind, id: channel, n: amount(third, 'a packet'), data: fourth };
    case 'credit':
      return { kind, id: channel, n: amount(third, 'a packet'), amount: amount(fourth, 'a credit') };
    case 'end':
      return { kind, id: channel, n: amount(third, 'a packet') };
    case 'abort':
      return { kind, id: channel };
    default:
      throw wrong('a packet of a channel has a kind', kind);
  }
}

function windowOf(value: unknown): number {
  const window = amount(value, 'a window');
  if (window >= SMALLEST_WINDOW) return window;
  throw new ProtocolError(`a channel takes ${window} at a time: expected ${SMALLEST_WINDOW} or more`);
}

function amount(value: unknown, what: string): number {
  if (Number.isSafeInteger(value) && (value as number) > 0) return value as number;
  throw wrong(`${what} has a number above 0`, value);
}

const wrong = (right: string, value: unknown): ProtocolError => new ProtocolError(`${right}, got ${typeof value === 'number' ? value : kindOf(value)}`);
