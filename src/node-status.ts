import { Observable } from 'rxjs';
import { suspensionOf, type SuspendedLink, type Suspension } from './connection.js';
import { createBroadcast } from './env/broadcast.js';
import type { Env } from './env/env.js';
import { owned } from './kernel/owned.js';
import { logged } from './kernel/unhandled.js';
import { together, type Trial, type Trouble } from './network/trouble.js';
import { isVia } from './transport/address.js';
import type { Link, LinkStatus } from './transport/link.js';

/** How a node stands with the network, for people (V12). */
export type NodeStatus =
  /** It has no seeds, but for itself, and no connections. As a guest: nor will it have any, and `why` says so (G7). */
  | { readonly status: 'alone'; readonly why?: Trouble }
  /** It has no connection, and tries to reach its seeds. */
  | {
      readonly status: 'connecting';
      /** The number of the attempt that is under way, or comes next, since a seed was connected last: the greatest of all seeds. */
      readonly attempt: number;
      /** In how many ms the next attempt begins; undefined: one is under way. */
      readonly nextIn: number | undefined;
      /** Why the last attempt has failed, or the connection was lost; of several what somebody has to put right. Undefined: nothing has failed yet. */
      readonly why: Trouble | undefined;
    }
  /** It has a connection at least. */
  | { readonly status: 'connected' }
  /** All of its connections broke, and are being made again; `elapsed`: since the last of them did. */
  | Suspension
  /** The browser says that there is no network, and no connection has shown that there is one (A3). It goes on trying. */
  | { readonly status: 'offline' }
  /** `close()` was called: what was sent leaves. */
  | { readonly status: 'closing' }
  /** Nothing is left of it. */
  | { readonly status: 'closed' };

/** The same with times of `clock.monotonic()`, so that it is as good for those who come later. */
type Standing =
  | { readonly status: 'connected' | 'offline' | 'closing' | 'closed' }
  | { readonly status: 'alone'; readonly why?: Trouble }
  | ({ readonly status: 'connecting' } & Trial)
  | SuspendedLink;

/** What the network knows. */
export interface StatusSource {
  /** How it stands with the seeds that are not connected. */
  trials(): readonly Trial[];
  /** Why nobody tries to reach the seeds any more. */
  ending(): Trouble | undefined;
  /** The browser says that there is no network. */
  isOffline(): boolean;
  /** It says so, and this link has given no sign of life since. */
  isDoubted(link: Link): boolean;
}

/** Follows how a node stands. It is worked out when somebody wants to know. */
export function createNodeStatus({ clock, log }: Pick<Env, 'clock' | 'log'>, { trials, ending, isOffline, isDoubted }: StatusSource) {
  const direct = createStates();
  /** Through relays: each is as good as the connection with its relay, which counts while there is one. */
  const relayed = createStates();
  const changes = createBroadcast<Standing>();
  let end: 'closing' | 'closed' | undefined;
  let isScheduled = false;

  const standing = (): Standing => {
    if (end !== undefined) return { status: end };
    const { all, suspended } = direct.all.size > 0 ? direct : relayed;
    if (isOffline() ? [...all].some(([link, { status }]) => status === 'up' && !isDoubted(link)) : all.size > suspended) return { status: 'connected' };
    if (isOffline() && (all.size > 0 || trials().length > 0)) return { status: 'offline' };
    if (all.size > 0) return suspensionOfAll([...all.values()]);
    const trial = together(trials());
    if (trial !== undefined) return { status: 'connecting', ...trial };
    const why = ending();
    return { status: 'alone', ...(why && { why }) };
  };

  const shown = (now: Standing): NodeStatus => {
    if (now.status === 'suspended') return suspensionOf(now, clock);
    if (now.status !== 'connecting') return now;
    const { status, attempt, nextTry, why } = now;
    return { status, attempt, nextIn: nextTry === undefined ? undefined : Math.max(0, nextTry - clock.monotonic()), why };
  };

  const status$ = new Observable<NodeStatus>((subscriber) => {
    let last: string | undefined;
    const tell = (now: Standing): void => {
      const text = JSON.stringify(now);
      if (text === last) return;
      last = text;
      subscriber.next(shown(now));
      if (now.status === 'closed') subscriber.complete();
    };
    tell(standing());
    return changes.stream$.subscribe(tell);
  });

  /** Tells after the running code has returned (S31). */
  const stirred = (): void => {
    if (isScheduled || !changes.observed) return;
    isScheduled = true;
    clock.soon(() => {
      isScheduled = false;
      if (end === undefined) changes.next(standing());
    });
  };

  const set = (link: Link, state: LinkStatus | undefined): void => {
    (isVia(link.remoteAddress) ? relayed : direct).set(link, state);
    stirred();
  };

  return {
    status$: owned(status$, logged(log, 'status$')),
    /** How the connection of a link is. */
    linkState: set,
    linkClosed: (link: Link): void => { set(link, undefined); },
    /** How it stands with the seeds is another now. */
    stirred,
    /** What follows the other: both are told. */
    ends(which: 'closing' | 'closed'): void {
      end = which;
      clock.soon(() => { changes.next({ status: which }); });
    },
  };
}

/** How links are, and how many of them are suspended. */
function createStates() {
  const all = new Map<Link, LinkStatus>();
  let suspended = 0;
  return {
    all: all as ReadonlyMap<Link, LinkStatus>,
    get suspended() {
      return suspended;
    },
    set(link: Link, state: LinkStatus | undefined): void {
      if (all.get(link)?.status === 'suspended') suspended--;
      if (state?.status === 'suspended') suspended++;
      if (state === undefined) all.delete(link);
      else all.set(link, state);
    },
  };
}

/** Since the last of them, until the last of them, and with the next attempt of any. */
function suspensionOfAll(states: readonly LinkStatus[]): SuspendedLink {
  const all = states.filter((state) => state.status === 'suspended').sort((a, b) => a.since - b.since);
  const tries = all.flatMap(({ nextTry }) => nextTry ?? []);
  return {
    status: 'suspended',
    reason: all.at(-1)?.reason ?? '',
    since: all.at(-1)?.since ?? 0,
    until: Math.max(...all.map(({ until }) => until)),
    nextTry: tries.length > 0 ? Math.min(...tries) : undefined,
  };
}
