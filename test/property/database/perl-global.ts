import type { Participant, SimulatedNetwork } from './simulated-network.js';

type Entries = Map<string, unknown>;
type Database = Map<string, Entries>;

export interface PerlGlobalOptions {
  readonly id: string;
  /** The first of them that is connected becomes its master, though it is a global itself. */
  readonly seeds: readonly string[];
  readonly network: SimulatedNetwork;
  /** Whether a new master gets `g_slave` before `g_global`: both orders occur. */
  readonly isSlaveFirst: boolean;
}

/** A global node of AnyEvent::MP as its source has it: one shard per node, the last writer wins. */
export interface PerlGlobal extends Participant {
  readonly seeds: readonly string[];
  /** What it has set itself. */
  readonly database: ReadonlyMap<string, ReadonlyMap<string, unknown>>;
  set(family: string, key: string, value: unknown): void;
  del(family: string, key: string): void;
}

const objectOf = (entries: ReadonlyMap<string, unknown>): object => {
  const made = Object.create(null) as Record<string, unknown>;
  for (const [key, value] of entries) made[key] = value;
  return made;
};
const entriesOf = (value: unknown): Entries => new Map(Object.entries((value ?? {})));
const shardObject = (shard: Database): object => objectOf(new Map(Array.from(shard, ([family, entries]) => [family, objectOf(entries)])));

