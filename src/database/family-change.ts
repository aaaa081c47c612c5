/**
 * One change of a family. Folding `add`, `chg` and `del` over the families before gives `family` (S26); a key is in one of
 * the three lists at most. The order of keys means nothing.
 */
export interface FamilyChange<V = unknown> {
  /** The whole family after the change: an immutable snapshot (S27), made when it is looked at. */
  readonly family: ReadonlyMap<string, V>;
  /** Keys that were absent. */
  readonly add: readonly string[];
  /** Keys whose value is another one now. */
  readonly chg: readonly string[];
  /** Keys that are gone. */
  readonly del: readonly string[];
}
