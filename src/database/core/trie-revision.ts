import { Immer } from 'immer';
import { ABSENT } from './trie-leaf.js';
import { createTrie, entriesOf, written, type Trie } from './trie.js';

/** Freezing would walk through all that an update touches, and nobody gets hold of a node. */
const immer = new Immer({ autoFreeze: false });

/** The value that a key has then, or `ABSENT`. */
export type Edits = ReadonlyMap<string, unknown>;

/** Whether to make a trie of `size` keys anew is cheaper than to revise one: an edit, which copies its way, costs several times as much. */
export const isRewrite = (edits: Edits, size: number): boolean => edits.size * 4 >= size;

/** The trie that another one of `size` keys becomes by some edits; the other stays as it is, and what is equal is shared. */
export function revised(trie: Trie, size: number, edits: Edits): Trie {
  if (isRewrite(edits, size)) return createTrie(merged(trie, edits));
  return immer.produce(trie, (draft) => {
    // all edits at once: each use of a draft costs more than a level of the tree
    let { root } = trie;
    for (const [key, value] of edits) root = written(root, key, value);
    draft.root = root;
  });
}

function* merged(trie: Trie, edits: Edits): Generator<readonly [string, unknown]> {
  for (const entry of entriesOf(trie)) if (!edits.has(entry[0])) yield entry;
  for (const entry of edits) if (entry[1] !== ABSENT) yield entry;
}
