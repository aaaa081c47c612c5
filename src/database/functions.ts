import { Observable } from 'rxjs';
import { createBroadcast, type Broadcast } from '../env/broadcast.js';
import type { Limits } from '../env/limits.js';
import { signalOf, type SignalOptions } from '../env/signal.js';
import { deepFreeze } from '../kernel/core/freeze.js';
import { NodeClosed, type Forbidden } from '../kernel/errors.js';
import { closedGuard, endedBy, Guard } from '../kernel/guard.js';
import type { Kernel } from '../kernel/kernel.js';
import type { PortRef } from '../kernel/types.js';
import { owned } from '../kernel/owned.js';
import { logged, reportable } from '../kernel/unhandled.js';
import type { Entries, Query } from '../wire/database.js';
import { isPortId, portIdOf } from '../wire/portid.js';
import { isSendable, valueDepth } from '../wire/database-values.js';
import { BadNodeId, MessageTooLarge } from '../wire/errors.js';
import type { LocalShard } from './core/local-shard.js';
import { checkFamily, checkKey, checkReadable } from './core/names.js';
import { entriesOf, type Replica } from './core/replica.js';
import { stored } from './core/stored.js';
import type { DatabaseFunctions } from './database-functions.js';
import type { FamilyChange } from './family-change.js';
import type { ValueCheck } from './schemas.js';

export interface FunctionsContext {
  readonly kernel: Kernel;
  readonly shard: LocalShard;
  readonly replica: Replica;
  readonly check: ValueCheck;
  readonly limits: Limits;
  /** Checks what is about to be set; it throws what is wrong. */
  readonly checkWrite?: ((family: string, key: string) => void) | undefined;
  /** Something was set or deleted. */
  schedule(): void;
  isClosed(): boolean;
}

/** The database's functions of a node, bound to it, and where its changes come in. */
export function createDatabaseFunctions(context: FunctionsContext) {
  const { kernel, shard, replica, check, limits, schedule } = context;
  const watched = new Map<string, Broadcast<FamilyChange>>();

  const watch = (family: string): Observable<FamilyChange> =>
    new Observable((subscriber) => {
      if (context.isClosed()) {
        subscriber.complete();
        return undefined;
      }
      // opened first: this node's own answer comes at once, and is what the subscriber gets below
      const store = replica.open(family);
      const changes = watched.get(family) ?? createBroadcast<FamilyChange>();
      watched.set(family, changes);
      const current = store?.current();
      // subscribed first: what the subscriber does with the first value may cause the next
      changes.stream$.subscribe(subscriber);
      if (current !== undefined) subscriber.next(current);
      // it has left the others already
      return () => {
        if (changes.observed || watched.get(family) !== changes) return;
        watched.delete(family);
        replica.close(family);
      };
    });

  const query = <T>(kind: Query, family: string, read: (result: unknown) => T, options?: SignalOptions): Observable<T> => {
    checkReadable(family, limits);
    const signal = signalOf(options);
    const answer$ = new Observable<T>((subscriber) => {
      const closing = kernel.closed$.subscribe(() => { subscriber.error(reportable(new NodeClosed(kernel.id), kernel.env.log)); });
      if (subscriber.closed) return undefined;
      const takeBack = replica.query(kind, family, (result) => {
        subscriber.next(read(result));
        subscriber.complete();
      }, (error) => { subscriber.error(reportable(error, kernel.env.log)); });
      return () => {
        closing.unsubscribe();
        takeBack();
      };
    });
    return owned(answer$, logged(kernel.env.log, `the family ${family}`), signal);
  };

  /** Values of other nodes are shared by all who ask. */
  const shown = (family: string, entries: Entries): Entries => {
    for (const value of entries.values()) deepFreeze(value);
    return check.others(family, entries);
  };

  /** The family that was written to last. Mostly it is the next one, too. */
  let last: string | undefined;
  const checkOwn = (family: string): void => {
    if (family !== last) last = checkFamily(family, limits);
  };

  const dbDel = (family: string, ...keys: readonly string[]): void => {
    checkOwn(family);
    for (const key of keys) checkKey(key, limits);
    if (context.isClosed()) return;
    for (const key of keys) shard.del(family, key);
    schedule();
  };

  const dbSet = (family: string, key: string, value?: unknown, options?: SignalOptions): Guard => {
    const signal = signalOf(options);
    checkOwn(family);
    checkKey(key, limits);
    context.checkWrite?.(family, key);
    const kept = stored(value, valueDepth(limits));
    check.own(family, key, kept);
    if (!isSendable(family, key, kept, limits)) {
      throw new MessageTooLarge(`the value of a key of ${family} is too large for a message: limits.messageSize is ${limits.messageSize} octets, limits.messageItems ${limits.messageItems}`);
    }
    if (context.isClosed() || signal?.aborted === true) return closedGuard();
    const setting = shard.set(family, key, kept);
    schedule();
    return endedBy(new Guard(() => {
      if (shard.isFrom(family, key, setting)) dbDel(family, key);
    }), signal, kernel.onAbort);
  };

  const dbReg = (family: string, port: PortRef | undefined = kernel.ports.current?.id, value?: unknown, options?: SignalOptions): Guard => {
    const id = idOf(port);
    const registered = dbSet(family, id, value, options);
    if (registered.closed) return registered;
    const stop = kernel.monitor(id, {
      fire: () => {
        registered.unsubscribe();
        // whoever has set it since: it is the port's, which is dead
        dbDel(family, id);
      },
    });
    registered.add(stop);
    return registered;
  };

  const face: DatabaseFunctions = {
    dbSet,
    dbDel,
    dbReg,
    dbFamily: <V>(family: string, options?: SignalOptions) =>
      query('g_db_family', family, (result) => shown(family, entriesOf(result)) as ReadonlyMap<string, V>, options),
    dbKeys: (family, options) =>
      check.has(family)
        ? query('g_db_family', family, (result) => [...shown(family, entriesOf(result)).keys()], options)
        : query('g_db_keys', family, (result) => listOf(result).map(String), options),
    dbValues: <V>(family: string, options?: SignalOptions) => query('g_db_values', family, (result) => admitted(family, listOf(result)) as readonly V[], options),
    dbMon: <V>(family: string, options?: SignalOptions) =>
      owned(watch(checkReadable(family, limits)), logged(kernel.env.log, `dbMon(${family})`), signalOf(options)) as Observable<FamilyChange<V>>,
  };

  const admitted = (family: string, values: readonly unknown[]): readonly unknown[] => {
    const entries = new Map(values.map((value, i) => [String(i), value]));
    return [...shown(family, entries).values()];
  };

  return {
    face,
    watch,
    /** Nobody gets to watch the family here (G1). */
    denied(family: string, error: Forbidden): void {
      const changes = watched.get(family);
      if (changes === undefined) return;
      watched.delete(family);
      replica.close(family);
      changes.error(reportable(error, kernel.env.log));
    },
    changed(family: string, change: FamilyChange): void {
      watched.get(family)?.next(change);
    },
    close(): void {
      const all = [...watched.values()];
      watched.clear();
      for (const changes of all) changes.complete();
    },
  };
}

const listOf = (result: unknown): readonly unknown[] => (Array.isArray(result) ? result : []);

function idOf(port: PortRef | undefined): string {
  if (port === undefined) throw new TypeError('dbReg without a port can only be called by code of a port: a handler, psub or peval');
  const id = portIdOf(port);
  if (isPortId(id)) return id;
  throw new BadNodeId(`${JSON.stringify(id)} is a node: expected a port, node#name`);
}
