import { HandshakeFailed } from './errors.js';
import { shown } from './printable.js';
import { isNodeId } from './node-id.js';

/** The first line that each end sends (wire.md §1.1). `keys` holds everything after the five fixed fields, in order. */
export interface Greeting {
  /** `aemp`, or `aemp-<word>` for connections that are used for something else, such as `aemp-dataconn`. */
  readonly protocol: string;
  readonly version: string;
  readonly node: string;
  /** Authentication methods that this end accepts, best first. */
  readonly auth: readonly string[];
  /** Framings that this end can read, best first. */
  readonly framings: readonly string[];
  readonly keys: ReadonlyMap<string, string>;
}

/** The third line that each end sends (wire.md §1.4). */
export interface AuthLine {
  readonly method: string;
  readonly data: string;
  /** What this end sends after the line. */
  readonly framing: string;
  readonly keys: ReadonlyMap<string, string>;
}

/** The line without its LF. Throws {@link HandshakeFailed} when a value holds a line break. */
export function formatGreeting(greeting: Greeting): string {
  const { protocol, version, node, auth, framings, keys } = greeting;
  return formatFields([protocol, version, node, auth.join(','), framings.join(',')], keys);
}

/**
 * Reads a line that {@link formatGreeting} or AEMP wrote. Throws {@link HandshakeFailed} for another protocol, another
 * major version than 1, or a bad node id. What `aemp-<word>` means is left to the caller.
 */
export function parseGreeting(line: string): Greeting {
  const [protocol = '', version = '', node = '', auth = '', framings, ...rest] = line.split(';').map(unescape);
  if (!/^aemp(-\w+)?$/.test(protocol)) throw new HandshakeFailed(`wanted the protocol aemp, got ${shown(line)}`, 'version');
  if (!/^1(\.\d+)?$/.test(version)) throw new HandshakeFailed(`wanted version 1 of ${protocol}, got ${shown(version)}`, 'version');
  if (framings === undefined) throw new HandshakeFailed(`wanted a greeting of at least 5 fields, got ${shown(line)}`);
  if (node === '') throw new HandshakeFailed('the other end gave no node id');
  if (!isNodeId(node)) throw new HandshakeFailed(`the other end gave a bad node id, ${shown(node)}`);
  return { protocol, version, node, auth: list(auth), framings: list(framings), keys: parseKeys(rest) };
}

/** The line without its LF. Throws {@link HandshakeFailed} when a value holds a line break. */
export function formatAuth({ method, data, framing, keys }: AuthLine): string {
  return formatFields([method, data, framing], keys);
}

/** Reads a line that {@link formatAuth} or AEMP wrote. Throws {@link HandshakeFailed} when it has less than 3 fields. */
export function parseAuth(line: string): AuthLine {
  const [method = '', data = '', framing, ...rest] = line.split(';').map(unescape);
  if (method === '' || framing === undefined) {
    throw new HandshakeFailed(`wanted <method>;<data>;<framing>, got ${shown(line)}`);
  }
  return { method, data, framing, keys: parseKeys(rest) };
}

function formatFields(fields: readonly string[], keys: ReadonlyMap<string, string>): string {
  const pairs = Array.from(keys, ([key, value]) => (value === '' ? key : `${key}=${value}`));
  const line = [...fields, ...pairs].map(escape).join(';');
  if (/[\r\n]/.test(line)) throw new HandshakeFailed(`a handshake line cannot hold a line break: ${shown(line)}`);
  return line;
}

function parseKeys(pairs: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      return at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}

const list = (text: string): readonly string[] => text.split(',').filter((word) => word !== '');

const escape = (text: string): string => text.replace(/[%;]/g, (sign) => (sign === ';' ? '%3b' : '%25'));

const unescape = (text: string): string =>
  text.replace(/%(3b|25)/gi, (code) => (code === '%25' ? '%' : ';'));
