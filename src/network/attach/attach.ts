import { NEVER, Observable, tap, type Subscriber } from 'rxjs';
import { createPortEnd, type Met } from '../../channel/port/end.js';
import type { AttachablePort } from '../../channel/port/port.js';
import type { Env } from '../../env/env.js';
import { word } from '../../env/random.js';
import type { AuthenticateConfig } from '../../transport/authenticate.js';
import type { Duplex } from '../../transport/duplex.js';
import type { Link } from '../../transport/link.js';
import { createSeed, levelOf } from '../seed.js';
import type { SeedSource } from '../seeds.js';

/** What attached ports need of the network. */
export interface AttachContext {
  readonly env: Env;
  /** The longest pause between two attempts, ms. */
  readonly monitorTimeout: number;
  linkTo(node: string): Link | undefined;
  /** The handshake of one connection. */
  authenticated(duplex: Duplex, own: Partial<AuthenticateConfig>): Observable<Link>;
  /** What is connected from now on, as a seed or not; the result ends that. */
  add(source: SeedSource, isSeed: boolean): () => void;
  identified(): void;
  /** An attempt begins, or has failed. */
  stirred(): void;
  /** A seed is connected. */
  reached(node: string): void;
  /** The secret that this node gives to nodes that are to be members. */
  memberSecret(): string;
  /** This node is a member by that secret, if it has none of its own. */
  join(secret: string): void;
}

export interface Attaching {
  readonly port: AttachablePort;
  /** What it is, and its name: the log and `remoteAddress` say so. */
  readonly kind: 'port' | 'worker';
  readonly name: string;
  /** The other end is a seed of this node. */
  readonly seed: boolean;
  readonly trusted: boolean;
  /** The other end gets the secret of the network. */
  readonly member: boolean;
  /** The node at the other end is connected. */
  linked?(node: string): void;
  /** The port is of no use any more. */
  gone?(reason: string): void;
  /** Code over there has failed. */
  failed(error: unknown): void;
}

export interface Attachment {
  /** Says goodbye, and leaves the port alone. */
  detach(): void;
  /** The other end is known to be gone. */
  lost(reason: string): void;
}

/** Letters of a key: 253 bits. */
const KEY_LENGTH = 43;
const SESSION_LENGTH = 10;
/** How long a goodbye may take, ms. */
const LEAVE_TIME = 5_000;

/**
 * Stays connected with the node at the other end of a port (V18): at once, and again after pauses that double when the connection ends
 * although the port is there. The secret of the handshake is made of two keys that were said on the port, where nobody else hears them.
 */
export function attach(context: AttachContext, { port, kind, name, seed: isSeed, trusted, member, ...events }: Attaching): Attachment {
  const { env } = context;
  /** A connection that no attempt has taken yet. */
  let offer: { readonly duplex: Duplex; readonly met: Met } | undefined;
  /** An attempt that has no connection yet. */
  let attempt: Subscriber<Link> | undefined;
  /** The last connection over the port. */
  let current: Link | undefined;
  let isOver = false;

  const shakeHands = (): Observable<Link> | undefined => {
    if (offer === undefined) return undefined;
    const { duplex, met: { own, other } } = offer;
    offer = undefined;
    // each end is the same to the other one but for its seed
    const initiator = own.seed === other.seed ? own.session < other.session : own.seed;
    const keys = initiator ? [own.key, other.key] : [other.key, own.key];
    if (other.secret !== undefined && isSeed && trusted) context.join(other.secret);
    // what was taken along can't be sent again, so such a link does not outlive its connection
    const config = { initiator, trusted, secret: keys.join(), methods: undefined, acceptCleartext: false, resume: undefined };
    return context.authenticated(duplex, config).pipe(
      tap((link) => { current = link; }),
    );
  };

  const end = createPortEnd({
    port,
    remoteAddress: `${kind}:${name}`,
    ...env,
    hello: () => ({
      session: word(env.random, SESSION_LENGTH),
      key: word(env.random, KEY_LENGTH),
      seed: isSeed,
      ...(trusted && member && { secret: context.memberSecret() }),
    }),
    connected(duplex, met) {
      offer = { duplex, met };
      if (attempt === undefined) seed.hurry();
      else take(attempt);
      // both ends are connected in another way: the gate says so
      shakeHands()?.subscribe({ error: (error: unknown) => { env.log.debug({ err: error, [kind]: name }, `${kind} ${name} is not needed`); } });
    },
    gone(reason) {
      close();
      events.gone?.(reason);
    },
    failed: events.failed,
  });

  const take = (subscriber: Subscriber<Link>): void => {
    attempt = undefined;
    subscriber.add(shakeHands()?.subscribe(subscriber));
  };

  const seed = createSeed({
    address: { scheme: kind, host: name, port: 0, path: '', text: `${kind}:${name}` },
    name,
    kind,
    level: levelOf,
    self: () => { attachment.detach(); },
    changed: context.identified,
  }, {
    env,
    monitorTimeout: context.monitorTimeout,
    dial: () => new Observable((subscriber) => {
      subscriber.add(() => { if (attempt === subscriber) attempt = undefined; });
      attempt = subscriber;
      if (offer === undefined) end.begin();
      else take(subscriber);
    }),
    linkTo: context.linkTo,
    // a port is never offline
    awake$: NEVER,
    stirred: context.stirred,
    reached(node) {
      if (isSeed) context.reached(node);
      events.linked?.(node);
    },
  });

  const source: SeedSource = {
    start: seed.start,
    mayReach: (node) => seed.node === undefined || seed.node === node,
    hurry: (node) => { if (source.mayReach(node)) seed.hurry(); },
    nodes: () => (seed.node === undefined ? [] : [seed.node]),
    trials: () => (seed.trial === undefined ? [] : [seed.trial]),
    close() {
      seed.close();
      end.close();
    },
  };
  const remove = context.add(source, isSeed);

  const close = (): void => {
    if (isOver) return;
    isOver = true;
    source.close();
    remove();
  };

  const attachment: Attachment = {
    detach() {
      close();
      current?.leave(LEAVE_TIME);
    },
    lost: end.gone,
  };
  return attachment;
}
