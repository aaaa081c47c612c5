import { Subscription } from 'rxjs';
import type { Env } from '../env/env.js';
import { fraction } from '../env/random.js';
import type { Address } from '../transport/address.js';
import { ConnectionFailed } from '../transport/authenticate.js';
import type { Link } from '../transport/link.js';
import type { Dial } from './dial.js';

/** What seeds need of the network. */
export interface SeedsContext {
  readonly env: Env;
  /** The longest pause between two attempts, ms. */
  readonly monitorTimeout: number;
  readonly dial: Dial;
  linkTo(node: string): Link | undefined;
  /** A seed was identified, or dropped: who waits for an address may have to be told. */
  identified(): void;
  /** A seed is connected, by whomever. */
  reached(node: string): void;
  /** This node is one of its own seeds (S21). */
  selfSeed(address: Address): void;
}

interface Seed {
  readonly address: Address;
  /** Its node id, once it was reached. */
  node: string | undefined;
  /** The pause before the next attempt, ms; 0 after a success. */
  pause: number;
  waiting: Subscription;
  /** Why it is not connected, if it is not: said once, and again when that changes. */
  trouble: string | undefined;
}

/** AnyEvent::MP's first pause, and its least share of chance in it (wire.md §3). */
const FIRST_PAUSE = 600;

export type Seeds = ReturnType<typeof createSeeds>;

/** Keeps every seed connected, for ever: at once, then after pauses that double up to `monitorTimeout` (S21). */
export function createSeeds(addresses: readonly Address[], context: SeedsContext) {
  const { env } = context;
  const seeds = new Set<Seed>();
  for (const address of addresses) seeds.add({ address, node: undefined, pause: 0, waiting: new Subscription(), trouble: undefined });
  const pausing = new Set<Seed>();
  let closed = false;

  const attempt = (seed: Seed): void => {
    if (closed) return;
    const link = seed.node === undefined ? undefined : context.linkTo(seed.node);
    if (link !== undefined) {
      settle(seed, link);
      return;
    }
    // kept before subscribing: an address without a transport fails at once, and what waits then has to stay
    const dialing = new Subscription();
    seed.waiting = dialing;
    dialing.add(
      context.dial(seed.address).subscribe({
        next: (made) => {
          seed.node = made.node;
          settle(seed, made);
          context.identified();
        },
        error: (error: unknown) => {
          failed(seed, error);
        },
      }),
    );
  };

  const settle = (seed: Seed, link: Link): void => {
    seed.pause = 0;
    seed.trouble = undefined;
    const waiting = new Subscription();
    seed.waiting = waiting;
    waiting.add(
      link.closed$.subscribe(() => {
        retry(seed);
      }),
    );
    context.reached(link.node);
  };

  const failed = (seed: Seed, error: unknown): void => {
    if (error instanceof ConnectionFailed) {
      if (error.failure === 'self') {
        seeds.delete(seed);
        context.selfSeed(seed.address);
        context.identified();
        return;
      }
      if (error.failure === 'connected') seed.node = error.peer;
    }
    const text = error instanceof Error ? error.message : String(error);
    const level = text === seed.trouble ? 'debug' : levelOf(error);
    seed.trouble = text;
    env.log[level]({ seed: seed.address.text }, `seed ${seed.address.text} is not connected: ${text}`);
    retry(seed);
    context.identified();
  };

  const retry = (seed: Seed): void => {
    if (closed) return;
    seed.pause =
      seed.pause === 0 ? (1 + fraction(env.random)) * FIRST_PAUSE : Math.min(seed.pause * 2, context.monitorTimeout);
    const waiting = new Subscription(
      env.clock.after(seed.pause, () => {
        pausing.delete(seed);
        attempt(seed);
      }),
    );
    waiting.add(() => pausing.delete(seed));
    pausing.add(seed);
    seed.waiting = waiting;
  };

  const mayBe = (seed: Seed, node: string): boolean => seed.node === undefined || seed.node === node;

  return {
    start(): void {
      for (const seed of seeds) attempt(seed);
    },
    /** Whether a node may yet turn out to be one of the seeds, or is one. */
    mayReach: (node: string): boolean => [...seeds].some((seed) => mayBe(seed, node)),
    /** Somebody wants the node now: ends the pauses of the seeds that it may be. */
    hurry(node: string): void {
      for (const seed of [...pausing].filter((waiting) => mayBe(waiting, node))) {
        seed.waiting.unsubscribe();
        attempt(seed);
      }
    },
    /** The ids of those that were identified, each once, in the order of the seeds. */
    nodes: (): readonly string[] => [...new Set([...seeds].flatMap(({ node }) => node ?? []))],
    /** How many there are, without this node itself. */
    get size() {
      return seeds.size;
    },
    close(): void {
      closed = true;
      for (const seed of seeds) seed.waiting.unsubscribe();
      seeds.clear();
    },
  };
}

/** A second connection is nothing to worry about; a node id that is in use has to be changed by somebody. */
function levelOf(error: unknown): 'info' | 'warn' | 'error' {
  const failure = error instanceof ConnectionFailed ? error.failure : undefined;
  if (failure === 'connected') return 'info';
  return failure === 'duplicate' ? 'error' : 'warn';
}
