import { filter, Subscription, type Observable } from 'rxjs';
import type { Env } from '../env/env.js';
import { fraction, type Random } from '../env/random.js';
import type { Address } from '../transport/address.js';
import { ConnectionFailed } from '../transport/authenticate.js';
import type { Link, LinkEnd } from '../transport/link.js';
import type { Dial } from './dial.js';
import type { Awake } from './life/life.js';
import { troubleOf, type Trial, type Trouble } from './trouble.js';

/** What a seed needs of the network. */
export interface SeedContext {
  readonly env: Env;
  /** The longest pause between two attempts, ms. */
  readonly monitorTimeout: number;
  readonly dial: Dial;
  linkTo(node: string): Link | undefined;
  /** A seed is connected, by whomever. */
  reached(node: string): void;
  /** Emits when a pause should end: what had no connection may have one now. */
  readonly awake$: Observable<Awake>;
  /** How it stands with a seed is another now: an attempt begins, has failed, or has not. */
  stirred(): void;
}

export interface SeedOptions {
  readonly address: Address;
  /** What the log calls it, and what it is. */
  readonly name: string;
  readonly kind?: string;
  /** How much a failure matters, when it is new. */
  level(error: unknown): 'debug' | 'info' | 'warn' | 'error';
  /** It is this node itself (S21), and rests. */
  self(): void;
  /** It was connected, an attempt has failed, or its connection has ended. */
  changed(): void;
}

export type Seed = ReturnType<typeof createSeed>;

/** AnyEvent::MP's first pause, and its least share of chance in it (wire.md §3). */
const FIRST_PAUSE = 600;

/** The pause after one of `pause` ms; after a success, which is 0, a short one. */
export function longerPause(pause: number, longest: number, random: Random): number {
  return pause === 0 ? (1 + fraction(random)) * FIRST_PAUSE : Math.min(pause * 2, longest);
}

/** Keeps one address connected, for ever: at once, then after pauses that double up to `monitorTimeout` (S21). */
export function createSeed({ address, name, kind = 'seed', level, self, changed }: SeedOptions, context: SeedContext) {
  const { env } = context;
  /** Its node id, once it was reached. */
  let node: string | undefined;
  let isConnected = false;
  /** The pause before the next attempt, ms; 0 after a success. */
  let pause = 0;
  /** What it does now: an attempt, a pause, or a connection. */
  let waiting = new Subscription();
  let isPausing = false;
  /** Why it is not connected: said once, and again when that changes. */
  let said: string | undefined;
  /** The same, if somebody has to worry. */
  let trouble: string | undefined;
  /** Attempts since it was connected last, when the next one is, and why the last one has failed. */
  let attempts = 0;
  let nextTry: number | undefined;
  let why: Trouble | undefined;
  let closed = false;

  const attempt = (): void => {
    if (closed) return;
    isPausing = false;
    const link = node === undefined ? undefined : context.linkTo(node);
    if (link !== undefined) {
      settle(link);
      return;
    }
    attempts++;
    nextTry = undefined;
    context.stirred();
    // kept before subscribing: an address without a transport fails at once, and what waits then has to stay
    const dialing = new Subscription();
    waiting = dialing;
    const over = (): void => { dialing.unsubscribe(); };
    // as in the resumer: an attempt that was begun while there was no way may take long to notice that there is one
    dialing.add(context.awake$.pipe(filter((awake) => awake === 'redial')).subscribe(() => {
      over();
      attempt();
    }));
    dialing.add(context.dial(address).subscribe({ next: settle, error: (error: unknown) => { over(); failed(error); }, complete: over }));
  };

  const settle = (link: Link): void => {
    ({ node } = link);
    isConnected = true;
    pause = attempts = 0;
    said = trouble = why = undefined;
    const connection = new Subscription();
    waiting = connection;
    connection.add(link.closed$.subscribe(lost));
    context.reached(link.node);
    changed();
  };

  const lost = ({ reason }: LinkEnd): void => {
    isConnected = false;
    why = { code: 'lost', text: reason, seed: name };
    retry();
    changed();
  };

  const failed = (error: unknown): void => {
    const failure = error instanceof ConnectionFailed ? error : undefined;
    if (failure?.failure === 'self') {
      self();
      context.stirred();
      return;
    }
    const isElsewhere = failure?.failure === 'connected';
    if (isElsewhere) node = failure?.peer;
    const text = error instanceof Error ? error.message : String(error);
    const known = text === said;
    said = text;
    trouble = isElsewhere ? undefined : text;
    why = troubleOf(error, name);
    env.log[known ? 'debug' : level(error)]({ [kind]: name }, `${kind} ${name} is not connected: ${text}`);
    retry();
    changed();
  };

  const retry = (): void => {
    if (closed) return;
    pause = longerPause(pause, context.monitorTimeout, env.random);
    isPausing = true;
    nextTry = env.clock.monotonic() + pause;
    waiting = new Subscription(env.clock.after(pause, hurry));
    waiting.add(context.awake$.subscribe(() => {
      // what has failed before was another world
      pause = 0;
      hurry();
    }));
    context.stirred();
  };

  const hurry = (): void => {
    if (!isPausing) return;
    waiting.unsubscribe();
    attempt();
  };

  return {
    address,
    name,
    start: attempt,
    get node() {
      return node;
    },
    get isConnected() {
      return isConnected;
    },
    get trouble() {
      return trouble;
    },
    /** How it stands while it is not connected. */
    get trial(): Trial | undefined {
      return isConnected ? undefined : { attempt: isPausing ? attempts + 1 : Math.max(attempts, 1), nextTry: isPausing ? nextTry : undefined, why };
    },
    /** Ends a pause. */
    hurry,
    close(): void {
      closed = true;
      waiting.unsubscribe();
    },
  };
}

/** A second connection is nothing to worry about; a node id that is in use has to be changed by somebody. */
export function levelOf(error: unknown): 'info' | 'warn' | 'error' {
  const failure = error instanceof ConnectionFailed ? error.failure : undefined;
  if (failure === 'connected') return 'info';
  return failure === 'duplicate' ? 'error' : 'warn';
}
