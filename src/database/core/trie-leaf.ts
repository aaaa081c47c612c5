/** No value: the key is not there. */
export const ABSENT = Symbol('absent');

/** What an entry takes in a leaf: the hash of its key, the key, the value. */
export const STRIDE = 3;

/**
 * A few entries, in one flat array: to copy it costs next to nothing, and a look compares numbers. A leaf never changes.
 * It is a class for immer's sake, which drafts plain objects, arrays and maps, and takes anything else for a value: so it
 * reads neither entries nor values.
 */
export class Leaf {
  readonly flat: readonly unknown[];

  constructor(flat: readonly unknown[]) {
    this.flat = flat;
  }

  get size(): number {
    return this.flat.length / STRIDE;
  }

  /** The value of a key, or `ABSENT`. */
  get(hash: number, key: string): unknown {
    const at = this.#find(hash, key);
    return at < 0 ? ABSENT : this.flat[at + 2];
  }

  with(hash: number, key: string, value: unknown): Leaf {
    const at = this.#find(hash, key);
    if (at < 0) return new Leaf(this.flat.concat([hash, key, value]));
    const flat = this.flat.slice();
    flat[at + 2] = value;
    return new Leaf(flat);
  }

  /** Undefined: nothing is left. */
  without(hash: number, key: string): Leaf | undefined {
    const at = this.#find(hash, key);
    if (at < 0) return this;
    return this.size === 1 ? undefined : new Leaf(this.flat.toSpliced(at, STRIDE));
  }

  *[Symbol.iterator](): Generator<[string, unknown], undefined> {
    const flat = this.flat;
    for (let at = 0; at < flat.length; at += STRIDE) yield [flat[at + 1] as string, flat[at + 2]];
  }

  #find(hash: number, key: string): number {
    const flat = this.flat;
    for (let at = 0; at < flat.length; at += STRIDE) if (flat[at] === hash && flat[at + 1] === key) return at;
    return -1;
  }
}
