/** Bits of a hash that one level takes: a branch has 32 children. */
const BITS = 5;
const WIDTH = 1 << BITS;
/** A leaf that would hold more becomes a branch: copying a leaf is most of what an update of a persistent trie costs. */
const LEAF = 32;
/** The lowest bits of the deepest level; a leaf there holds whatever shares all bits of its hash. */
const DEEPEST = 30;

/** Maps stay with the engine's own hash tables as long as they are small; so odd keys need no thought. */
export type Leaf = Map<string, unknown>;
type Branch = Node[];
type Node = Branch | Leaf | undefined;

/** A map from text as a tree of small nodes, so that a draft copies little. The functions here change it in place. */
export type Trie = Branch;

/** No value: the key is not there. */
export const ABSENT = Symbol('absent');

export function createTrie(): Trie {
  return new Array<Node>(WIDTH).fill(undefined);
}

export function lookUp(trie: Trie, key: string): unknown {
  const leaf = leafOf(trie, key);
  if (leaf === undefined) return ABSENT;
  const value = leaf.get(key);
  return value !== undefined || leaf.has(key) ? value : ABSENT;
}

/**
 * Sets a key, or removes it where the value is `ABSENT`. Values are put and never read here: a draft would take a value
 * that is read for something to draft. So `contentOf` has to give what a leaf holds when it is a draft.
 */
export function write(trie: Trie, key: string, value: unknown, contentOf: (leaf: Leaf) => Leaf): void {
  if (value === ABSENT) {
    leafOf(trie, key)?.delete(key);
    return;
  }
  const hash = hashOf(key);
  let branch = trie;
  for (let shift = 0; ; shift += BITS) {
    const at = (hash >>> shift) & (WIDTH - 1);
    const child = branch[at];
    if (child === undefined) {
      branch[at] = new Map([[key, value]]);
      return;
    }
    if (!(child instanceof Map)) {
      branch = child;
      continue;
    }
    if (shift === DEEPEST || child.size < LEAF || child.has(key)) {
      child.set(key, value);
      return;
    }
    branch = branch[at] = split(contentOf(child), shift + BITS);
  }
}

/** All leaves; some may be empty. */
export function* leavesOf(branch: Branch): Generator<ReadonlyMap<string, unknown>, undefined> {
  for (const child of branch) {
    if (child instanceof Map) yield child;
    else if (child !== undefined) yield* leavesOf(child);
  }
}

/** What a leaf holds, as a branch. */
function split(leaf: Leaf, shift: number): Branch {
  const branch = createTrie();
  for (const [key, value] of leaf) {
    const at = (hashOf(key) >>> shift) & (WIDTH - 1);
    const child = branch[at];
    if (child instanceof Map) child.set(key, value);
    else branch[at] = new Map([[key, value]]);
  }
  return branch;
}

function leafOf(trie: Trie, key: string): Leaf | undefined {
  let bits = hashOf(key);
  let node: Node = trie;
  while (node !== undefined && !(node instanceof Map)) {
    node = node[bits & (WIDTH - 1)];
    bits >>>= BITS;
  }
  return node;
}

/** FNV-1a over the UTF-16 units, then mixed so that the low bits, which pick a child, depend on all. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
