import { ABSENT, Leaf } from './trie-leaf.js';

/** Bits of a hash that one level takes: a branch has 32 children. */
const BITS = 5;
const WIDTH = 1 << BITS;
/** A leaf that would hold more becomes a branch. To copy that many values costs about what a branch on the way does. */
const FULL = 128;
/** A hash has 30 bits, which the engine keeps in place. A leaf of the deepest level holds whatever has the same one. */
const DEEPEST = 25;

type TrieNode = Branch | Leaf;
type Children = readonly (TrieNode | undefined)[];

/**
 * A level of a trie. It never changes: who sets a key gets another one, with all other children in common. It is a class for
 * immer's sake, which drafts plain objects, arrays and maps, and takes anything else for a value. A draft of each level on
 * the way to a key would cost several times what these copies of 32 references do.
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
const indexOf = (hash: number, shift: number): number => (hash >>> shift) & (WIDTH - 1);

/** What a child of a branch that begins at `shift` becomes with another value of a key; undefined: nothing is left of it. */
function childWith(child: TrieNode | undefined, shift: number, hash: number, key: string, value: unknown): TrieNode | undefined {
  if (child instanceof Branch) return child.with(hash, key, value);
  if (value === ABSENT) return child?.without(hash, key);
  if (child === undefined) return new Leaf([hash, key], [value]);
  if (child.size < FULL || shift >= DEEPEST) return child.with(hash, key, value);
  return branchOf(child, shift + BITS).with(hash, key, value);
}

/** A leaf as a branch that begins at `shift`. */
export function branchOf(leaf: Leaf, shift: number): Branch {
  const children = leaf
    .split(WIDTH, (hash) => indexOf(hash, shift))
    .map((child) => (child === undefined || child.size <= FULL || shift >= DEEPEST ? child : branchOf(child, shift + BITS)));
  return new Branch(children, shift);
}
