import type { Observable, Subscription } from 'rxjs';
import { createTally, type Tally } from '../../env/tally.js';
import type { FamilyChange } from '../../database/family-change.js';
import { isPortId, nodeOf } from '../../wire/portid.js';

/** Families that rights are about, as they are now. */
export interface Families {
  /** Watches a family, until the result is called; `known` runs when its content is there. */
  keep(family: string, known?: () => void): () => void;
  has(family: string, key: string): boolean;
  /** Whether a key is a port of a node. */
  hasPortOf(family: string, node: string): boolean;
}

interface Watched {
  users: number;
  /** How many keys are ports of each node. */
  readonly nodes: Tally;
  content: ReadonlyMap<string, unknown> | undefined;
  readonly waiting: (() => void)[];
  watching: Subscription | undefined;
}

/** Each family is watched once, however many guests have a right about it. */
export function createFamilies(watch: (family: string) => Observable<FamilyChange>): Families {
  const all = new Map<string, Watched>();

  const begin = (family: string): Watched => {
    const watched: Watched = { users: 0, nodes: createTally(), content: undefined, waiting: [], watching: undefined };
    all.set(family, watched);
    watched.watching = watch(family).subscribe(({ family: content, add, del }) => {
      watched.content = content;
      for (const [keys, by] of [[add, 1], [del, -1]] as const) for (const key of keys) if (isPortId(key)) watched.nodes.add(nodeOf(key), by);
      for (const task of watched.waiting.splice(0)) task();
    });
    return watched;
  };

  return {
    keep(family, known) {
      const watched = all.get(family) ?? begin(family);
      watched.users++;
      if (known !== undefined) {
        if (watched.content === undefined) watched.waiting.push(known);
        else known();
      }
      let isKept = true;
      return () => {
        if (!isKept) return;
        isKept = false;
        if (--watched.users > 0) return;
        watched.watching?.unsubscribe();
        all.delete(family);
      };
    },
    has: (family, key) => all.get(family)?.content?.has(key) === true,
    hasPortOf: (family, node) => (all.get(family)?.nodes.of(node) ?? 0) > 0,
  };
}
