import { FederationError } from './errors.js';
import { VERSION, type Branch, type Control, type Packet } from './packets.js';
import { isRecord, type Captures, type Spec } from './spec.js';
import { isOctets } from '../../wire/octets.js';

export interface PacketLimits {
  /** Levels of lists and objects in one message of a link. */
  readonly messageDepth: number;
  /** Over so many links a message may go. */
  readonly linkHops: number;
}

/** Levels of a message above a captured value: the message itself, the turn, the packet, the captures. */
const ABOVE_VALUES = 4;
/** The same above a pattern, which stands in its packet. */
const ABOVE_PATTERNS = 3;

/** How many levels a value may have, so that every link can carry it. */
export const valueDepth = ({ messageDepth }: Pick<PacketLimits, 'messageDepth'>): number => messageDepth - ABOVE_VALUES;
/** The same for a spec, whose fields and elements stand one level below it. */
export const specDepth = ({ messageDepth }: Pick<PacketLimits, 'messageDepth'>): number => messageDepth - ABOVE_PATTERNS;

/** Reads one message of a link: the packets of a turn. Throws {@link FederationError} `malformed`. */
export function decodeTurn(message: unknown, limits: PacketLimits): readonly (Packet | Control)[] {
  if (!Array.isArray(message)) throw malformed('a list of packets', message);
  return message.map((packet: unknown) => decodePacket(packet, limits));
}

function decodePacket(packet: unknown, limits: PacketLimits): Packet | Control {
  if (!Array.isArray(packet)) throw malformed('a packet', packet);
  const [kind, first, second, third] = packet as readonly unknown[];
  switch (kind) {
    case 'assert':
      return [kind, idOf(first), decodeSpec(second, specDepth(limits))];
    case 'clear':
    case 'end':
      return [kind, idOf(first)];
    case 'add':
    case 'del':
      return [kind, idOf(first), decodeCaptures(second, valueDepth(limits))];
    case 'msg':
      return [kind, idOf(first), decodeCaptures(second, valueDepth(limits)), Math.min(idOf(third), limits.linkHops)];
    case 'hello':
      if (first !== VERSION) throw new FederationError('version', `wanted version ${VERSION} of the protocol, got ${shown(first)}`);
      return [kind, VERSION, nameOf(second), branchOf(third, limits)];
    case 'tree':
      return [kind, branchOf(first, limits), second === true];
    case 'sync':
    case 'synced':
      return [kind, idOf(first)];
    case 'err':
      return [kind, String(first).slice(0, TEXT), String(second).slice(0, TEXT)];
    default:
      throw malformed('a packet of a known kind', kind);
  }
}

/** What is shown of a text from outside, characters. */
const TEXT = 500;
/** The longest name of a scope, characters: a node id and more. */
const NAME = 1_000;

function idOf(value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw malformed('an integer that is not negative', value);
}

function nameOf(value: unknown): string {
  if (typeof value === 'string' && value !== '' && value.length <= NAME) return value;
  throw malformed('the name of a scope', value);
}

function branchOf(value: unknown, { linkHops }: PacketLimits): Branch {
  if (!Array.isArray(value)) throw malformed('a place in a tree', value);
  const [rank, count, path] = value as readonly unknown[];
  if (rank !== 0 && rank !== 1) throw malformed('a rank of 0 or 1', rank);
  if (!Array.isArray(path) || path.length === 0) throw malformed('the way from the root of a tree', path);
  // messages don't come from that far
  if (path.length > linkHops) throw new FederationError('limit', `${path.length} scopes up to the root of the tree: limits.linkHops is ${linkHops}`);
  return [rank, idOf(count), path.map(nameOf)];
}

function decodeCaptures(value: unknown, depth: number): Captures {
  if (!Array.isArray(value)) throw malformed('a list of captures', value);
  for (const capture of value as readonly unknown[]) checkValue(capture, depth);
  return value;
}

/** Only what JSON carries: a scope compares values by their JSON. Freezes it: all observers are given the same. */
function checkValue(value: unknown, depth: number): void {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return;
  if (typeof value === 'number' && Number.isFinite(value)) return;
  if (typeof value !== 'object' || isOctets(value)) throw malformed('a value as JSON has them', value);
  if (depth <= 0) throw malformed('a value that nests less deep', value);
  for (const inner of Array.isArray(value) ? (value as readonly unknown[]) : Object.values(value)) checkValue(inner, depth - 1);
  Object.freeze(value);
}

function decodeSpec(value: unknown, depth: number): Spec {
  if (!Array.isArray(value)) throw malformed('a pattern', value);
  const [kind, inner] = value as readonly unknown[];
  if (depth <= (kind === 'obj' || kind === 'arr' ? 1 : 0)) throw malformed('a pattern that nests less deep', value);
  switch (kind) {
    case 'any':
      return [kind];
    case 'cap':
      return [kind, decodeSpec(inner, depth - 1)];
    case 'is':
      checkValue(inner, depth - 1);
      return [kind, inner];
    case 'obj':
      if (!isRecord(inner)) throw malformed('the fields of a pattern', inner);
      // fromEntries defines, so that a field __proto__ is a field like any other
      return [kind, Object.fromEntries(Object.entries(inner).map(([key, field]) => [key, decodeSpec(field, depth - 2)]))];
    case 'arr':
      if (!Array.isArray(inner)) throw malformed('the elements of a pattern', inner);
      return [kind, inner.map((element: unknown) => decodeSpec(element, depth - 2))];
    default:
      throw malformed('a part of a pattern: any, cap, is, obj or arr', kind);
  }
}

function malformed(wanted: string, got: unknown): FederationError {
  return new FederationError('malformed', `wanted ${wanted}, got ${shown(got)}`);
}

function shown(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value).slice(0, 80);
  return Array.isArray(value) ? 'a list' : 'an object';
}
