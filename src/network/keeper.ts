import { Subscription } from 'rxjs';
import type { Env } from '../env/env.js';
import { fraction } from '../env/random.js';
import type { Peers } from '../kernel/core/peers.js';
import type { Link } from '../transport/link.js';

/** What the keeper needs of the network. */
export interface KeeperContext {
  readonly env: Env;
  /** The longest pause between two attempts, ms. */
  readonly monitorTimeout: number;
  readonly peers: Pick<Peers, 'linkTo' | 'want'>;
}

interface Kept {
  readonly node: string;
  /** The pause before it is wanted again, ms; 0 while it is connected. */
  pause: number;
  /** A timer, or the end of the connection. */
  waiting: Subscription;
  /** Why there is no connection: said once, and again when that changes. */
  trouble: string | undefined;
}

/** AnyEvent::MP's first pause of a keep-alive, ms, and its least share of chance in it (wire.md §3). */
const FIRST_PAUSE = 300;

/**
 * Keeps nodes connected for ever (S22): wants a connection at once, then after pauses that double up to `monitorTimeout`.
 * Who has made the connection does not matter.
 */
export function createKeeper({ env, monitorTimeout, peers }: KeeperContext) {
  const all = new Map<string, Kept>();
  let closed = false;

  const look = (kept: Kept): void => {
    const link = peers.linkTo(kept.node);
    if (link !== undefined) {
      settle(kept, link);
      return;
    }
    // addresses that never answer do not fail either, but somebody should know
    if (kept.pause === monitorTimeout && kept.trouble === undefined) complain(kept, 'nobody answers');
    pause(kept);
    peers.want(kept.node);
  };

  const complain = (kept: Kept, reason: string): void => {
    const level = reason === kept.trouble ? 'debug' : 'warn';
    kept.trouble = reason;
    env.log[level]({ node: kept.node }, `${kept.node} is to stay connected, but is not: ${reason}`);
  };

  const pause = (kept: Kept): void => {
    kept.pause = kept.pause === 0 ? (1 + fraction(env.random)) * FIRST_PAUSE : Math.min(kept.pause * 2, monitorTimeout);
    wait(kept, new Subscription(env.clock.after(kept.pause, () => { look(kept); })));
  };

  const settle = (kept: Kept, link: Link): void => {
    kept.pause = 0;
    kept.trouble = undefined;
    // a pause also after a loss: a connection that breaks as soon as it is made must not be made without end
    const waiting = new Subscription();
    wait(kept, waiting);
    waiting.add(link.closed$.subscribe(() => { pause(kept); }));
  };

  const wait = (kept: Kept, waiting: Subscription): void => {
    kept.waiting.unsubscribe();
    kept.waiting = waiting;
  };

  return {
    keep(node: string): void {
      if (closed || all.has(node)) return;
      const kept: Kept = { node, pause: 0, waiting: new Subscription(), trouble: undefined };
      all.set(node, kept);
      look(kept);
    },
    /** Does not care for a node any more; its connection stays. */
    drop(node: string): void {
      all.get(node)?.waiting.unsubscribe();
      all.delete(node);
    },
    /** There is a new connection. */
    linked(link: Link): void {
      const kept = all.get(link.node);
      if (kept !== undefined) settle(kept, link);
    },
    /** An attempt to connect to a node has failed. */
    failed(node: string, reason: string): void {
      const kept = all.get(node);
      if (kept !== undefined) complain(kept, reason);
    },
    close(): void {
      closed = true;
      for (const { waiting } of all.values()) waiting.unsubscribe();
      all.clear();
    },
  };
}
