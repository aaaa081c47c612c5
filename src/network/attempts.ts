import { defer, Subscription } from 'rxjs';
import type { Cancel } from '../env/clock.js';
import type { Env } from '../env/env.js';
import { fraction, type Random } from '../env/random.js';
import { isVia, parseAddress } from '../transport/address.js';
import { ConnectionFailed } from '../transport/authenticate.js';
import type { Dial } from './dial.js';
import { describe, summary } from './failures.js';

/** What trying needs of the network. */
export interface AttemptsContext {
  readonly env: Env;
  readonly dial: Dial;
  /** How long to try, ms: the pauses are so short that every address has its turn within it. */
  readonly monitorTimeout: number;
  /** The usual pause between two addresses, ms. */
  readonly connectInterval: number;
}

/** AnyEvent::MP's `connect_interval`, ms. */
export const CONNECT_INTERVAL = 2_000;
/** Addresses are never tried at shorter intervals, ms, unless one has failed (wire.md §3). */
const SHORTEST_INTERVAL = 400;
/** The share of chance in an interval. */
const JITTER = 0.1;
/** The first address is tried within this time, ms: nodes that look for each other do not all come at one moment. */
const FIRST_WAIT = 50;

/** The interval for so many addresses, ms, before chance shortens it. */
export function intervalFor(
  count: number,
  { monitorTimeout, connectInterval }: Pick<AttemptsContext, 'monitorTimeout' | 'connectInterval'>,
): number {
  return Math.max(SHORTEST_INTERVAL, Math.min(connectInterval, (monitorTimeout - connectInterval) / count));
}

/**
 * Tries the addresses of a node in any order (S19). The next one has its turn after an interval, even if the last one has
 * not answered, and at once when one fails. Ends when the node is reached; calls `failed` once, with what was wrong, when
 * no address is left.
 *
 * Cancelling ends all attempts, but no connection that was made, so it may be done by the very news of one.
 */
export function tryAddresses(
  node: string,
  addresses: readonly string[],
  context: AttemptsContext,
  failed: (reason: string) => void,
): Cancel {
  const { clock, random, log } = context.env;
  const running = new Subscription();
  const unique = [...new Set(addresses)];
  // relays are for nodes that can't be reached directly (V7)
  const left = [...shuffled(unique.filter((address) => !isVia(address)), random), ...unique.filter(isVia)];
  const interval = intervalFor(left.length, context);
  const failures: string[] = [];
  let dialing = 0;
  let cancelTimer: Cancel = () => undefined;
  running.add(() => {
    cancelTimer();
  });

  const wait = (ms: number): void => {
    cancelTimer();
    cancelTimer = clock.after(ms, next);
  };
  const waitInterval = (): void => {
    wait(interval * (1 - JITTER * fraction(random)));
  };

  /** While addresses are left there is always a timer for the next one. */
  const next = (): void => {
    const address = left.shift();
    if (address === undefined) return;
    // before the attempt, which may fail at once
    if (left.length > 0) waitInterval();
    dialing++;
    const attempt = new Subscription();
    running.add(attempt);
    attempt.add(
      defer(() => context.dial(parseAddress(address))).subscribe({
        next: (link) => {
          if (link.node === node) running.unsubscribe();
          else fail(attempt, `${address} is ${link.node}, not ${node}`);
        },
        error: (error: unknown) => {
          if (error instanceof ConnectionFailed && error.failure === 'connected') met(attempt, address, error.peer);
          else fail(attempt, describe(address, error));
        },
      }),
    );
  };

  /**
   * The other end has a connection with us already. It is about to come up here too, which ends all this (S17); or it is
   * gone, and the other end has not noticed yet, so the address gets another turn.
   */
  const met = (attempt: Subscription, address: string, peer: string | undefined): void => {
    if (peer !== node) {
      fail(attempt, `${address} is ${peer ?? 'another node'}, not ${node}`);
      return;
    }
    over(attempt);
    left.push(address);
    if (left.length === 1) waitInterval();
  };

  const fail = (attempt: Subscription, failure: string): void => {
    over(attempt);
    log.debug({ node }, `no connection to ${node}: ${failure}`);
    failures.push(failure);
    if (left.length > 0) wait(0);
    else if (dialing === 0) failed(summary(failures));
  };

  const over = (attempt: Subscription): void => {
    dialing--;
    running.remove(attempt);
  };

  wait(FIRST_WAIT * fraction(random));
  return () => {
    running.unsubscribe();
  };
}

function shuffled(values: Iterable<string>, random: Random): string[] {
  const list: string[] = [];
  for (const value of values) {
    const place = Math.floor(fraction(random) * (list.length + 1));
    list.push(list[place] ?? value);
    list[place] = value;
  }
  return list;
}
