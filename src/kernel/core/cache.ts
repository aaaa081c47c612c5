/** What was looked up lately, by name. */
export interface Cache<V> {
  get(key: string): V | undefined;
  set(key: string, value: V): void;
  delete(key: string): void;
}

/** Entries of a cache: a program that is busy with more names than this only loses a little speed. */
const SIZE = 10_000;

/** A cache that starts anew when it is full: what is in use is back at once, and there is nothing to keep in order. */
export function createCache<V>(): Cache<V> {
  const entries = new Map<string, V>();
  return {
    get: (key) => entries.get(key),
    set(key, value) {
      if (entries.size >= SIZE) entries.clear();
      entries.set(key, value);
    },
    delete: (key) => void entries.delete(key),
  };
}
