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
  /**
   * A master vouches for it now. False: it is what was last known, since no master is connected, or its link is suspended. When
   * that alone has changed the three lists are empty, and `family` is the one before (V12).
   */
  readonly current: boolean;
}

/** Whether there is more to it than that `current` is another one. */
export function changesKeys({ add, chg, del }: FamilyChange): boolean {
  return add.length > 0 || chg.length > 0 || del.length > 0;
}
