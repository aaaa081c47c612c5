import { filter, Subject, Subscription, takeUntil, type Observable } from 'rxjs';
import { changesKeys, type FamilyChange } from '../database/family-change.js';
import type { Env } from '../env/env.js';
import { fraction } from '../env/random.js';
import { nodeOf } from '../wire/portid.js';
import type { Candidates } from './core/candidates.js';
import type { LinkStatus } from './federate.js';

/** How the search of a node for a link goes. */
export type UplinkStatus =
  /** A node is asked for a link: `up` or `failed` comes next. */
  | { readonly state: 'connecting'; readonly node: string }
  /** It gave none. The next one is asked after `retryIn` milliseconds. */
  | { readonly state: 'failed'; readonly node: string; readonly error: Error; readonly retryIn: number };

export interface UplinkContext {
  readonly env: Env;
  readonly candidates: Candidates;
  /** The entries of the scope, as they change. */
  readonly entries$: Observable<FamilyChange>;
  /** Asks for a link, and keeps it while it is subscribed. */
  link(entry: string): Observable<LinkStatus>;
  told(status: LinkStatus | UplinkStatus): void;
}

/** The first pause before a link is asked for again, and the longest, ms; to the first comes as much again by chance. */
const FIRST_PAUSE = 200;
const LONGEST_PAUSE = 10_000;

/** Keeps one uplink: asks for one as soon as there is somebody to ask, and for another, after a pause, when it is gone. */
export function keepUplink({ env, candidates, entries$, link, told }: UplinkContext): Subscription {
  const all = new Subscription();
  const changed$ = new Subject<void>();
  let isBusy = false;
  let pause = 0;

  const begin = (): void => {
    if (isBusy || all.closed) return;
    const chosen = candidates.choose();
    if (chosen === undefined) return;
    isBusy = true;
    const node = nodeOf(chosen);
    let upSince: number | undefined;
    let problem = new Error('it has left the scope');
    told({ state: 'connecting', node });

    const over = (): void => {
      const lasted = upSince !== undefined && env.clock.monotonic() - upSince >= LONGEST_PAUSE;
      if (lasted) candidates.lasted(chosen);
      else candidates.failed(chosen);
      const isFirst = pause === 0 || lasted;
      pause = isFirst ? (1 + fraction(env.random)) * FIRST_PAUSE : Math.min(pause * 2, LONGEST_PAUSE);
      if (upSince === undefined) told({ state: 'failed', node, error: problem, retryIn: pause });
      wait();
    };
    // an entry that has not answered may be on a node that is looked for, and gone from the family long before that ends
    const gone$ = changed$.pipe(filter(() => upSince === undefined && !candidates.has(chosen)));
    const linked = link(chosen).pipe(takeUntil(gone$)).subscribe({
      next(status) {
        if (status.state === 'up') upSince = env.clock.monotonic();
        else if (upSince === undefined) {
          problem = status.error ?? new Error('it has closed the link');
          return;
        }
        told(status);
      },
      error(error: unknown) {
        problem = error instanceof Error ? error : new Error(String(error));
        over();
      },
      complete: over,
    });
    all.add(linked);
    linked.add(() => { all.remove(linked); });
  };
  const wait = (): void => {
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
    entries$.pipe(filter(changesKeys)).subscribe((change) => {
      candidates.update(change);
      changed$.next();
      // whoever has just made the scope can look at its status first
      env.clock.soon(begin);
    }),
  );
  return all;
}
