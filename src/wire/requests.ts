import type { Limits } from '../env/limits.js';
import { ProtocolError } from './errors.js';
import { kindOf } from './message.js';

/**
 * What a node port is asked (wire.md §2). `reply` is the id of the port to answer and what the answer begins with; it is
 * empty when no answer is wanted. `port` is always the name of a port of the asked node, `to` a whole port id.
 */
export type Request =
  | { readonly kind: 'mon1' | 'mon0'; readonly port: string }
  | { readonly kind: 'kil0' | 'kil1'; readonly port: string; readonly reason: readonly unknown[] }
  | { readonly kind: 'snd'; readonly to: string; readonly message: readonly unknown[] }
  | { readonly kind: 'can'; readonly tag: string; readonly reply: readonly unknown[] }
  | { readonly kind: 'time'; readonly reply: readonly unknown[] }
  | { readonly kind: 'eval'; readonly text: string; readonly reply: readonly unknown[] }
  | { readonly kind: 'devnull' }
  | { readonly kind: 'keepalive' }
  | { readonly kind: 'spawn'; readonly port: string; readonly init: string; readonly data: readonly unknown[] }
  /** A function by its full name, such as `Some::Module::name`. */
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly unknown[] }
  /** Anything else: the database's requests, and what only a later version knows. */
  | { readonly kind: 'other'; readonly tag: string; readonly args: readonly unknown[] };

const SPAWN = 'AnyEvent::MP::_spawn';

/** The requests that are answered here, as `can` knows them; `eval` is one that is not. */
export const requestNames: ReadonlySet<string> = new Set([
  ...['mon1', 'mon0', 'kil0', 'kil1', 'snd', 'can', 'time', 'devnull'],
  SPAWN,
]);

/**
 * Reads a message to the node port, without its leading port name. Throws {@link ProtocolError} when something else stands
 * where a name has to be, or a name is too long to be remembered.
 *
 * @example decodeRequest(['mon1', 'log'], defaultLimits); // { kind: 'mon1', port: 'log' }
 */
export function decodeRequest(message: readonly unknown[], { nameSize }: Pick<Limits, 'nameSize'>): Request {
  const [tag, ...args] = message;
  if (tag === undefined || tag === null || tag === '') return { kind: 'keepalive' };
  if (typeof tag !== 'string') throw new ProtocolError(`a request to a node has a name, got ${kindOf(tag)}`);
  if (tag.length > nameSize) throw new ProtocolError(longName('a request', tag, nameSize));
  const name = (index: number, what: string): string => {
    const value = text(index, what);
    if (value.length <= nameSize) return value;
    throw new ProtocolError(longName(`${tag}: ${what}`, value, nameSize));
  };
  const text = (index: number, what: string): string => {
    const value = args[index];
    if (typeof value === 'string') return value;
    throw new ProtocolError(`${tag} wants ${what}, got ${kindOf(value)}`);
  };
  const reply = (from: number): readonly unknown[] => {
    if (args.length > from) name(from, 'a port id to answer');
    return args.slice(from);
  };
  switch (tag) {
    case 'mon1':
    case 'mon0':
      return { kind: tag, port: name(0, 'a port name') };
    case 'kil0':
    case 'kil1':
      return { kind: tag, port: name(0, 'a port name'), reason: args.slice(1) };
    case 'snd':
      return { kind: 'snd', to: name(0, 'a port id'), message: args.slice(1) };
    case 'can':
      return { kind: 'can', tag: name(0, 'the name of a request'), reply: reply(1) };
    case 'time':
      return { kind: 'time', reply: reply(0) };
    case 'eval':
      return { kind: 'eval', text: text(0, 'a text'), reply: reply(1) };
    case 'devnull':
      return { kind: 'devnull' };
    case SPAWN:
      return { kind: 'spawn', port: name(0, 'a port name'), init: name(1, 'the name of a function'), data: args.slice(2) };
    default:
      return tag.includes('::') ? { kind: 'call', name: tag, args } : { kind: 'other', tag, args };
  }
}

/** A name of so many UTF-16 units, for the log. */
export function longName(what: string, { length }: string, nameSize: number): string {
  return `${what} of ${length} characters: expected ${nameSize} at most (limits.nameSize)`;
}

/** The requests that this node makes of others, as {@link decodeRequest} reads them, without the leading port name. */
export const request = {
  mon1: (port: string): readonly unknown[] => ['mon1', port],
  mon0: (port: string): readonly unknown[] => ['mon0', port],
  kil0: (port: string, reason: readonly unknown[]): readonly unknown[] => ['kil0', port, ...reason],
  kil1: (port: string, reason: readonly unknown[]): readonly unknown[] => ['kil1', port, ...reason],
  snd: (to: string, message: readonly unknown[]): readonly unknown[] => ['snd', to, ...message],
  devnull: (...anything: readonly unknown[]): readonly unknown[] => ['devnull', ...anything],
  keepalive: (): readonly unknown[] => [],
  spawn: (port: string, init: string, data: readonly unknown[]): readonly unknown[] => [SPAWN, port, init, ...data],
} as const;
