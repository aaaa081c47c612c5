import { current, enableMapSet, Immer, isDraft } from 'immer';
import { ABSENT, createTrie, leavesOf, write, type Leaf, type Trie } from './trie.js';

enableMapSet();

/** Freezing would walk through all that an update touches, and nobody gets hold of a node. */
const immer = new Immer({ autoFreeze: false });

/** Edits of a family: the value that a key has then, or `ABSENT`. */
export type Edits = ReadonlyMap<string, unknown>;

/** Whether to make a trie of `size` keys anew is cheaper than to revise another: a draft costs several times as much a key. */
export const isRewrite = (edits: Edits, size: number): boolean => edits.size * 4 >= size;

export function trieOf(entries: Iterable<readonly [string, unknown]>): Trie {
  const trie = createTrie();
  for (const [key, value] of entries) write(trie, key, value, contentOf);
  return trie;
}

/** The trie that another one of `size` keys becomes by some edits; the other stays as it is, and what is equal is shared. */
export function revised(trie: Trie, size: number, edits: Edits): Trie {
  if (isRewrite(edits, size)) return trieOf(merged(trie, edits));
  return immer.produce(trie, (draft) => {
    for (const [key, value] of edits) write(draft, key, value, contentOf);
  });
}

function* merged(trie: Trie, edits: Edits): Generator<readonly [string, unknown]> {
  for (const leaf of leavesOf(trie)) for (const entry of leaf) if (!edits.has(entry[0])) yield entry;
  for (const entry of edits) if (entry[1] !== ABSENT) yield entry;
}

/** A draft of a map drafts the values that are read from it, which here are not its own; this copies it instead. */
function contentOf(leaf: Leaf): Leaf {
  return isDraft(leaf) ? current(leaf) : leaf;
}