export function createPerlGlobal({ id, seeds, network, isSlaveFirst }: PerlGlobalOptions): PerlGlobal {
  const globals = new Set<string>();
  const slaves = new Map<string, Set<string>>();
  const monitors = new Map<string, Set<string>>();
  const shown: Database = new Map();
  const shards = new Map<string, Database>();
  const own: Database = new Map();
  let master: string | undefined;

  const familyOf = (db: Database, family: string): Entries => {
    let entries = db.get(family);
    if (entries === undefined) db.set(family, (entries = new Map()));
    return entries;
  };
  const shardOf = (node: string): Database => {
    let shard = shards.get(node);
    if (shard === undefined) shards.set(node, (shard = new Map()));
    return shard;
  };
  const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

  const snd = (to: string, ...message: readonly unknown[]): void => {
    if (to === id) receive(id, message);
    else network.send(id, to, message);
  };

  const update = (node: string, family: string, given: Entries, del: readonly string[]): void => {
    const set = new Map(given);
    const shard = familyOf(shardOf(node), family);
    const all = familyOf(shown, family);
    const localSet: Entries = new Map();
    const deleted: string[] = [];
    const deletedForGlobals: string[] = [];
    for (const [key, value] of set) {
      shard.set(key, value);
      all.set(key, value);
    }
    for (const key of del) {
      shard.delete(key);
      const holders = [...shards].filter(([, db]) => db.get(family)?.has(key) === true);
      const [holder] = [holders.find(([other]) => slaves.has(other)), holders[0]].filter((one) => one !== undefined);
      if (holder === undefined) {
        all.delete(key);
        deleted.push(key);
        if (slaves.has(node)) deletedForGlobals.push(key);
        continue;
      }
      const value = holder[1].get(family)?.get(key);
      const isOurs = slaves.has(holder[0]);
      if (!isOurs) deletedForGlobals.push(key);
      if (isSame(all.get(key), value)) continue;
      all.set(key, value);
      (isOurs ? set : localSet).set(key, value);
    }
    if (all.size === 0) shown.delete(family);
    if (shard.size === 0) shardOf(node).delete(family);
    if (slaves.has(node) && set.size + deletedForGlobals.length > 0) {
      for (const other of globals) snd(other, 'g_upd', family, objectOf(set), deletedForGlobals);
    }
    if (set.size + localSet.size + deleted.length === 0) return;
    for (const other of monitors.get(family) ?? []) snd(other, 'g_chg2', family, objectOf(new Map([...set, ...localSet])), deleted);
  };

  const setAll = (node: string, db: unknown): void => {
    for (const [family, entries] of entriesOf(db)) update(node, family, entriesOf(entries), []);
  };

  const dbSet = (family: string, key: string, value: unknown): void => {
    const entries = familyOf(own, family);
    if (entries.has(key) && isSame(entries.get(key), value)) return;
    entries.set(key, value);
    if (master !== undefined) snd(master, 'g_upd', family, objectOf(new Map([[key, value]])));
  };
  const dbDel = (family: string, key: string): void => {
    if (own.get(family)?.delete(key) === true && master !== undefined) snd(master, 'g_upd', family, null, [key]);
  };

  const disconnect = (node: string): void => {
    globals.delete(node);
    dbDel("'g", node);
    dbDel("'l", node);
    for (const [family, entries] of [...(shards.get(node) ?? [])]) update(node, family, new Map(), [...entries.keys()]);
    shards.delete(node);
    for (const family of slaves.get(node) ?? []) monitors.get(family)?.delete(node);
    slaves.delete(node);
  };

  const connectGlobal = (node: string): void => {
    dbSet("'g", node, null);
    const merged: Database = new Map();
    for (const [slave, shard] of shards) {
      if (!slaves.has(slave)) continue;
      for (const [family, entries] of shard) for (const [key, value] of entries) familyOf(merged, family).set(key, value);
    }
    snd(node, 'g_set', shardObject(merged));
  };

  const masterSet = (node: string): void => {
    master = node;
    snd(node, 'g_slave', shardObject(own));
    snd(node, 'g_mon1', "'g");
  };

  const receive = (from: string, [tag, ...args]: readonly unknown[]): void => {
    const family = args[0] as string;
    switch (tag) {
      case 'g_slave':
        if (args.length === 0) break;
        slaves.set(from, slaves.get(from) ?? new Set());
        setAll(from, args[0]);
        break;
      case 'g_global':
        disconnect(from);
        globals.add(from);
        connectGlobal(from);
        break;
      case 'g_set':
        setAll(from, args[0]);
        dbSet("'l", from, entriesOf(entriesOf(args[0]).get("'l")).get(from) ?? null);
        break;
      case 'g_upd':
        update(from, family, entriesOf(args[1]), (args[2] ?? []) as readonly string[]);
        break;
      case 'g_find':
        snd(from, 'g_found', family, shown.get("'l")?.get(family) ?? null);
        break;
      case 'g_db_family':
        snd(from, 'g_reply', args[1], objectOf(shown.get(family) ?? new Map()));
        break;
      case 'g_db_keys':
        snd(from, 'g_reply', args[1], [...(shown.get(family)?.keys() ?? [])]);
        break;
      case 'g_db_values':
        snd(from, 'g_reply', args[1], [...(shown.get(family)?.values() ?? [])]);
        break;
      case 'g_mon1': {
        slaves.set(from, (slaves.get(from) ?? new Set()).add(family));
        monitors.set(family, (monitors.get(family) ?? new Set()).add(from));
        const content = shown.get(family);
        snd(from, 'g_chg1', family, content === undefined ? null : objectOf(content));
        break;
      }
      case 'g_mon0':
        monitors.get(family)?.delete(from);
        slaves.get(from)?.delete(family);
        break;
      default:
        break;
    }
  };

  const node: PerlGlobal = {
    id,
    seeds,
    database: own,
    up(other) {
      const isMaster = seeds.includes(other) && (master === undefined || master === id);
      if (seeds.includes(other)) snd(other, 'g_slave');
      if (isMaster && isSlaveFirst) masterSet(other);
      snd(other, 'g_global');
      if (isMaster && !isSlaveFirst) masterSet(other);
    },
    down(other) {
      disconnect(other);
      if (master !== other) return;
      master = undefined;
      const next = seeds.find((seed) => network.isUp(id, seed));
      if (next !== undefined) masterSet(next);
    },
    receive,
    set(family, key, value) {
      if (!isFixed(family, key)) dbSet(family, key, value);
    },
    del(family, key) {
      if (!isFixed(family, key)) dbDel(family, key);
    },
  };
  /** What it has told as its own master it never takes back from the other globals, once it has another master. */
  const isFixed = (family: string, key: string): boolean => master !== id && shards.get(id)?.get(family)?.has(key) === true;

  network.add(node);
  masterSet(id);
  dbSet("'l", id, [`${id}:1`]);
  dbSet("'g", id, null);
  return node;
}
