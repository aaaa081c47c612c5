import { ABSENT, Leaf, STRIDE } from './trie-leaf.js';

/** Bits of a hash that one level takes: a branch has 32 children. */
const BITS = 5;
const WIDTH = 1 << BITS;
/** A leaf that would hold more becomes a branch. */
const FULL = 48;
/** A hash has 30 bits, which the engine keeps in place. A leaf of the deepest level holds whatever has the same one. */
const DEEPEST = 25;

export type TrieNode = Branch | Leaf;
export type Children = readonly (TrieNode | undefined)[];

/**
 * A level of a trie below its root. It never changes: who sets a key gets another one, with all other children in common.
 * It is a class for the reason that a leaf is one: immer takes it for a value. A draft of each level on the way to a key
 * would cost several times what these copies of 32 references do.
 */
export class Branch {
  readonly #children: Children;
  /** The bits of a hash that pick a child begin here. */
  readonly #shift: number;

  constructor(children: Children, shift: number) {
    this.#children = children;
    this.#shift = shift;
  }

  /** The value of a key, or `ABSENT`. */
  get(hash: number, key: string): unknown {
    const child = this.#children[indexOf(hash, this.#shift)];
    return child === undefined ? ABSENT : child.get(hash, key);
  }

  /** With another value of a key, or without the key where the value is `ABSENT`. */
  with(hash: number, key: string, value: unknown): Branch {
    const at = indexOf(hash, this.#shift);
    const children = this.#children.slice();
    children[at] = childWith(children[at], this.#shift, hash, key, value);
    return new Branch(children, this.#shift);
  }

  *[Symbol.iterator](): Generator<[string, unknown], undefined> {
    for (const child of this.#children) if (child !== undefined) yield* child;
  }
}

/** Which child of a branch a hash belongs to. */
export const indexOf = (hash: number, shift: number): number => (hash >>> shift) & (WIDTH - 1);

/** What a child of a branch that begins at `shift` becomes with another value of a key; undefined: nothing is left of it. */
export function childWith(child: TrieNode | undefined, shift: number, hash: number, key: string, value: unknown): TrieNode | undefined {
  if (child instanceof Branch) return child.with(hash, key, value);
  if (value === ABSENT) return child?.without(hash, key);
  if (child === undefined) return new Leaf([hash, key, value]);
  if (child.size < FULL || shift >= DEEPEST) return child.with(hash, key, value);
  const next = shift + BITS;
  return new Branch(childrenOf(child.flat, next), next).with(hash, key, value);
}

/** Entries as the children of a branch that begins at `shift`. */
export function childrenOf(flat: readonly unknown[], shift: number): (TrieNode | undefined)[] {
  const parts = Array.from({ length: WIDTH }, (): unknown[] => []);
  for (let i = 0; i < flat.length; i += STRIDE) parts[indexOf(flat[i] as number, shift)]?.push(flat[i], flat[i + 1], flat[i + 2]);
  return parts.map((part) => {
    if (part.length === 0) return undefined;
    const isLeaf = part.length <= FULL * STRIDE || shift >= DEEPEST;
    // a copy has no room to grow
    return isLeaf ? new Leaf(part.slice()) : new Branch(childrenOf(part, shift + BITS), shift + BITS);
  });
}
