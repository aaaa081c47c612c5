import type { DatabaseRequest, Entries } from '../../wire/database.js';
import { shown } from '../../wire/printable.js';
import { SCOPE_FAMILY } from '../../federation/core/names.js';
import { sizeOfEntry } from '../../database/core/origin.js';
import type { Share } from './allowance.js';
import type { Holder } from './holder.js';
import type { Refused } from './judge.js';
import type { Right } from './rights.js';

/** Something that a guest did not get, and what the guest knows it by. */
export interface Denied extends Refused {
  /** A family that it does not get to watch, the question that is not answered, or keys that are not set. */
  readonly of: { readonly family: string } | { readonly query: string | number } | { readonly family: string; readonly keys: readonly string[] } | undefined;
}

/** What becomes of a request of a guest to the database. */
export interface DatabaseVerdict {
  /** What the database gets, in place of the request. */
  readonly pass?: DatabaseRequest;
  /** What the gate answers itself: where a node is, and the entry of a scope, which is another one for each guest. */
  readonly find?: string;
  readonly scope?: { readonly name: string; readonly watched: boolean };
  readonly denied: readonly Denied[];
}

/** What one guest has set and watches. */
export interface Entered {
  readonly keys: Map<string, Map<string, number>>;
  readonly watched: Set<string>;
  /** Questions that are not answered yet. */
  readonly asked: Set<string | number>;
  count: number;
  octets: number;
}

export const createEntered = (): Entered => ({ keys: new Map(), watched: new Set(), asked: new Set(), count: 0, octets: 0 });

interface Given {
  readonly holder: Holder;
  readonly share: Share;
  readonly entered: Entered;
}

type Row<K extends DatabaseRequest['kind']> = (given: Given, request: DatabaseRequest & { readonly kind: K }) => DatabaseVerdict;

const no = (what: string, right?: Right, of?: Denied['of']): DatabaseVerdict => ({ denied: [deny(what, right, of)] });
const deny = (what: string, right?: Right, of?: Denied['of']): Denied => ({ kind: 'refused', what, right, answer: undefined, of });
const pass = (request: DatabaseRequest): DatabaseVerdict => ({ pass: request, denied: [] });

const query: Row<'g_db_family' | 'g_db_keys' | 'g_db_values'> = ({ holder, share, entered }, request) => {
  const { family, id } = request;
  if (!holder.mayRead(family)) return no(`to read ${shown(family)}`, { kind: 'read', family }, { query: id });
  const objection = entered.asked.has(id) ? undefined : share.objection('families', entered.asked.size + 1);
  if (objection !== undefined) return no(`to read ${shown(family)}: ${objection}`, undefined, { query: id });
  entered.asked.add(id);
  return pass(request);
};

const ofMaster: Row<'g_found' | 'g_reply' | 'g_chg1' | 'g_chg2'> = (_, { kind }) => no(`${kind}, which only a master says`);
const ofGlobal: Row<'g_global' | 'g_set'> = (_, { kind }) => no(`${kind}, which only a global node says`);

