/** No value: the key is not there. */
export const ABSENT = Symbol('absent');

/** What an entry takes in the names of a leaf: the hash of its key, and the key. */
const STRIDE = 2;

/** Hash and key, in turn. */
type Names = readonly (number | string)[];

interface Growing {
  readonly names: (number | string)[];
  readonly values: unknown[];
}

/**
 * A few entries, in flat arrays: to copy them costs next to nothing, and a look compares numbers. A leaf never changes. One
 * with another value of a key has its names in common, and a third to copy: where leaves are many, most live long enough for
 * the collector of garbage to copy them again, and that is what an update costs most.
 */
export class Leaf {
  readonly #names: Names;
  readonly #values: readonly unknown[];

  constructor(names: Names, values: readonly unknown[]) {
    this.#names = names;
    this.#values = values;
  }

  get size(): number {
    return this.#values.length;
  }

  /** The value of a key, or `ABSENT`. */
  get(hash: number, key: string): unknown {
    const at = this.#find(hash, key);
    return at < 0 ? ABSENT : this.#values[at];
  }

  with(hash: number, key: string, value: unknown): Leaf {
    const at = this.#find(hash, key);
    if (at < 0) return new Leaf(this.#names.concat(hash, key), this.#values.concat([value]));
    const values = this.#values.slice();
    values[at] = value;
    return new Leaf(this.#names, values);
  }

  /** Undefined: nothing is left. */
  without(hash: number, key: string): Leaf | undefined {
    const at = this.#find(hash, key);
    if (at < 0) return this;
    return this.size === 1 ? undefined : new Leaf(without(this.#names, at * STRIDE, STRIDE), without(this.#values, at, 1));
  }

  /** Its entries in `width` leaves, each in that whose number `pick` gives for its hash; undefined: none of them. */
  split(width: number, pick: (hash: number) => number): (Leaf | undefined)[] {
    const parts = Array.from({ length: width }, (): Growing => ({ names: [], values: [] }));
    for (const [at, value] of this.#values.entries()) {
      const hash = this.#names[at * STRIDE] as number;
      const part = parts[pick(hash)];
      part?.names.push(hash, this.#names[at * STRIDE + 1] as string);
      part?.values.push(value);
    }
    // a copy has no room to grow
    return parts.map(({ names, values }) => (values.length === 0 ? undefined : new Leaf(names.slice(), values.slice())));
  }

  *[Symbol.iterator](): Generator<[string, unknown], undefined> {
    for (const [at, value] of this.#values.entries()) yield [this.#names[at * STRIDE + 1] as string, value];
  }

  #find(hash: number, key: string): number {
    const names = this.#names;
    for (let at = 0; at < names.length; at += STRIDE) if (names[at] === hash && names[at + 1] === key) return at / STRIDE;
    return -1;
  }
}

function without<T>(list: readonly T[], at: number, count: number): T[] {
  const rest = list.slice();
  rest.splice(at, count);
  return rest;
}
