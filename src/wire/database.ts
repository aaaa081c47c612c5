import type { Limits } from '../env/limits.js';
import { FlatEntries, type Entries } from './entries.js';
import { receivedValue, type ValueLimits } from './database-values.js';
import { isWellFormed } from './well-formed.js';
import { ProtocolError } from './errors.js';
import { kindOf } from './message.js';
import { longName } from './requests.js';
import { isOctets } from './octets.js';

export type { Entries } from './entries.js';

/** The part of the database that one node answers for: families with their entries. */
export type Shard = ReadonlyMap<string, Entries>;

/** The requests that the nodes of a network make for their database (wire.md §3), in both directions. */
export type DatabaseRequest =
  /** Without a shard: become a global node. With one: be my master, and this is what I have set. */
  | { readonly kind: 'g_slave'; readonly db: Shard | undefined }
  | { readonly kind: 'g_global' }
  /** A long shard comes in pieces; `more` says that this is not the last one. */
  | { readonly kind: 'g_set'; readonly db: Shard; readonly more: boolean }
  | { readonly kind: 'g_upd'; readonly family: string; readonly set: Entries; readonly del: readonly string[]; readonly scope: Scope }
  | { readonly kind: 'g_find'; readonly node: string }
  | { readonly kind: 'g_found'; readonly node: string; readonly addresses: readonly string[] | null }
  | { readonly kind: Query; readonly family: string; readonly id: QueryId }
  /** A long result comes in pieces, too, as does a long family. */
  | { readonly kind: 'g_reply'; readonly id: QueryId; readonly result: unknown; readonly more: boolean }
  | { readonly kind: 'g_mon1' | 'g_mon0'; readonly family: string }
  | { readonly kind: 'g_chg1'; readonly family: string; readonly content: Entries; readonly more: boolean }
  | { readonly kind: 'g_chg2'; readonly family: string; readonly set: Entries; readonly del: readonly string[] };

/** The requests of one kind, or some. */
export type RequestOf<K extends DatabaseRequest['kind']> = Extract<DatabaseRequest, { kind: K }>;

export type Query = 'g_db_family' | 'g_db_keys' | 'g_db_values';
export type QueryId = string | number;
/**
 * Whose keys an update is about: those that the sender has set itself (what a slave tells its master), or those of all
 * the sender's slaves (what a global tells the others). AnyEvent::MP leaves an empty part of the former out, or null.
 */
export type Scope = 'own' | 'merged';

/** What names may be (S29), and how long. */
export interface NameLimits {
  readonly familySize: number;
  readonly keySize: number;
}

export const databaseRequests: ReadonlySet<string> = new Set([
  ...['g_slave', 'g_global', 'g_set', 'g_upd', 'g_find', 'g_found', 'g_db_family', 'g_db_keys', 'g_db_values', 'g_reply'],
  ...['g_mon1', 'g_mon0', 'g_chg1', 'g_chg2'],
]);

/** A family of users, or with an apostrophe one of the network's own (`'l`, `'g`). */
const FAMILY = /^'?[A-Za-z][A-Za-z0-9_:]*$/;
const nothing: Entries = new Map();

