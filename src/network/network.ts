import { defer, EMPTY, filter, ignoreElements, map, merge, Observable, Subscription, switchMap, takeUntil, tap } from 'rxjs';
import type { Env } from '../env/env.js';
import type { Request } from '../channel/core/mux.js';
import { createRecent } from '../kernel/core/recent.js';
import type { Kernel } from '../kernel/kernel.js';
import { isAttached, isVia, relayIn, type Address } from '../transport/address.js';
import { authenticate, type AuthenticateConfig } from '../transport/authenticate.js';
import type { Duplex, Transport } from '../transport/duplex.js';
import { forGuests } from '../transport/guest-limits.js';
import type { Agreement } from '../transport/handshake.js';
import type { Established, Link, LinkStatus } from '../transport/link.js';
import type { AttachContext } from './attach/attach.js';
import { createMembership } from './attach/membership.js';
import { tryAddresses } from './attempts.js';
import { createDial, createResolve, type Dial } from './dial.js';
import { createGates, type AdmitGuest, type Gates } from './gate.js';
import type { GuestGate } from './guests.js';
import { watchSilence } from './keepalive.js';
import { createKeeper } from './keeper.js';
import type { LifeEvent } from './life/core/life.js';
import { createLife } from './life/life.js';
import { createLost } from './life/lost.js';
import { createReception } from './reception.js';
import { createRelaying } from './relay/relaying.js';
import { createResumer } from './resumer.js';
import { createRelayWarning } from './relay-warning.js';
import { createSearches, type Find } from './searches.js';
import { createSeeds } from './seeds.js';
import type { Trouble } from './trouble.js';
import type { GuestToken } from '../wire/guest-token.js';
import { createStreamConnections } from './stream-connections.js';

export interface NetworkOptions {
  readonly env: Env;
  readonly kernel: Kernel;
  readonly transports: readonly Transport[];
  readonly seeds: readonly Address[];
  /** Within this time a peer that is gone is noticed, ms. */
  readonly monitorTimeout: number;
  /** The usual pause between two addresses of a node, ms. */
  readonly connectInterval: number;
  /** Where a node listens, as the database knows it (S19). */
  readonly find: Find;
  /** A handshake's configuration for one connection. */
  handshake(remoteAddress: string): Omit<AuthenticateConfig, 'issued' | 'initiator'>;
  /** The secret of this node, if it has one. */
  readonly secret?: string | undefined;
  /** Passes connections on to nodes that this one is connected with (V6). */
  readonly relay: boolean;
  /** Through which nodes this one can be reached now (V5). */
  relaysChanged(nodes: readonly string[]): void;
  /** This node is a guest: what it shows to its gate, and what it proves itself with behind that. */
  readonly guest?: { readonly key: string; token(): Observable<GuestToken> } | undefined;
  /** Nobody is let in without TLS, so that nothing travels in clear. */
  readonly alwaysTls: boolean;
  /** A new authenticated connection. */
  linked(link: Link): void;
  /** How the connection of a link is: at first, and when that changes. In the middle of that. */
  linkState(link: Link, state: LinkStatus): void;
  /** What a page is told of itself (A3), listened to from `start` to `close`; undefined: nothing. */
  readonly life$: Observable<LifeEvent> | undefined;
  /** How it stands with the seeds is another now. In the middle of that. */
  seedsStirred(): void;
  /** The same for a stream, made by another node. */
  streamConnected(established: Established): void;
  /** A node wants a channel for a stream; false: it wants something else. */
  channelRequested(from: string, request: Request): boolean;
  /** This node is one of its own seeds, and drops it (S21); `seed` is what the log calls that. */
  selfSeed(seed: string): void;
  /** A seed is connected: each time, and also if somebody else has made the connection. */
  seedReached(node: string): void;
}

/** More than a node dials at a time. */
const DIALS = 1_000;

