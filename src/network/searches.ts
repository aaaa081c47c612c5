import { Subscription } from 'rxjs';
import type { Cancel } from '../env/clock.js';
import type { Env } from '../env/env.js';
import type { Seeds } from './seeds.js';

/** Asks where a node listens; null or an empty list: nobody knows it. It may answer at once, later, or never. */
export type Find = (node: string, found: (addresses: readonly string[] | null) => void) => Cancel;

/** What searches need of the network. */
export interface SearchesContext {
  readonly env: Env;
  readonly find: Find;
  readonly seeds: Pick<Seeds, 'mayReach' | 'hurry'>;
  /** Tries the addresses of a node until it is cancelled; calls `failed` once when none is left. */
  tryAddresses(node: string, addresses: readonly string[], failed: (reason: string) => void): Cancel;
  /** There is no way to the node. */
  giveUp(node: string, reason: string): void;
}

interface Search {
  readonly node: string;
  /** Everything that is under way for it. */
  readonly running: Subscription;
  /** Why it can only be a seed, once that is known. */
  failure: string | undefined;
}

/** AnyEvent::MP's text, and what it means. */
const UNKNOWN = 'no known address: it is not there, or it listens nowhere (it has no binds)';

/**
 * Looks for nodes that somebody wants to talk to (S14, S19): among the seeds, and at the addresses that the database
 * knows. Gives up when it knows none that answers, and no seed may be the node any more.
 */
export function createSearches(context: SearchesContext) {
  const { clock } = context.env;
  const searches = new Set<Search>();
  let closed = false;

  const begin = (search: Search): void => {
    const { node, running } = search;
    if (running.closed) return;
    context.seeds.hurry(node);
    let answered = false;
    running.add(
      context.find(node, (addresses) => {
        if (answered || running.closed) return;
        answered = true;
        if (addresses === null || addresses.length === 0) fail(search, UNKNOWN);
        else running.add(context.tryAddresses(node, addresses, (reason) => { fail(search, reason); }));
      }),
    );
  };

  const fail = (search: Search, reason: string): void => {
    search.failure = reason;
    judge(search);
  };

  const judge = ({ node, running, failure }: Search): void => {
    if (running.closed || failure === undefined || context.seeds.mayReach(node)) return;
    running.unsubscribe();
    context.giveUp(node, failure);
  };

  return {
    /** Starts after the running call. The result ends it, and does not touch a connection that was made. */
    connect(node: string): Cancel {
      const running = new Subscription();
      if (!closed) {
        const search: Search = { node, running, failure: undefined };
        searches.add(search);
        running.add(() => searches.delete(search));
        clock.soon(() => { begin(search); });
      }
      return () => {
        running.unsubscribe();
      };
    },
    /** A seed has been identified, or dropped. */
    seedsChanged(): void {
      for (const search of searches) judge(search);
    },
    close(): void {
      closed = true;
      for (const { running } of searches) running.unsubscribe();
    },
  };
}
