import { cryptoRandom } from '../../env/random.js';
import { ABSENT, Leaf, STRIDE } from './trie-leaf.js';

/** Bits of a hash that one level takes: a branch has 32 children. */
const BITS = 5;
const WIDTH = 1 << BITS;
/** A leaf that would hold more becomes a branch. */
const FULL = 48;
/** A hash has 30 bits, which the engine keeps in place. A leaf of the deepest level holds whatever has the same one. */
const DEEPEST = 25;

type Node = Branch | Leaf | undefined;
type Branch = Node[];

/** A map from text as a tree of small nodes, so that a draft copies little. */
export type Trie = Branch;

export function createTrie(entries: Iterable<readonly [string, unknown]>): Trie {
  const flat: unknown[] = [];
  for (const [key, value] of entries) flat.push(hashOf(key), key, value);
  return branchOf(flat, 0);
}

/** The value of a key, or `ABSENT`. */
export function lookUp(trie: Trie, key: string): unknown {
  const hash = hashOf(key);
  let node: Node = trie;
  for (let bits = hash; node !== undefined && !(node instanceof Leaf); bits >>>= BITS) node = node[bits & (WIDTH - 1)];
  return node === undefined ? ABSENT : node.get(hash, key);
}

/** Sets a key in place, or removes it where the value is `ABSENT`. The trie may be a draft. */
export function write(trie: Trie, key: string, value: unknown): void {
  const hash = hashOf(key);
  let branch = trie;
  for (let shift = 0; ; shift += BITS) {
    const at = (hash >>> shift) & (WIDTH - 1);
    const child = branch[at];
    if (child !== undefined && !(child instanceof Leaf)) branch = child;
    else if (child !== undefined && child.size >= FULL && shift < DEEPEST) branch = branch[at] = branchOf(child.flat, shift + BITS);
    else {
      branch[at] = value === ABSENT ? child?.without(hash, key) : (child ?? EMPTY).with(hash, key, value);
      return;
    }
  }
}

/** All entries, in an order that means nothing. */
export function* entriesOf(branch: Branch): Generator<[string, unknown], undefined> {
  for (const child of branch) {
    if (child instanceof Leaf) yield* child;
    else if (child !== undefined) yield* entriesOf(child);
  }
}

const EMPTY = new Leaf([]);

function branchOf(flat: readonly unknown[], shift: number): Branch {
  const parts = Array.from({ length: WIDTH }, (): unknown[] => []);
  for (let i = 0; i < flat.length; i += STRIDE) {
    parts[((flat[i] as number) >>> shift) & (WIDTH - 1)]?.push(flat[i], flat[i + 1], flat[i + 2]);
  }
  return parts.map((part) => {
    if (part.length === 0) return undefined;
    const isLeaf = part.length <= FULL * STRIDE || shift >= DEEPEST;
    // a copy has no room to grow
    return isLeaf ? new Leaf(part.slice()) : branchOf(part, shift + BITS);
  });
}

/** Of this process, so that nobody can choose keys that all have one hash, which would make a family a list. */
const SEED = new DataView(cryptoRandom.octets(4).buffer).getInt32(0);

/** FNV-1a over the UTF-16 units, then mixed so that the low bits, which pick a child, depend on all. */
function hashOf(key: string): number {
  let hash = SEED;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) & 0x3fffffff;
}