/** A guest has one gate at a time: after one that can't be reached it tries the next, and it comes back to the last one that took it. */
function oneOf(addresses: readonly Address[], dial: Dial): Dial {
  let at = 0;
  return (first) => dial(addresses[at++ % addresses.length] ?? first).pipe(tap(() => { at--; }));
}

export type Network = ReturnType<typeof createNetwork>;

/** Listens, dials seeds and whom somebody wants to talk to, authenticates, and decides which connection to a node is the one. */
export function createNetwork(options: NetworkOptions) {
  const { env, kernel, monitorTimeout, connectInterval } = options;
  const { clock, log } = env;
  const { peers } = kernel;
  const open = new Subscription();
  const held = new Set<Observable<unknown>>();
  const life = createLife({ env, own: kernel.id, life$: options.life$, isCarried: (link) => isCarried(link), changed: options.seedsStirred });
  const lost = createLost(env.random);
  const resumer = createResumer({ env, awake$: life.awake$, dial: (address, link) => dial(address, link) });
  const gates = createGates({ env, own: kernel.id, peers, monitorTimeout, open, resumable: resumer.find });
  /** Nonces of the last handshakes: who sends one back is this node itself, or has them from it. */
  const nonces = createRecent(DIALS + 2 * env.limits.pendingHandshakes);
  const relayable = createRelayWarning(env);
  const membership = createMembership(options.secret, env.random);
  if (options.guest !== undefined) membership.join(options.guest.key);

  /** Where this node is a gate: who sees to its guests. */
  let guests: GuestGate | undefined;

  /** The configuration of a handshake, whose nonce is remembered. */
  const issuing = (duplex: Duplex): Omit<AuthenticateConfig, 'initiator'> => {
    const config = options.handshake(duplex.remoteAddress);
    const framings = duplex.values === undefined ? config.framings : [duplex.values.framing.name, ...config.framings];
    nonces.add(config.nonce);
    const keys = options.life$ === undefined ? config.keys : new Map([...config.keys, ...lost.keys()]);
    return { ...config, keys, framings, secret: config.secret ?? membership.secret, issued: (nonce) => nonces.has(nonce) };
  };

  /** The handshake of one connection, made by this end where there is an address; `own` is what differs from all others. */
  const authenticated = (duplex: Duplex, address?: Address, resumes?: Link, own: Partial<AuthenticateConfig> = {}): Observable<Link> =>
    new Observable<Link>((subscriber) => {
      const { gate, leave } = gates.entrance(() => subscriber.closed, resumes !== undefined, guests && admitting(guests, duplex));
      subscriber.add(leave);
      keep(duplex.gone$);
      const config = {
        ...{ ...issuing(duplex), ...own, ...resumer.part(resumes) },
        ...{ initiator: own.initiator ?? address !== undefined, streamConnected: options.streamConnected },
        ...(guests && { limitsOf: ({ method }: Agreement) => (method === 'rxmp_guest' ? forGuests(env.limits) : undefined) }),
      };
      return authenticate(duplex, config, env, gate)
        .pipe(
          tap((link) => {
            leave();
            if (resumer.has(link)) return;
            lost.linked(link, config.keys);
            adopt(link, address);
          }),
        )
        .subscribe(subscriber);
    });

  const admitting = (house: GuestGate, duplex: Duplex): AdmitGuest => (peer, token, answer) => { house.admit(peer, token, duplex, answer); };

  /** Remembers what a connection holds until it is gone. */
  const keep = (gone$: Observable<unknown> = EMPTY): void => {
    held.add(gone$);
    gone$.subscribe({ complete: () => held.delete(gone$) });
  };

  /** The connection with the relay, or the gate, that another one goes through. */
  const relayOf = ({ remoteAddress }: Link): Link | undefined => (isVia(remoteAddress) ? peers.linkTo(relayIn(remoteAddress)) : undefined);
  const isSuspended = (link: Link | undefined): boolean => link?.status.status === 'suspended';
  /** One that can go on itself need not wait for what carries it. */
  const isCarried = (link: Link): boolean => link.resumption !== undefined || !isSuspended(relayOf(link));

  /** Says of a peer to whom a goodbye was said what he won't get. */
  const tellUnsent = ({ node, remoteAddress, closed$, left$ }: Link): void => {
    closed$.pipe(
      switchMap(() => {
        const end = clock.monotonic();
        // what has not left may be known already: nothing has to leave any more
        return left$.pipe(filter((unsent) => unsent > 0), map((unsent) => ({ unsent, ms: Math.round(clock.monotonic() - end) })));
      }),
    ).subscribe(({ unsent, ms }) => {
      log.warn({ node, remoteAddress, unsent }, `${unsent} bytes for ${node} had not left ${ms} ms after the node was closed: they are lost`);
    });
  };

  const adopt = (link: Link, address: Address | undefined): void => {
    const { node, remoteAddress, method, secure, trusted, initiator } = link;
    log.info({ node, remoteAddress, method, secure }, `connected with ${node} at ${remoteAddress}`);
    relayable(link);
    const isGuest = method === 'rxmp_guest' && !initiator;
    if (!trusted && !isGuest) log.warn({ node, remoteAddress, method }, `${node} at ${remoteAddress} ${method === 'tls_anon' ? 'has proved nothing' : 'is not trusted'}, and may do what all may`);
    link.closed$.subscribe(({ reason, fault }) => {
      log[fault ? 'warn' : 'info']({ node, remoteAddress, reason }, `connection with ${node} ended: ${reason}`);
    });
    link.status$.pipe(takeUntil(link.closed$)).subscribe((state) => { options.linkState(link, state); });
    keep(link.left$);
    tellUnsent(link);
    watchSilence(link, kernel.id, monitorTimeout, clock, () => isCarried(link));
    life.linked(link);
    resumer.linked(link, address);
    // users hear of the connection before it is up
    options.linked(link);
    relaying.linked(link);
    peers.linked(isGuest && guests !== undefined ? guests.adopt(link) : link);
    keeper.linked(link);
  };

  const reception = createReception({ env, transports: options.transports, alwaysTls: options.alwaysTls, open, authenticated: (duplex) => authenticated(duplex) });
  const relaying = createRelaying({ ...{ env, kernel, enter: reception.enter, welcome: reception.welcome }, relay: options.relay, relaysChanged: options.relaysChanged, requested: options.channelRequested, guests: (from, target, request) => guests?.connect(from, target, request) ?? false, originOf: (node) => guests?.originOf(node) });
  const dialWith = (own?: Partial<AuthenticateConfig>): Dial => createDial(env, options.transports, relaying.via, (duplex, address, resumes) => authenticated(duplex, address, resumes, own));
  const { guest } = options;
  /** Shows its credentials to gates; what goes through a gate is between the two ends. */
  const asGuest = (made: (own?: Pick<AuthenticateConfig, 'guest'>) => Observable<Link>): Observable<Link> =>
    guest === undefined ? made() : guest.token().pipe(switchMap((token) => made({ guest: token })));
  const dialPlain = dialWith();
  const dialAsGuest = ({ key }: { readonly key: string }): Dial => (address, resumes) => {
    if (address.scheme === 'via') return dialPlain(address, resumes);
    // who goes on with a link proves that by the link's key (G10)
    return resumes === undefined ? asGuest((own) => dialWith(own)(address)) : dialWith({ guest: { key, credentials: '' } })(address, resumes);
  };
  const dial = life.whileAwake(guest === undefined ? dialPlain : dialAsGuest(guest));

  const connectData = createStreamConnections({
    env,
    // a guest is connected with its gate only (G2)
    transports: guest === undefined ? options.transports : [],
    handshake(duplex) {
      keep(duplex.gone$);
      return issuing(duplex);
    },
  });

  const seeds = createSeeds(guest === undefined ? options.seeds : options.seeds.slice(0, 1), {
    env,
    monitorTimeout,
    dial: guest === undefined ? dial : oneOf(options.seeds, dial),
    resolve: guest === undefined ? createResolve(env, options.transports) : () => undefined,
    linkTo: (node) => peers.linkTo(node),
    identified: () => { searches.seedsChanged(); },
    reached: options.seedReached,
    stirred: options.seedsStirred,
    awake$: life.awake$,
    selfSeed: options.selfSeed,
  });

  const searches = createSearches({
    env,
    find: options.find,
    seeds,
    tryAddresses: (node, addresses, failed) =>
      tryAddresses(node, addresses, { env, dial, monitorTimeout, connectInterval }, failed),
    giveUp: (node, reason) => {
      keeper.failed(node, reason);
      peers.unreachable(node, reason);
    },
  });

  const keeper = createKeeper({ env, monitorTimeout, peers });

  /** For connections that this node makes in the name of its guests (G6). */
  const shakeHands = (duplex: Duplex, own: Partial<AuthenticateConfig>, its: Gates): Observable<Link> =>
    new Observable<Link>((subscriber) => {
      const { gate, leave } = its.entrance(() => subscriber.closed, false);
      subscriber.add(leave);
      keep(duplex.gone$);
      const usual = issuing(duplex);
      const config = { ...usual, secret: usual.secret ?? membership.offered(), initiator: false, resume: undefined, guests: undefined, ...own, keys: new Map([...usual.keys, ...(own.keys ?? [])]) };
      return authenticate(duplex, config, env, gate).pipe(tap(leave)).subscribe(subscriber);
    });

  /** For ports that are attached (V18). */
  const attaching: AttachContext = {
    ...{ env, monitorTimeout },
    // behind a port that is not trusted there is a guest, if this is a gate
    authenticated: (duplex, own) => asGuest((token) => authenticated(duplex, undefined, undefined, { ...own, ...token, ...(own.trusted === false && guests && { methods: [] }) })),
    linkTo: (node) => peers.linkTo(node),
    add: seeds.add,
    identified: () => { searches.seedsChanged(); },
    stirred: options.seedsStirred,
    reached: options.seedReached,
    memberSecret: membership.offered,
    join(secret) { if (guest === undefined) membership.join(secret); },
  };

  return {
    attaching,
    /** What guests need of the network. */
    forGuests: { shakeHands, channels: relaying.channels, up$: relaying.up$, via: relaying.via, transports: options.transports, find: options.find },
    /** From now on guests are let in. */
    setGuests(gate: GuestGate): void { guests = gate; },
    /** Whether a node is attached to this one, which is its seed. */
    isAttached(node: string): boolean {
      const link = peers.linkTo(node);
      return link?.initiator === false && isAttached(link.remoteAddress);
    },
    /** Requests to the node port that this floor answers. */
    requests: relaying.requests,
    nodeChanged: relaying.nodeChanged,
    channels: relaying.channels,
    connectData,
    /** Looks for a node that the kernel wants to be connected with, until the result is called. */
    connect: searches.connect,
    start(): void {
      life.start();
      seeds.start();
    },
    isOffline: life.isOffline,
    isDoubted: life.isDoubted,
    /** Stays connected with a node for ever (S22), until it is dropped. */
    keep: keeper.keep,
    drop: keeper.drop,
    /** The ids of the seeds that were identified, in the order they were given. */
    seedNodes: seeds.nodes,
    /** How it stands with the seeds that are not connected. */
    trials: seeds.trials,
    /** False also when the only seeds are this node itself. */
    get hasSeeds() {
      return seeds.size > 0;
    },
    /** Nobody tries to reach the seeds any more, and why. */
    dismissed: seeds.dismissed,
    ending: (): Trouble | undefined => seeds.ending,
    /** Listens; resolves with the real addresses, or rejects with an error that names the bind. */
    listen: reception.listen,
    close(): void {
      life.close();
      keeper.close();
      searches.close();
      seeds.close();
      open.unsubscribe();
    },
    /** Completes when every connection that was closed is gone. */
    gone$: defer(() => merge(...held).pipe(ignoreElements(), tap({ complete: relaying.close }))),
  };
}
