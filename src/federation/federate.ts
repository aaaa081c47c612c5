import { mergeMap, Observable, takeUntil } from 'rxjs';
import { realClock, type Clock } from '../env/clock.js';
import { limitsWith, type Limits } from '../env/limits.js';
import { signalOf, type SignalOptions } from '../env/signal.js';
import { deadline } from '../env/time.js';
import { untilAborted } from '../kernel/until-aborted.js';
import type { Duplex } from '../transport/duplex.js';
import { channelOf, type Channel, type ChannelEnv } from './channel.js';
import { FederationError } from './core/errors.js';
import type { LinkFilter } from './core/filter.js';
import type { LinkId } from './core/packets.js';
import type { Scope } from './scope-types.js';
import { insideOf } from './scope.js';

/** What becomes of the links of {@link federate}. */
export type LinkStatus =
  /** The ends have found each other; `peer` is the name of the scope at the other end. */
  | { readonly state: 'up'; readonly link: LinkId; readonly peer: string }
  /** A link is over. With an error it was broken, or this end or the other has refused it. */
  | { readonly state: 'down'; readonly link: LinkId; readonly error: Error | undefined };

/** Options of {@link federate}. */
export interface FederateOptions extends SignalOptions {
  /** What may pass each way. Default: all. */
  readonly filter?: LinkFilter;
  /** Limits of a duplex (of messages and of what waits for it), and `linkTime`. */
  readonly limits?: Partial<Limits>;
  /** When what was sent over a duplex leaves (at the end of a turn), and how long a link may take to come up. Default: real time. */
  readonly clock?: Clock;
}

/**
 * Joins a scope with others, while it is subscribed: each channel or duplex that the stream gives is a link to another
 * scope, with a session of its own. Errors of links never reach the scope's observers; they are in the status. Errors of
 * the stream itself are errors of the result: use `retry` on the stream to connect again.
 *
 * @example
 * federate(scope, tcpTransport().connect(parseAddress('10.0.0.1:4050'))).pipe(repeat({ delay: 1000 })).subscribe(console.log);
 */
export function federate(
  scope: Pick<Scope<never>, 'name'>,
  links: Observable<Channel | Duplex>,
  options: FederateOptions = {},
): Observable<LinkStatus> {
  const { closed$ } = insideOf(scope);
  const env = { clock: options.clock ?? realClock, limits: limitsWith(options.limits ?? {}) };
  return links.pipe(
    mergeMap((link) => session(scope, isDuplex(link) ? channelOf(link, env) : link, env, options.filter)),
    untilAborted(signalOf(options)),
    takeUntil(closed$),
  );
}

const isDuplex = (link: Channel | Duplex): link is Duplex => 'write' in link;

/** One link, from its hello to its end. */
function session(scope: Pick<Scope<never>, 'name'>, channel: Channel, { clock, limits }: ChannelEnv, filter: LinkFilter | undefined): Observable<LinkStatus> {
  const { core, later } = insideOf(scope);
  return new Observable((subscriber) => {
    let link: LinkId | undefined;
    /** What has come before the link was joined, and how it has ended if it has. */
    const early: unknown[] = [];
    let ended: { readonly error: Error | undefined } | undefined;

    const over = (error: Error | undefined): void => {
      ended ??= { error };
      if (link === undefined) return;
      const left = link;
      link = undefined;
      late();
      core.leave(left);
      // gracefully where this end has said why
      channel.close(error instanceof FederationError ? undefined : error);
      subscriber.next({ state: 'down', link: left, error });
      subscriber.complete();
    };
    const late = deadline(clock, limits.linkTime, () => {
      over(new FederationError('timeout', `the other end did not say hello within ${limits.linkTime} ms (limits.linkTime)`));
    });
    const flow = channel.incoming$.subscribe({
      next: (message) => {
        if (link !== undefined) core.receive(link, message);
        else if (ended === undefined) early.push(message);
      },
      error: (error: unknown) => { over(errorOf(error)); },
      complete: () => { over(undefined); },
    });
    const joined = core.join(
      {
        send(turn) {
          try {
            channel.send(turn);
          } catch (error) {
            later(() => { over(errorOf(error)); });
          }
        },
        up(peer) {
          late();
          later(() => { subscriber.next({ state: 'up', link: joined, peer }); });
        },
        failed: (error) => { later(() => { over(error); }); },
      },
      filter,
    );
    link = joined;
    for (const message of early) core.receive(joined, message);
    if (ended !== undefined) over(ended.error);
    return () => {
      late();
      flow.unsubscribe();
      if (link === undefined) return;
      core.leave(link);
      link = undefined;
      channel.close();
    };
  });
}

const errorOf = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
