import type { Observable } from 'rxjs';
import type { SignalOptions } from '../env/signal.js';
import type { Guard } from '../kernel/guard.js';
import type { PortRef } from '../kernel/types.js';
import type { FamilyChange } from './family-change.js';

/**
 * The database of a network: families of keys with values. Every node owns what it has set, and everybody sees the union
 * (S24); what a node has set goes when the node goes (S25).
 *
 * A family is named by `[A-Za-z][A-Za-z0-9_:]*` (else `BadFamily`), a key is any non-empty string (else `BadKey`, S29). A
 * value is whatever a message can carry; undefined becomes null (S30). Wrong names throw at the call. A `signal` ends what a function has begun
 * (A12).
 */
export interface DatabaseFunctions {
  /**
   * Sets a key of this node's own part of a family. Unsubscribing the result deletes the key again.
   *
   * Throws `BadFamily`, `BadKey`, `BadValue` when the schema of the family refuses the value, `MessageTooLarge`, and
   * RangeError beyond `limits.shardKeys`, `limits.shardFamilies` or `limits.shardOctets`.
   *
   * @example
   * ```ts
   * using presence = node.dbSet('users', 'ann', { since: node.clock.now() });
   * ```
   */
  dbSet(family: string, key: string, value?: unknown, options?: SignalOptions): Guard;
  /** Deletes keys that this node has set; where another node has set them too, its value shows. */
  dbDel(family: string, ...keys: readonly string[]): void;
  /**
   * Registers a port in a family, under its id; the key is deleted when the port dies, or when the result is unsubscribed.
   * Without a port it is the one whose code runs now.
   *
   * @example
   * ```ts
   * const worker = node.port<Work>();
   * node.dbReg('workers', worker, { cores: 4 });
   * ```
   */
  dbReg(family: string, port?: PortRef, value?: unknown, options?: SignalOptions): Guard;
  /** The family as it is now: asks the master, once for each subscriber. Waits while there is no master. */
  dbFamily<V = unknown>(family: string, options?: SignalOptions): Observable<ReadonlyMap<string, V>>;
  /** The keys of the family as it is now. */
  dbKeys(family: string, options?: SignalOptions): Observable<readonly string[]>;
  /** The values of the family as it is now. */
  dbValues<V = unknown>(family: string, options?: SignalOptions): Observable<readonly V[]>;
  /**
   * Watches a family: the first value is all that is in it now, also when that is nothing, then comes every change.
   * Subscribers on one node share one upstream monitor. It goes on through lost connections: a new master shows as the
   * difference between what was known and what is (S28). While there is no master, what was last known stays, and `current` is
   * false (V12). Completes when the node closes.
   *
   * @example
   * ```ts
   * node.dbMon<number>('scores').subscribe(({ family, add, chg, del }) => console.log(family.size, add, chg, del));
   * ```
   */
  dbMon<V = unknown>(family: string, options?: SignalOptions): Observable<FamilyChange<V>>;
}
