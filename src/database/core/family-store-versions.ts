import { FamilyMap } from './family-map.js';
import { isRewrite, revised } from './trie-revision.js';
import { createTrie, type Trie } from './trie.js';

/** What happened to one key. `ABSENT` stands for no value. */
export interface Edit {
  readonly key: string;
  readonly was: unknown;
  readonly is: unknown;
}

/** One change, from a version to the next. */
interface Step {
  readonly edits: readonly Edit[];
  readonly to: Version;
}

/**
 * The family as of one change. Its trie is made when somebody looks. A version knows the way to a later one, never to an
 * earlier one: so the store keeps only the newest, and others live as long as somebody holds them.
 */
export interface Version {
  readonly size: number;
  /** Made already; then the version needs nothing more, and knows nothing more. */
  trie: Trie | undefined;
  map: FamilyMap | undefined;
  /** The version before, if its trie is made, and what has changed since. */
  before: { readonly trie: Trie; readonly edits: readonly Edit[] } | undefined;
  /** The way to the next version; without one, a version can be made by itself. */
  later: Step | undefined;
  /** All that it holds, as flat as can be, when it is the last of a run. */
  copy: Copy | undefined;
}

interface Copy {
  readonly keys: readonly string[];
  readonly values: readonly unknown[];
}

/** The last trie of a newest version. */
interface Recent {
  readonly trie: Trie;
  /** What has changed since. */
  readonly edits: Map<string, unknown>;
}

/** A run of versions has at most as many edits as there are keys, and these. */
const RUN = 32;

export type Versions = ReturnType<typeof createVersions>;

/**
 * The versions of a family, and the snapshots of those that somebody looks at.
 *
 * The newest is in the mutable map of the store. Its trie is revised from the last one that was looked at, by all edits
 * since; or made anew, if these are many. An older version is revised from the trie before it, or from the next one that
 * has a trie, backwards. So that nobody who holds an old version holds ever more of them, a run of versions that nobody
 * looks at ends, now and then, in one that has a copy of the content: that costs O(1) an edit, and is dropped with them.
 */
export function createVersions(content: ReadonlyMap<string, unknown>) {
  let newest = createVersion(0);
  /** Edits since the last version that can be made by itself. */
  let run = 0;
  let recent: Recent | undefined;

  const trieOfNewest = (): Trie => {
    const trie = recent === undefined ? createTrie(content) : revised(recent.trie, content.size, recent.edits);
    recent = { trie, edits: new Map() };
    return trie;
  };

  const make = (version: Version): Trie => {
    if (version === newest) return trieOfNewest();
    const { before, copy } = version;
    if (copy !== undefined) return createTrie(entriesOf(copy));
    if (before !== undefined) return revised(before.trie, version.size, new Map(before.edits.map(({ key, is }) => [key, is])));
    const edits = new Map<string, unknown>();
    let at = version;
    for (let step = at.later; step !== undefined; step = at.later) {
      for (const { key, was } of step.edits) if (!edits.has(key)) edits.set(key, was);
      at = step.to;
    }
    return revised(trieFor(at), at.size, edits);
  };

  const trieFor = (version: Version): Trie => {
    if (version.trie !== undefined) return version.trie;
    const trie = make(version);
    version.trie = trie;
    const { later } = version;
    if (later !== undefined && later.to.trie === undefined) later.to.before = { trie, edits: later.edits };
    version.before = version.later = version.copy = undefined;
    return trie;
  };

  return {
    /** To be called before the content changes. */
    begin(): void {
      if (newest.trie !== undefined) run = 0;
      else if (run > content.size + RUN) {
        newest.copy = { keys: [...content.keys()], values: [...content.values()] };
        run = 0;
      }
    },
    /** To be called after it has changed. */
    end(edits: readonly Edit[]): Version {
      const version = createVersion(content.size);
      if (newest.trie !== undefined) version.before = { trie: newest.trie, edits };
      else if (newest.copy === undefined) newest.later = { edits, to: version };
      newest = version;
      run += edits.length;
      if (recent !== undefined) {
        for (const { key, is } of edits) recent.edits.set(key, is);
        if (isRewrite(recent.edits, content.size)) recent = undefined;
      }
      return version;
    },
    get newest() {
      return newest;
    },
    /** The snapshot of a version, the same one each time. */
    mapOf: (version: Version): FamilyMap => (version.map ??= new FamilyMap(trieFor(version), version.size)),
  };
}

function createVersion(size: number): Version {
  return { size, trie: undefined, map: undefined, before: undefined, later: undefined, copy: undefined };
}

function* entriesOf({ keys, values }: Copy): Generator<readonly [string, unknown], undefined> {
  for (const [i, key] of keys.entries()) yield [key, values[i]];
}
