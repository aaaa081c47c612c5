import type { FamilyChange } from 'rxmp';

/**
 * What `dbMon` says of a family, by the marks of a diagram: each step names the keys that get a value, or none, in the
 * order in which the steps are written. Begins with an empty family.
 */
export function changes<V, K extends string>(
  steps: Readonly<Record<K, Readonly<Record<string, V | undefined>>>>,
): Record<K, FamilyChange<V>> {
  let family: ReadonlyMap<string, V> = new Map();
  const made = Object.entries<Readonly<Record<string, V | undefined>>>(steps).map(([mark, step]) => {
    const before = family;
    const keys = Object.keys(step);
    const next = new Map(before);
    for (const key of keys) {
      const value = step[key];
      if (value === undefined) next.delete(key);
      else next.set(key, value);
    }
    family = next;
    const change: FamilyChange<V> = {
      family,
      add: keys.filter((key) => !before.has(key) && next.has(key)),
      chg: keys.filter((key) => before.has(key) && next.has(key)),
      del: keys.filter((key) => before.has(key) && !next.has(key)),
      current: true,
    };
    return [mark, change] as const;
  });
  return Object.fromEntries(made) as Record<K, FamilyChange<V>>;
}
