import { filter, Subscription, take, type Observable } from 'rxjs';
import type { Request } from '../../channel/core/mux.js';
import { RELAYED } from '../../channel/core/purposes.js';
import type { Env } from '../../env/env.js';
import { word } from '../../env/random.js';
import { deadline } from '../../env/time.js';
import { createGates } from '../../network/gate.js';
import { viaDuplex } from '../../network/relay/via.js';
import { ConnectionFailed, type AuthenticateConfig } from '../../transport/authenticate.js';
import type { Duplex } from '../../transport/duplex.js';
import { forGuests, onBehalf } from '../../transport/guest-limits.js';
import { RUN_KEY } from '../../transport/handshake.js';
import type { Link } from '../../transport/link.js';
import { isGuestId } from '../../wire/guest-token.js';
import { request } from '../../wire/requests.js';
import { identityIn, identityKeys } from '../core/identity.js';
import { createIntake, type Intake } from './intake.js';
import type { GateNetwork, Guest } from './types.js';
import type { Shifts } from './shifts.js';
import { createValve, type Valve } from './valve.js';

/** What the connections of one guest with other nodes need. */
export interface LegsContext {
  readonly env: Env;
  readonly network: GateNetwork;
  readonly shifts: Shifts;
  readonly monitorTimeout: number;
  /** The id of the gate. */
  readonly gate: string;
  readonly guest: Pick<Guest, 'id' | 'key' | 'run' | 'user'>;
  /** A message of the guest for a node; `on` gives something to the node, `back` to the guest. */
  fromGuest(node: string, portName: string, message: readonly unknown[], on: Send, back: Send): void;
  /** A message of a node for the guest; false: it does not get it. */
  toGuest(node: string, portName: string, message: readonly unknown[]): boolean;
  /** Whether the guest holds anything on a node. */
  mayReach(node: string): boolean;
  /** The guest is connected with a node no longer. */
  lost(node: string): void;
}

export type Send = (portName: string, message: readonly unknown[]) => void;

/**
 * The connection of a guest with one node, in two parts that meet here: `inner` is that with the guest, to whom the gate is the node, `outer`
 * that with the node, to which the gate is the guest. Messages go from one to the other if they may (G2, G6). The guest is not told that a node
 * is up before it is, and of each run of the node anew (S18).
 */
interface Leg {
  readonly node: string;
  /** What the node calls its run, to the guest, if it has not said. */
  readonly run: string;
  /** Everything that ends with it. */
  readonly running: Subscription;
  /** The guest has nothing to do with the node: there is no outer part, and all that it says is answered here. */
  readonly isBlank: boolean;
  inner: End | undefined;
  /** Takes what comes from there. */
  intake: Intake | undefined;
  outer: End | undefined;
  /** The guest waits for the outer part. */
  wanted: Request | undefined;
}

interface End {
  readonly link: Link;
  readonly valve: Valve;
}

type Part = 'inner' | 'outer';

/** Why an end is not read: the guest is too fast, or the other end has enough. */
const PACE = 'pace';
const FULL = 'full';

/** A goodbye takes no longer, ms. */
const LEAVE_TIME = 5_000;
const RUN_LENGTH = 10;

export type Legs = ReturnType<typeof createLegs>;