/** Reads a database request. Throws {@link ProtocolError} for wrong shapes and names (D9); undefined: it is none. */
export function decodeDatabaseRequest(
  tag: string,
  args: readonly unknown[],
  limits: NameLimits & ValueLimits & Pick<Limits, 'nameSize'>,
): DatabaseRequest | undefined {
  const wrong = (what: string, value: unknown): ProtocolError => new ProtocolError(`${tag} wants ${what}, got ${kindOf(value)}`);
  const text = (index: number, what: string): string => {
    const value = args[index];
    if (typeof value === 'string' && value !== '') return value;
    throw wrong(what, value);
  };
  /** A node, or the mark of a question: no longer than what may be remembered of a peer. */
  const name = (what: string, text: string): string => {
    if (text.length <= limits.nameSize) return text;
    throw new ProtocolError(longName(`${tag}: ${what}`, text, limits.nameSize));
  };
  const node = (): string => name('a node id', text(0, 'a node id'));
  const checkedFamily = (name: string): string => {
    if (name.length <= limits.familySize && FAMILY.test(name)) return name;
    throw new ProtocolError(`${tag}: "${name.slice(0, 80)}" is no family: expected [A-Za-z][A-Za-z0-9_:]*`);
  };
  const family = (): string => checkedFamily(text(0, 'a family'));
  const checkKey = (key: string): void => {
    if (key === '' || key.length > limits.keySize) {
      throw new ProtocolError(`${tag}: a key has ${key.length} characters, expected 1 to ${limits.keySize} (limits.keySize)`);
    }
    // CBOR would make another key of it
    if (!isWellFormed(key)) throw new ProtocolError(`${tag}: ${kindOf(key)} is no key: it has half of a surrogate pair`);
  };
  const object = (value: unknown, what: string): Readonly<Record<string, unknown>> => {
    if (typeof value === 'object' && value !== null && !Array.isArray(value) && !(isOctets(value))) {
      return value as Readonly<Record<string, unknown>>;
    }
    throw wrong(what, value);
  };
  const entries = (name: string, value: unknown): Entries => {
    if (value === null || value === undefined) return nothing;
    const made = new Map<string, unknown>();
    const add = (key: unknown, inner: unknown): void => {
      if (typeof key !== 'string') throw wrong('keys', key);
      checkKey(key);
      made.set(key, receivedValue(name, key, inner, limits));
    };
    if (!Array.isArray(value)) for (const [key, inner] of Object.entries(object(value, 'keys with values'))) add(key, inner);
    else if (value.length > 0 && value.length % 2 === 0) for (let i = 0; i < value.length; i += 2) add(value[i], value[i + 1]);
    else throw wrong('keys with values', value);
    return made;
  };
  const shard = (value: unknown): Shard => {
    if (value === null || value === undefined) return new Map<string, Entries>();
    return new Map(Object.entries(object(value, 'families')).map(([name, inner]) => [checkedFamily(name), entries(name, inner)]));
  };
  const keys = (value: unknown): readonly string[] => {
    if (value === null || value === undefined) return [];
    if (!Array.isArray(value)) throw wrong('a list of keys', value);
    return value.map((key: unknown) => {
      // Perl sends a key that looks like a number as one
      const name = typeof key === 'number' ? String(key) : key;
      if (typeof name !== 'string') throw wrong('keys', key);
      checkKey(name);
      return name;
    });
  };
  const queryId = (index: number): QueryId => {
    const id = args[index];
    if (typeof id === 'string') return name('an id', id);
    if (typeof id === 'number') return id;
    throw wrong('an id', id);
  };
  switch (tag) {
    case 'g_slave':
      return { kind: tag, db: args.length === 0 ? undefined : shard(args[0]) };
    case 'g_global':
      return { kind: tag };
    case 'g_set':
      return { kind: tag, db: shard(args[0]), more: args[1] === true };
    case 'g_upd': {
      const [, set, del] = args;
      const scope = set === null || set === undefined || !Array.isArray(del) ? 'own' : 'merged';
      return { kind: tag, family: family(), set: entries(text(0, 'a family'), set), del: keys(del), scope };
    }
    case 'g_find':
      return { kind: tag, node: node() };
    case 'g_found':
      return { kind: tag, node: node(), addresses: Array.isArray(args[1]) ? args[1].filter(isText) : null };
    case 'g_db_family':
    case 'g_db_keys':
    case 'g_db_values':
      return { kind: tag, family: family(), id: queryId(1) };
    case 'g_reply':
      return { kind: tag, id: queryId(0), result: args[1] ?? null, more: args[2] === true };
    case 'g_mon1':
    case 'g_mon0':
      return { kind: tag, family: family() };
    case 'g_chg1':
      return { kind: tag, family: family(), content: entries(text(0, 'a family'), args[1]), more: args[2] === true };
    case 'g_chg2':
      return { kind: tag, family: family(), set: entries(text(0, 'a family'), args[1]), del: keys(args[2]) };
    default:
      return undefined;
  }
}

const isText = (value: unknown): value is string => typeof value === 'string';

/**
 * A request as the message to a node port that AnyEvent::MP would send.
 *
 * @param flat Keys and values in turn, in one list, for nodes of rxmp: thousands of keys that no object has had before are
 * dear to make an object of, at both ends.
 */
export function encodeDatabaseRequest(request: DatabaseRequest, flat = false): readonly unknown[] {
  const { kind } = request;
  const form = flat ? entriesList : entriesObject;
  switch (kind) {
    case 'g_slave':
      return request.db === undefined ? [kind] : [kind, shardObject(request.db, form)];
    case 'g_global':
      return [kind];
    case 'g_set':
      return [kind, shardObject(request.db, form), ...more(request.more)];
    case 'g_upd': {
      const { family, set, del, scope } = request;
      if (scope === 'merged') return [kind, family, form(set), del];
      if (del.length === 0) return [kind, family, form(set)];
      // both parts in one message look like the other scope: who is no global has only one
      return [kind, family, set.size === 0 ? null : form(set), del];
    }
    case 'g_find':
      return [kind, request.node];
    case 'g_found':
      return [kind, request.node, request.addresses];
    case 'g_db_family':
    case 'g_db_keys':
    case 'g_db_values':
      return [kind, request.family, request.id];
    case 'g_reply':
      return [kind, request.id, request.result instanceof Map ? entriesObject(request.result as Entries) : request.result, ...more(request.more)];
    case 'g_mon1':
    case 'g_mon0':
      return [kind, request.family];
    case 'g_chg1': {
      const { family, content } = request;
      return [kind, family, content.size === 0 && !request.more ? null : form(content), ...more(request.more)];
    }
    case 'g_chg2':
      return [kind, request.family, form(request.set), request.del];
  }
}

/** AnyEvent::MP ignores what follows. */
const more = (isMore: boolean): readonly true[] => (isMore ? [true] : []);

function shardObject(shard: Shard, form: (entries: Entries) => object): object {
  return entriesObject(new Map(Array.from(shard, ([family, entries]) => [family, form(entries)])));
}

/** Without a prototype, so that a key `__proto__` is a key like any other. */
function entriesObject(entries: Entries): object {
  const made = Object.create(null) as Record<string, unknown>;
  for (const [key, value] of entries) made[key] = value;
  return made;
}

function entriesList(entries: Entries): object {
  if (entries.size === 0) return {};
  if (entries instanceof FlatEntries) return entries.list;
  const made: unknown[] = [];
  for (const [key, value] of entries) made.push(key, value);
  return made;
}
