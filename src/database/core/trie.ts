import { cryptoRandom } from '../../env/random.js';
import { childrenOf, childWith, indexOf, type Children, type TrieNode } from './trie-branch.js';
import { ABSENT } from './trie-leaf.js';

/** A map from text as a tree of small nodes, of which a change copies those on its way. This is its root, which immer drafts. */
export type Trie = Children;

/** A root that may be changed: a draft. */
export type Root = (TrieNode | undefined)[];

export function createTrie(entries: Iterable<readonly [string, unknown]>): Trie {
  const flat: unknown[] = [];
  for (const [key, value] of entries) flat.push(hashOf(key), key, value);
  return childrenOf(flat, 0);
}

/** The value of a key, or `ABSENT`. */
export function lookUp(trie: Trie, key: string): unknown {
  const hash = hashOf(key);
  const child = trie[indexOf(hash, 0)];
  return child === undefined ? ABSENT : child.get(hash, key);
}

/** Sets a key of a draft, or removes it where the value is `ABSENT`. */
export function write(draft: Root, key: string, value: unknown): void {
  const hash = hashOf(key);
  const at = indexOf(hash, 0);
  draft[at] = childWith(draft[at], 0, hash, key, value);
}

/** All entries, in an order that means nothing. */
export function* entriesOf(trie: Trie): Generator<[string, unknown], undefined> {
  for (const child of trie) if (child !== undefined) yield* child;
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
