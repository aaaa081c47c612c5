/** Keys with their values; one family of a shard. */
export type Entries = ReadonlyMap<string, unknown>;

/**
 * Entries in one list, keys and values in turn, no key twice. Cheaper than a Map where they are only gone through, as when they
 * are sent; who looks for a key makes a Map of them.
 */
export class FlatEntries implements Entries {
  readonly list: unknown[] = [];
  #map: Map<string, unknown> | undefined;

  /** Adds a key that is not there yet, before anybody has looked for one. */
  add(key: string, value: unknown): void {
    this.list.push(key, value);
  }

  get size(): number {
    return this.list.length / 2;
  }

  get(key: string): unknown {
    return this.#asMap().get(key);
  }

  has(key: string): boolean {
    return this.#asMap().has(key);
  }

  forEach(callback: (value: unknown, key: string, entries: Entries) => void): void {
    for (let i = 0; i < this.list.length; i += 2) callback(this.list[i + 1], this.list[i] as string, this);
  }

  *keys(): Generator<string, undefined> {
    for (const [key] of this) yield key;
  }

  *values(): Generator<unknown, undefined> {
    for (const [, value] of this) yield value;
  }

  *entries(): Generator<[string, unknown], undefined> {
    for (let i = 0; i < this.list.length; i += 2) yield [this.list[i] as string, this.list[i + 1]];
  }

  [Symbol.iterator](): Generator<[string, unknown], undefined> {
    return this.entries();
  }

  #asMap(): Map<string, unknown> {
    return (this.#map ??= new Map(this));
  }
}
