import { filter, map, Observable, Subject, Subscription, takeUntil, type Subscriber } from 'rxjs';
import type { DatabaseFunctions } from '../database/database-functions.js';
import type { Env } from '../env/env.js';
import { fraction } from '../env/random.js';
import type { PortFunctions } from '../kernel/port-functions.js';
import { federate, type FederateOptions, type LinkStatus } from './federate.js';
import { linkTo, openEntry } from './ports.js';
import type { Scope } from './scope-types.js';

/** What the links between the nodes of a scope need of a node. */
export interface TreeContext {
  readonly env: Env;
  readonly node: PortFunctions & DatabaseFunctions;
  /** Whether others may ask this node for a link. */
  readonly serve: boolean;
  readonly options: Pick<FederateOptions, 'filter'>;
}

/** The family in which the entries of a scope are registered. */
export const familyOf = (scope: string): string => `federation:${scope}`;

/** The first pause before a link is asked for again, and the longest, ms; to the first comes as much again by chance. */
const FIRST_PAUSE = 200;
const LONGEST_PAUSE = 10_000;

type EntryId = Parameters<typeof linkTo>[1];

/**
 * Joins a scope with those of the same name on other nodes, found through a family of the database.
 *
 * They always form a tree: who serves links takes as its uplink only an entry with a lesser port id than its own, and keeps it
 * as long as it lives. So no ring can arise, and all but the least have an uplink, as soon as they know of it. Who does not
 * serve is a leaf, under any entry.
 */
export function joinTree(scope: Pick<Scope<never>, 'name'>, { env, node, serve, options }: TreeContext): Observable<LinkStatus> {
  return new Observable((subscriber) => {
    const family = familyOf(scope.name);
    const entry = serve ? openEntry(node, env.limits.scopeLinks) : undefined;
    if (entry !== undefined) {
      subscriber.add(node.dbReg(family, entry.port));
      subscriber.add(federate(scope, entry.links$, options).subscribe({ next: (status) => { subscriber.next(status); } }));
      subscriber.add(() => { node.kil(entry.port); });
    }
    const choose = (entries: readonly string[]): EntryId | undefined => {
      const candidates = entry === undefined ? entries : entries.filter((id) => id < entry.port.id);
      // leaves spread over all; the others share the least, so that the tree stays flat
      const chosen = entry === undefined ? candidates[Math.floor(fraction(env.random) * candidates.length)] : candidates[0];
      return chosen as EntryId | undefined;
    };
    const link = (chosen: EntryId): Observable<LinkStatus> => federate(scope, linkTo(node, chosen), options);
    const entries$ = node.dbMon(family).pipe(map((change) => [...change.family.keys()].sort()));
    subscriber.add(keepUplink({ env, subscriber, choose, link }, entries$));
  });
}

interface UplinkContext {
  readonly env: Env;
  readonly subscriber: Subscriber<LinkStatus>;
  choose(entries: readonly string[]): EntryId | undefined;
  link(entry: EntryId): Observable<LinkStatus>;
}

/** Keeps one uplink: asks for one as soon as there is somebody to ask, and for another, after a pause, when it is gone. */
function keepUplink({ env, subscriber, choose, link }: UplinkContext, entries$: Observable<readonly string[]>): Subscription {
  const all = new Subscription();
  const changed$ = new Subject<void>();
  let entries: readonly string[] = [];
  let isBusy = false;
  let pause = 0;

  const begin = (): void => {
    const chosen = choose(entries);
    if (isBusy || chosen === undefined || all.closed) return;
    isBusy = true;
    let isUp = false;
    // an entry that has not answered may be on a node that is looked for, and gone from the family long before that ends
    const gone$ = changed$.pipe(filter(() => !isUp && !entries.includes(chosen)));
    all.add(
      link(chosen).pipe(takeUntil(gone$)).subscribe({
        next(status) {
          isUp = status.state === 'up';
          if (isUp) pause = 0;
          subscriber.next(status);
        },
        error: again,
        complete: again,
      }),
    );
  };
  const again = (): void => {
    pause = pause === 0 ? (1 + fraction(env.random)) * FIRST_PAUSE : Math.min(pause * 2, LONGEST_PAUSE);
    const timer = new Subscription(
      env.clock.after(pause, () => {
        all.remove(timer);
        isBusy = false;
        begin();
      }),
    );
    all.add(timer);
  };
  all.add(
    entries$.subscribe((now) => {
      entries = now;
      changed$.next();
      begin();
    }),
  );
  return all;
}
