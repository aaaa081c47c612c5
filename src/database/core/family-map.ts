import { ABSENT } from './trie-leaf.js';
import { entriesOf, lookUp, type Trie } from './trie.js';

/**
 * What `family` of a change is: a snapshot that nothing alters any more (S27). A class, since one is made for each change
 * that somebody looks at, and its methods need not be made with it.
 */
export class FamilyMap implements ReadonlyMap<string, unknown> {
  readonly #trie: Trie;
  readonly size: number;
  readonly [Symbol.toStringTag] = 'FamilyMap';

  constructor(trie: Trie, size: number) {
    this.#trie = trie;
    this.size = size;
  }

  has(key: string): boolean {
    return lookUp(this.#trie, key) !== ABSENT;
  }

  get(key: string): unknown {
    const value = lookUp(this.#trie, key);
    return value === ABSENT ? undefined : value;
  }

  forEach(each: (value: unknown, key: string, map: ReadonlyMap<string, unknown>) => void, self?: unknown): void {
    for (const [key, value] of this) each.call(self, value, key, this);
  }

  *keys(): Generator<string, undefined> {
    for (const [key] of entriesOf(this.#trie)) yield key;
  }

  *values(): Generator<unknown, undefined> {
    for (const [, value] of entriesOf(this.#trie)) yield value;
  }

  entries(): Generator<[string, unknown], undefined> {
    return entriesOf(this.#trie);
  }

  [Symbol.iterator](): Generator<[string, unknown], undefined> {
    return this.entries();
  }

  /** What `console.log` of Node.js shows, as of any other Map. */
  [Symbol.for('nodejs.util.inspect.custom')](_depth: number, options: object, inspect: (value: unknown, options: object) => string): string {
    return inspect(new Map(this), options);
  }
}
