import { cryptoRandom } from '../../env/random.js';
import { branchOf, type Branch } from './trie-branch.js';
import { Leaf } from './trie-leaf.js';

/** A map from text as a tree of small nodes, of which a change copies those on its way. This is what immer drafts. */
export interface Trie {
  readonly root: Branch;
}

export function createTrie(entries: Iterable<readonly [string, unknown]>): Trie {
  const names: (number | string)[] = [];
  const values: unknown[] = [];
  for (const [key, value] of entries) {
    names.push(hashOf(key), key);
    values.push(value);
  }
  return { root: branchOf(new Leaf(names, values), 0) };
}

/** The value of a key, or `ABSENT`. */
export const lookUp = ({ root }: Trie, key: string): unknown => root.get(hashOf(key), key);

/** A root with another value of a key, or without the key where the value is `ABSENT`. */
export const written = (root: Branch, key: string, value: unknown): Branch => root.with(hashOf(key), key, value);

/** All entries, in an order that means nothing. */
export const entriesOf = ({ root }: Trie): Generator<[string, unknown], undefined> => root[Symbol.iterator]();

/** Of this process, so that nobody can choose keys that all have one hash, which would make a family a list. */
let seed: number | undefined;
// with the first key: while modules are loaded, workerd has no chance
const drawn = (): number => new DataView(cryptoRandom.octets(4).buffer).getInt32(0);

/** FNV-1a over the UTF-16 units, then mixed so that the low bits, which pick a child, depend on all. */
function hashOf(key: string): number {
  let hash = (seed ??= drawn());
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) & 0x3fffffff;
}
