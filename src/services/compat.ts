/**
 * AnyEvent::MP 1.x had groups of ports where 2.x has families of keys. These are its three functions, on families: a group
 * is a family whose keys are port ids. New programs take `dbReg`, `dbKeys` and `dbMon`, which also have values.
 */
import { filter, map, type Observable } from 'rxjs';
import type { DatabaseFunctions } from '../database/database-functions.js';
import type { SignalOptions } from '../env/signal.js';
import type { Guard } from '../kernel/guard.js';
import type { Message, PortId, PortRef } from '../kernel/types.js';

/** One change of a group. The order of ports means nothing. */
export interface GroupChange<M extends Message = Message> {
  /** All ports of the group after the change. */
  readonly ports: readonly PortId<M>[];
  /** Ports that were not in it. */
  readonly add: readonly PortId<M>[];
  /** Ports that are gone. */
  readonly del: readonly PortId<M>[];
}

/**
 * Puts a port into a group, until it dies or the result is unsubscribed: AEMP's `grp_reg`.
 *
 * Throws what `dbReg` throws: `BadFamily` for the name of the group, a TypeError for what is no port.
 *
 * @param group A name as families have: `[A-Za-z][A-Za-z0-9_:]*` (S29).
 *
 * @example
 * ```ts
 * import { createNode } from 'rxmp';
 * import { grpGet, grpMon, grpReg } from 'rxmp/compat';
 * import { firstValueFrom } from 'rxjs';
 *
 * const node = await createNode();
 * const worker = node.port(() => undefined);
 * grpMon(node, 'workers').subscribe(({ ports, add, del }) => console.log(ports.length, add.length, del.length));
 * grpReg(node, 'workers', worker);
 * console.log((await firstValueFrom(grpGet(node, 'workers')))?.length);
 * await node.close();
 * ```
 */
export function grpReg(node: Pick<DatabaseFunctions, 'dbReg'>, group: string, port: PortRef, options?: SignalOptions): Guard {
  return node.dbReg(group, port, undefined, options);
}

/**
 * The ports of a group as it is now, undefined if there are none: AEMP's `grp_get`, which is why an empty group gives no
 * empty array. One value for each subscriber, once there is a master to ask. What the keys are is not checked; `M`, the
 * messages that the ports take, is what the caller knows.
 */
export function grpGet<M extends Message = Message>(
  node: Pick<DatabaseFunctions, 'dbKeys'>,
  group: string,
  options?: SignalOptions,
): Observable<readonly PortId<M>[] | undefined> {
  return node.dbKeys(group, options).pipe(map((keys) => (keys.length > 0 ? (keys as readonly PortId<M>[]) : undefined)));
}

/**
 * Watches a group: first all ports that are in it, also when there are none, then each time some come or go: AEMP's
 * `grp_mon`. Values of the family are no matter of groups: a change of values alone is left out. Goes on through lost
 * connections as `dbMon` does (S28), and completes when the node closes.
 */
export function grpMon<M extends Message = Message>(
  node: Pick<DatabaseFunctions, 'dbMon'>,
  group: string,
  options?: SignalOptions,
): Observable<GroupChange<M>> {
  return node.dbMon(group, options).pipe(
    filter(({ add, del }, index) => index === 0 || add.length > 0 || del.length > 0),
    map(({ family, add, del }) => ({ ports: [...family.keys()], add, del }) as unknown as GroupChange<M>),
  );
}