/** A row for each kind of request (G2). */
const rows: { readonly [K in DatabaseRequest['kind']]: Row<K> } = {
  g_slave(given, { db }) {
    // it asks its seed to become global, which the gate decides itself
    if (db === undefined) return { denied: [] };
    forgetAll(given.entered);
    const denied: Denied[] = [];
    const kept = new Map(Array.from(db, ([family, set]) => [family, takeIn(given, family, set, denied)] as const).filter(([, set]) => set.size > 0));
    return { pass: { kind: 'g_slave', db: kept }, denied };
  },
  g_upd(given, request) {
    // to set and to delete in one message looks like a global node's, which no guest is
    const { family } = request;
    const denied: Denied[] = [];
    // what it has not set it need not take back
    const del = request.del.filter((key) => forget(given.entered, family, key));
    const set = takeIn(given, family, request.set, denied);
    return set.size === 0 && del.length === 0 ? { denied } : { pass: { ...request, set, del, scope: 'own' }, denied };
  },
  g_find: (_, { node }) => ({ find: node, denied: [] }),
  g_db_family: query,
  g_db_keys: query,
  g_db_values: query,
  g_mon1({ holder, share, entered }, request) {
    const { family } = request;
    const scope = family.startsWith(SCOPE_FAMILY) ? family.slice(SCOPE_FAMILY.length) : undefined;
    const may = scope === undefined ? holder.mayRead(family) : holder.inScope(scope) !== undefined;
    if (!may) return no(`to watch ${shown(family)}`, scope === undefined ? { kind: 'read', family } : { kind: 'federate', scope }, { family });
    if (!entered.watched.has(family)) {
      const name = scope === undefined ? 'families' : 'scopes';
      const objection = share.objection(name, watchedBy(entered)[name] + 1);
      if (objection !== undefined) return no(`to watch ${shown(family)}: ${objection}`, undefined, { family });
      entered.watched.add(family);
    }
    return scope === undefined ? pass(request) : { scope: { name: scope, watched: true }, denied: [] };
  },
  g_mon0({ entered }, request) {
    const { family } = request;
    if (!entered.watched.delete(family)) return { denied: [] };
    return family.startsWith(SCOPE_FAMILY) ? { scope: { name: family.slice(SCOPE_FAMILY.length), watched: false }, denied: [] } : pass(request);
  },
  g_global: ofGlobal,
  g_set: ofGlobal,
  g_found: ofMaster,
  g_reply: ofMaster,
  g_chg1: ofMaster,
  g_chg2: ofMaster,
};

/** Judges a request of a guest to the database of its gate. */
export function judgeDatabase(given: Given, request: DatabaseRequest): DatabaseVerdict {
  const row = rows[request.kind] as (given: Given, request: DatabaseRequest) => DatabaseVerdict;
  return row(given, request);
}

/** Those of the entries that it may set, which count from now on. */
function takeIn({ holder, share, entered }: Given, family: string, set: Entries, denied: Denied[]): Map<string, unknown> {
  const kept = new Map<string, unknown>();
  for (const [key, value] of set) {
    const what = `to set ${shown(key)} in ${shown(family)}`;
    const of = { family, keys: [key] };
    const size = sizeOfEntry(key, value);
    const before = entered.keys.get(family)?.get(key);
    const [count, octets] = [entered.count + (before === undefined ? 1 : 0), entered.octets + size - (before ?? 0)];
    const secret = holder.secretIn([key, value]);
    const objection = share.objection('keys', count) ?? share.objection('bytes', octets);
    if (!holder.mayWrite(family, key)) denied.push(deny(what, { kind: 'write', family, key }, of));
    else if (secret !== undefined) denied.push(deny(`${what}: it names ${shown(secret)}, of which this guest was not told`, undefined, of));
    else if (objection !== undefined) denied.push(deny(`${what}: ${objection}`, undefined, of));
    else {
      kept.set(key, value);
      const held = entered.keys.get(family) ?? new Map<string, number>();
      entered.keys.set(family, held.set(key, size));
      Object.assign(entered, { count, octets });
    }
  }
  return kept;
}

/** How many families it watches, and in how many scopes it takes part. */
export function watchedBy({ watched }: Entered): { readonly families: number; readonly scopes: number } {
  let scopes = 0;
  for (const family of watched) if (family.startsWith(SCOPE_FAMILY)) scopes++;
  return { families: watched.size - scopes, scopes };
}

function forget(entered: Entered, family: string, key: string): boolean {
  const held = entered.keys.get(family);
  const size = held?.get(key);
  if (held === undefined || size === undefined) return false;
  held.delete(key);
  if (held.size === 0) entered.keys.delete(family);
  entered.count--;
  entered.octets -= size;
  return true;
}

function forgetAll(entered: Entered): void {
  entered.keys.clear();
  entered.count = entered.octets = 0;
}

/** Takes out the keys that a guest has set and may no longer: rights have changed. */
export function takeUnentitled({ holder, entered }: Pick<Given, 'holder' | 'entered'>): ReadonlyMap<string, readonly string[]> {
  const gone = new Map<string, readonly string[]>();
  for (const [family, held] of entered.keys) {
    const keys = [...held.keys()].filter((key) => !holder.mayWrite(family, key));
    if (keys.length > 0) gone.set(family, keys);
  }
  for (const [family, keys] of gone) for (const key of keys) forget(entered, family, key);
  return gone;
}