/** The connections of one guest with other nodes through its gate. */
export function createLegs({ env, network, shifts, monitorTimeout, gate, guest, ...context }: LegsContext) {
  const { clock, limits } = env;
  const legs = new Map<string, Leg>();
  const all = new Subscription();
  let blanks = 0;
  let isWaiting = false;
  const resumable = (): undefined => undefined;
  /** Who comes first where both ends connect at the same time (S17). */
  const outerGates = createGates({ env, own: guest.id, monitorTimeout, open: all, resumable, peers: { linkTo: (node) => legs.get(node)?.outer?.link } });

  const isOpen = (leg: Leg): boolean => legs.get(leg.node) === leg;

  const create = (node: string, isBlank: boolean): Leg => {
    const leg: Leg = { node, run: word(env.random, RUN_LENGTH), running: new Subscription(), isBlank, inner: undefined, intake: undefined, outer: undefined, wanted: undefined };
    legs.set(node, leg);
    all.add(leg.running);
    if (isBlank) blanks++;
    return leg;
  };

  /** One part is gone, or can't be made: so is the other. What has passed already still arrives. */
  const end = (leg: Leg, reason: string): void => {
    if (!isOpen(leg)) return;
    legs.delete(leg.node);
    if (leg.isBlank) blanks--;
    all.remove(leg.running);
    leg.running.unsubscribe();
    leg.wanted?.refuse(reason);
    leg.inner?.link.leave(LEAVE_TIME);
    leg.outer?.link.leave(LEAVE_TIME);
    context.lost(leg.node);
  };

  const make = (leg: Leg, part: Part, made$: Observable<Link>): void => {
    leg.running.add(made$.subscribe({
      next: (link) => { up(leg, part, link); },
      error: (error: unknown) => {
        if (leg[part] !== undefined) return;
        const text = error instanceof Error ? error.message : String(error);
        env.log.debug({ guest: guest.id, node: leg.node, err: error }, `${guest.id} is not connected with ${leg.node}: ${text}`);
        if (!(error instanceof ConnectionFailed) || error.failure !== 'connected') end(leg, text);
        // the one that the other end has made is about to come up
        else leg.running.add(deadline(clock, limits.handshakeTime, () => { if (leg[part] === undefined) end(leg, text); }));
      },
    }));
  };

  const up = (leg: Leg, part: Part, link: Link): void => {
    if (leg[part] !== undefined) {
      // one end has lost what the other still has: both have to begin anew
      link.close('it was connected already');
      end(leg, 'it was connected again');
      return;
    }
    const made = { link, valve: createValve(link) };
    leg[part] = made;
    if (leg.isBlank) answerAll(leg, made);
    else if (part === 'outer') admit(leg);
    if (leg.inner !== undefined && leg.outer !== undefined) join(leg, leg.inner, leg.outer);
  };

  /** The guest is told that the node is up. */
  const admit = (leg: Leg): void => {
    const { wanted } = leg;
    leg.wanted = undefined;
    if (wanted !== undefined) make(leg, 'inner', asNode(leg, viaDuplex(wanted.accept(), gate, clock), false));
  };

  const join = (leg: Leg, inner: End, outer: End): void => {
    outer.link.open({
      takeIn: (decode) => { decode(); },
      message: (portName, message) => { if (context.toGuest(leg.node, portName, message)) pass(inner, outer, portName, message); },
      closed: (reason) => { end(leg, reason); },
    });
    read(leg, inner, (portName, message) => { pass(outer, inner, portName, message); });
  };

  const answerAll = (leg: Leg, inner: End): void => {
    read(leg, inner, (portName, message) => {
      if (isSign(portName, message)) sendTo(inner, '', message.slice(ECHO.length));
      // it may say that since a moment ago: the two have to be connected for that, and the guest hears that this was lost
      else end(leg, 'it was not connected');
    });
  };

  const read = (leg: Leg, inner: End, on: Send): void => {
    const { link, valve } = inner;
    const back: Send = (portName, message) => { sendTo(inner, portName, message); };
    const take: Send = (portName, message) => { context.fromGuest(leg.node, portName, message, on, back); };
    const intake = createIntake({ shifts, link, valve, run: (task) => { task(); }, take });
    leg.intake = intake;
    if (isWaiting) waitWith(leg, true);
    link.open({
      takeIn: (decode) => { decode(); },
      message: intake.push,
      closed(reason) {
        intake.finish();
        end(leg, reason);
      },
    });
  };

  const waitWith = ({ inner, intake }: Leg, is: boolean): void => {
    if (is) inner?.valve.hold(PACE);
    else inner?.valve.release(PACE);
    intake?.wait(is);
  };

  /** Gives a message to one end, and reads the other one no further while that has enough. */
  const pass = (to: End, { valve }: End, portName: string, message: readonly unknown[]): void => {
    if (sendTo(to, portName, message)) return;
    valve.hold(FULL);
    // it tells in the middle of a send
    to.link.writable$.pipe(filter(Boolean), take(1)).subscribe(() => { clock.soon(() => { valve.release(FULL); }); });
  };

  /** How the gate introduces the guest to other nodes, which believe it what it says of the guest (G4). */
  const asGuest = (initiator: boolean): Partial<AuthenticateConfig> => ({
    ...{ node: guest.id, initiator, limitsOf: () => onBehalf(limits) },
    keys: new Map([[RUN_KEY, guest.run], ...identityKeys({ user: guest.user, gate })]),
  });

  /** The gate is the node, to the guest. Only they have the guest's key, and what carries this is encrypted where that has to be. */
  const asNode = (leg: Leg, duplex: Duplex, initiator: boolean): Observable<Link> => {
    const gates = createGates({ env, own: leg.node, monitorTimeout, open: leg.running, resumable, peers: { linkTo: () => leg.inner?.link } });
    const proof = { limitsOf: () => forGuests(limits), secret: guest.key, methods: undefined, acceptCleartext: false, tls: 'none', upgrade: undefined } as const;
    // another guest is introduced to this one by who it is
    const other = leg.outer?.link.peer;
    const keys = new Map([[RUN_KEY, other?.keys.get(RUN_KEY) ?? leg.run], ...identityKeys(other && identityIn(other))]);
    return network.shakeHands(duplex, { ...proof, node: leg.node, initiator, keys }, gates);
  };

  const offer = (leg: Leg): void => {
    const mux = network.channels.to(guest.id);
    if (mux === undefined) {
      end(leg, `${guest.id} is not connected`);
      return;
    }
    leg.running.add(mux.open([RELAYED, leg.node], {
      opened(channel) {
        if (isOpen(leg)) make(leg, 'inner', asNode(leg, viaDuplex(channel, leg.node, clock), true));
        else channel.abort();
      },
      failed: (reason) => { end(leg, reason); },
    }));
  };

  return {
    get size() {
      return legs.size;
    },
    has: (node: string): boolean => legs.has(node),
    /** The guest wants to be connected with a node. */
    fromGuest(node: string, wanted: Request): void {
      const known = legs.get(node);
      if (known?.isBlank === true) end(known, 'it was connected again');
      else known?.wanted?.refuse('it is asked for again');
      const isMeant = context.mayReach(node);
      const leg = legs.get(node) ?? create(node, !isMeant);
      leg.wanted = wanted;
      if (leg.isBlank || leg.outer !== undefined) admit(leg);
      else if (known === undefined || known.isBlank) {
        make(leg, 'outer', network.reach(node, [RELAYED, guest.id], (duplex) => network.shakeHands(duplex, asGuest(true), outerGates)));
      }
    },
    /** A node wants to be connected with the guest; which one shows in its handshake. */
    fromNode(duplex: Duplex): void {
      const coming = new Subscription();
      all.add(coming);
      coming.add(network.shakeHands(duplex, asGuest(false), outerGates).subscribe({
        next(link) {
          const old = legs.get(link.node);
          // the node has lost what it had; or the guest had nothing to do with it, and now has
          if (old?.outer !== undefined || old?.isBlank === true) end(old, `${link.node} has connected`);
          const leg = legs.get(link.node) ?? create(link.node, false);
          const isAsked = leg.wanted !== undefined;
          up(leg, 'outer', link);
          if (!isAsked && leg.inner === undefined) offer(leg);
        },
        error: (error: unknown) => { env.log.debug({ guest: guest.id, err: error }, `a connection to ${guest.id} failed: ${error instanceof Error ? error.message : String(error)}`); },
        complete: () => { all.remove(coming); },
      }));
    },
    /** The guest may do more than before: nodes that it had nothing to do with may be others now. */
    reconsider(): void {
      if (blanks === 0) return;
      for (const leg of [...legs.values()]) if (leg.isBlank && context.mayReach(leg.node)) end(leg, 'it may be connected now');
    },
    /** Says something of the gate's own to a node, and to the guest as if the node had said it. */
    interject(node: string, forNode: readonly unknown[], forGuest: readonly unknown[]): void {
      const { inner, outer } = legs.get(node) ?? {};
      if (outer !== undefined) sendTo(outer, '', forNode);
      if (inner !== undefined) sendTo(inner, '', forGuest);
    },
    /** The guest's own connection broke, and may come back: the gate answers for it, so that nobody takes it for gone (G10). */
    vouch(): void {
      for (const { outer } of legs.values()) if (outer !== undefined) sendTo(outer, '', request.keepalive());
    },
    /** The guest is too fast, or no longer. */
    wait(is: boolean): void {
      isWaiting = is;
      for (const leg of legs.values()) waitWith(leg, is);
    },
    close(): void {
      for (const leg of [...legs.values()]) end(leg, `${guest.id} is gone`);
      all.unsubscribe();
    },
  };
}

/** Asks the other end for a sign of life; nobody has to be connected for that. */
const ECHO = ['snd', 'to'];

/** Whether a guest only says that it is there, or wants to know whether somebody is. */
function isSign(portName: string, [tag, to]: readonly unknown[]): boolean {
  return portName === '' && (tag === undefined || tag === '' || tag === 'devnull' || (tag === ECHO[0] && typeof to === 'string' && isGuestId(to)));
}

/** False: it has enough. What can't be sent, in the framing of that link say, ends it: it must not be lost silently (S2). */
function sendTo({ link }: End, portName: string, message: readonly unknown[]): boolean {
  try {
    return link.send(portName, message);
  } catch (error) {
    link.close(`a message can't be passed on: ${error instanceof Error ? error.message : String(error)}`);
    return true;
  }
}
