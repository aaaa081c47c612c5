import { Subscription } from 'rxjs';
import type { Request } from '../../channel/core/mux.js';
import { elementsOf, packetOf } from '../../channel/core/packet.js';
import { CHANNEL, RELAY, SHARED } from '../../channel/core/purposes.js';
import type { Env } from '../../env/env.js';
import { atTimeOfDay } from '../../env/time-of-day.js';
import { sizeOf } from '../../database/core/values.js';
import type { Duplex } from '../../transport/duplex.js';
import type { Link, LinkSink } from '../../transport/link.js';
import { ProtocolError } from '../../wire/errors.js';
import { kindOf } from '../../wire/message.js';
import { makePortId, nodeOf, portNameOf } from '../../wire/portid.js';
import { shown } from '../../wire/printable.js';
import { request } from '../../wire/requests.js';
import { shareOf, type Held } from '../core/allowance.js';
import { judgeStream } from '../core/judge-stream.js';
import { createHolder, type World } from '../core/holder.js';
import { CONTROL, describeRefusal, forbidden, judge, type Refused } from '../core/judge.js';
import { describeRight, portFamilies, type Right } from '../core/rights.js';
import { told, type FromGuest } from '../core/control.js';
import type { Families } from './families.js';
import { guardLink } from './guard.js';
import { createLegs, type Send } from './legs.js';
import { createIntake, type Intake } from './intake.js';
import { createPace } from './pace.js';
import { createValve } from './valve.js';
import type { Shifts } from './shifts.js';
import { createShelf } from './shelf.js';
import type { Scopes } from './scopes.js';
import { forgetPorts, heldByOthers, type Member, type User } from './users.js';
import type { Admission, GateNetwork, Guest } from './types.js';
import { whileSuspended } from './vouching.js';

/** What the gate's side of one guest needs. */
export interface SessionContext {
  readonly env: Env;
  readonly network: GateNetwork;
  readonly shifts: Shifts;
  readonly monitorTimeout: number;
  /** The id of the gate. */
  readonly gate: string;
  readonly world: World;
  readonly families: Families;
  readonly scopes: Scopes;
  /** Kills a port anywhere, in the gate's own name. */
  kil(port: string, reason: readonly [string, ...unknown[]]): void;
  /** What all guests of its user share. */
  readonly user: User;
  /** The guest shows other credentials. */
  renew(credentials: string): void;
  /** Its rights are over. */
  expired(): void;
}

/** What one guest has and does, in numbers. */
export interface GuestCounts {
  /** Messages that it has sent. */
  readonly messages: number;
  /** What was refused. */
  readonly refused: number;
  /** Ports that it was told of, monitors and has spawned. */
  readonly ports: number;
  readonly monitors: number;
  readonly spawned: number;
  /** Nodes that it is connected with through the gate. */
  readonly nodes: number;
  /** Families that it watches, and keys that it has set. */
  readonly families: number;
  readonly keys: number;
}

export type Session = ReturnType<typeof createSession>;

/** Why a guest is not read: it is too fast, or the gate's node has enough. */
const PACE = 'pace';
const NODE = 'node';

/** So many signs of life are given in the time within which a node is taken for gone. */
const SIGNS = 5;

/** How long a guest that is sent away has to read why, ms. */
const LEAVE_TIME = 5_000;

/** The gate's side of one guest: everything that it says and gets passes here (G2). */
export function createSession(guest: Guest, base: Link, admission: Admission, context: SessionContext) {
  const { env, network, shifts, gate } = context;
  const { log, limits } = env;
  const { id } = guest;
  const holder = createHolder(id, context.world);
  /** What its rights need: families that are watched, and the time when they end. */
  let kept = new Subscription();
  const held: Held = {
    get ports() { return holder.introduced.size; },
    get monitors() { return holder.monitored.size; },
    get spawned() { return holder.spawned.size; },
    get nodes() { return legs.size; },
    get families() { return shelf.watched.families + shelf.entered.asked.size; },
    get keys() { return shelf.entered.count; },
    get bytes() { return shelf.entered.octets; },
    get scopes() { return shelf.watched.scopes; },
  };
  const member: Member = { held, forgetFirst: holder.introduced.deleteFirst };
  const shareBy = (given: Admission['limits']) => shareOf(limits, given, (name) => heldByOthers(context.user, member, name));
  let share = shareBy(admission.limits);
  let { may: rights, expires } = admission;
  /** The guest can be told of its rights, and use them. */
  let isOpen = false;
  let messages = 0;
  let refused = 0;
  let renewal = 0;
  let isOver = false;
  const valve = createValve(base);
  const pace = createPace(env, share.own, context.user.rates, (is) => {
    if (is) valve.hold(PACE);
    else valve.release(PACE);
    intake?.wait(is);
    legs.wait(is);
  });
  let intake: Intake | undefined;
  /** Where what the guest says goes on the gate's node, once that listens. */
  let toNode: LinkSink['message'] = () => undefined;
  const scopes = context.scopes.of({ rights: holder.inScope, isOwn: (port) => nodeOf(port) === id, observers: share.own.observers, entry: (name, entry) => { showEntry(name, entry); }, refuse: (verdict) => { refuse(verdict); } });

  const tell = (control: ReturnType<(typeof told)[keyof typeof told]>): void => {
    if (!isOver) base.send('', control);
  };

  const refuse = (verdict: Refused, of?: object): void => {
    refused++;
    pace.spent({ messages: REFUSAL, octets: 0, packets: 0 });
    const text = describeRefusal(verdict);
    log.debug({ guest: id, user: guest.user }, `${id}: ${text}`);
    tell(told.forbidden(verdict.what, verdict.right === undefined ? undefined : describeRight(verdict.right), of));
  };

  /** Where it waits for an answer, if that is a call: it has to hear that none comes. */
  const replyOf = (message: readonly unknown[]): { readonly reply: string } | undefined => {
    const reply = message.at(-1);
    return typeof reply === 'string' && nodeOf(reply) === id ? { reply } : undefined;
  };

  /** A message of the guest for a port, or for the node port, of a node. */
  const fromGuest = (node: string, portName: string, message: readonly unknown[], on: Send, back: Send): void => {
    if (isOver) return;
    const verdict = judge({ holder, node, limits, share }, portName, message);
    // packets of channels count by what is in them
    if (verdict.kind !== 'channel') messages++;
    switch (verdict.kind) {
      case 'pass':
        on(portName, message);
        if (portName === '') watchSpawned(node, message, on);
        break;
      case 'refused':
        if (verdict.answer !== undefined) back('', verdict.answer);
        refuse(verdict, replyOf(message));
        break;
      case 'channel':
        channel(node, message, on, back);
        break;
      case 'database':
        if (node === gate) shelf.request(message, on);
        else refuse({ kind: 'refused', what: `a request to the database of ${shown(node)}`, right: undefined, answer: undefined });
        break;
      case 'control':
        if (node === gate) control(message);
        break;
    }
  };

  /** The gate has to know when a port dies that the guest has spawned, also when the guest itself needs not. */
  const watchSpawned = (node: string, [tag, portName]: readonly unknown[], on: Send): void => {
    if ((tag !== SPAWN && tag !== UNWATCH) || typeof portName !== 'string') return;
    if (holder.spawned.has(makePortId(node, portName))) on('', request.mon1(portName));
  };

  const channel = (node: string, message: readonly unknown[], on: Send, back: Send): void => {
    const [, ...args] = message;
    // octets may arrive elsewhere as the text that they are
    if (typeof args[0] !== 'string') throw new ProtocolError(`a packet of a channel has a kind, got ${kindOf(args[0])}`);
    if (args[0] !== 'open') {
      on('', message);
      return;
    }
    const packet = packetOf(args, limits);
    if (packet.kind !== 'open') return;
    const isForGate = node === gate && (packet.what[0] === RELAY || packet.what[0] === SHARED);
    const objection = isForGate ? undefined : judgeStream(holder, node, packet.what);
    if (objection === undefined) {
      on('', message);
      return;
    }
    back('', [CHANNEL, ...elementsOf({ kind: 'refuse', id: -packet.id, reason: describeRefusal(objection) })]);
    refuse(objection);
  };

  const control = ([, what, value]: readonly unknown[]): void => {
    const kind = what as FromGuest[0];
    if (kind === 'renew' && typeof value === 'string') context.renew(value);
  };

  const shelf = createShelf({
    ...{ limits, gate, holder, scopes, refuse, share: () => share },
    on: (message) => { toNode('', message); },
    tell: (message) => { base.send('', message); },
  });

  const showEntry = (scope: string, entry: string): void => {
    introduce(entry);
    shelf.showEntry(scope, entry);
  };

  /** A message of a node for the guest; false: it is not for guests. */
  const toGuest = (node: string, portName: string, message: readonly unknown[]): boolean => {
    const [tag, name] = message;
    if (portName === '' && typeof tag === 'string') {
      // what channels carry is between their ends; what they are for may name ports
      if (tag === CHANNEL && name !== 'open') return true;
      if (tag === CONTROL || (tag.startsWith('g_') && node !== gate)) return false;
      if (tag === 'kil0' && typeof name === 'string') return died(node, name);
      if (tag === 'g_reply') shelf.answered(message);
    }
    introduce(message);
    legs.reconsider();
    return true;
  };

  /** The guest may send to the ports that are named there (G3). */
  const introduce = (message: unknown): void => {
    const forgotten = holder.introduce(message, share.own);
    if (forgotten > 0) log.debug({ guest: id }, `${id} was told of more than ${share.own.ports} ports: the first ${forgotten} are forgotten`);
    const ofUser = forgetPorts(context.user, share.ofUser('ports'));
    if (ofUser > 0) log.debug({ user: guest.user }, `guests of ${guest.user} were told of more than ${share.ofUser('ports')} ports: the first ${ofUser} are forgotten`);
  };

  const died = (node: string, portName: string): boolean => {
    const wasMonitored = holder.monitored.has(makePortId(node, portName));
    holder.died(node, portName);
    return wasMonitored;
  };

  const legs = createLegs({
    ...{ env, network, shifts, gate, guest, toGuest, monitorTimeout: context.monitorTimeout, mayReach: holder.mayReach },
    fromGuest(node, portName, message, on, answer) {
      pace.spent({ messages: 1, octets: 0, packets: 0 });
      fromGuest(node, portName, message, on, answer);
    },
    lost(node) {
      const isThere = (port: string): boolean => nodeOf(port) === node;
      for (const port of [...holder.monitored].filter(isThere)) holder.monitored.delete(port);
      // to the guest they are gone
      killSpawned(isThere);
    },
  });

  const killSpawned = (which: (port: string) => boolean): void => {
    for (const port of [...holder.spawned].filter(which)) {
      holder.spawned.delete(port);
      context.kil(port, ['guest_gone', id]);
    }
  };

  const back: Send = (portName, message) => { base.send(portName, message); };

  const fromBase: Send = (portName, message) => {
    const isPacket = portName === '' && message[0] === CHANNEL;
    pace.spent({ messages: isPacket ? 0 : 1, octets: sizeOf(message), packets: isPacket ? 1 : 0 });
    fromGuest(gate, portName, message, toNode, back);
  };

  const link = guardLink(base, {
    opened({ message, takeIn }) {
      toNode = message;
      isOpen = true;
      applyRights();
      return (intake = createIntake({ shifts, link: base, valve, run: takeIn, take: fromBase }));
    },
    toGuest: (portName, message) => toGuest(gate, portName, message),
    wait(is) {
      if (is) valve.hold(NODE);
      else valve.release(NODE);
    },
  });

  const vouching = base.resumption && whileSuspended(env, base, context.monitorTimeout / SIGNS, () => { legs.vouch(); });

  /** Rights in place of those so far: what they no longer allow is taken back. */
  const setRights = (now: readonly Right[], until: number | undefined): void => {
    rights = now;
    expires = until;
    // programs hear of a guest before its connection is open, and may change its rights at once
    if (isOpen) applyRights();
  };

  const applyRights = (): void => {
    holder.setRights(rights);
    const next = new Subscription();
    for (const family of portFamilies(rights)) next.add(context.families.keep(family));
    kept.unsubscribe();
    kept = next;
    if (expires !== undefined) kept.add(atTimeOfDay(env.clock, expires, context.expired));
    takeBack();
    legs.reconsider();
    scopes.changed();
    tell(told.admitted(rights, expires));
  };

  const takeBack = (): void => {
    for (const port of [...holder.monitored].filter((one) => !holder.mayMonitor(one))) {
      holder.monitored.delete(port);
      const [node, name] = [nodeOf(port), portNameOf(port)];
      const forMe = request.kil0(name, forbidden(port));
      if (node !== gate) legs.interject(node, request.mon0(name), forMe);
      else {
        toNode('', request.mon0(name));
        back('', forMe);
      }
    }
    shelf.takeBack();
  };

  return {
    guest,
    member,
    /** The guest's connection, as the gate's node is to see it. */
    link,
    remoteAddress: base.remoteAddress,
    get rights() {
      return rights;
    },
    get expires() {
      return expires;
    },
    counts: (): GuestCounts => ({
      messages,
      refused,
      ports: held.ports,
      monitors: held.monitors,
      spawned: held.spawned,
      nodes: held.nodes,
      families: shelf.families,
      keys: held.keys,
    }),
    setRights,
    /** Other credentials are shown; the result is the number of {@link renewal}. */
    renewals: (): number => ++renewal,
    get renewal() {
      return renewal;
    },
    /** Other credentials were accepted. */
    renewed({ may, expires: until, limits: given }: Admission): void {
      share = shareBy(given);
      setRights(may, until);
    },
    refuseRenewal(text: string): void {
      tell(told.notRenewed(text));
    },
    /** The guest wants to be connected with a node. */
    connect(node: string, wanted: Request): void {
      const objection = legs.has(node) ? undefined : share.objection('nodes', legs.size + 1);
      if (objection !== undefined) wanted.refuse(`it is connected with ${legs.size} nodes: ${objection}`);
      else {
        pace.spent({ messages: CONNECTION, octets: 0, packets: 0 });
        legs.fromGuest(node, wanted);
      }
    },
    /** A node wants to be connected with the guest. */
    takeIn: (duplex: Duplex): void => { legs.fromNode(duplex); },
    /** Sends it away, and tells it why. */
    dismiss(code: 'expired' | 'revoked', text: string): void {
      tell(told.dismissed(code, text));
      // what it has said and was not taken yet is nobody's
      isOver = true;
      base.leave(LEAVE_TIME);
    },
    /** The guest is gone: so are the ports that it has spawned (G3). */
    close(): void {
      isOver = true;
      vouching?.unsubscribe();
      pace.close();
      killSpawned(() => true);
      kept.unsubscribe();
      scopes.close();
      legs.close();
    },
  };
}

/** What costs the gate as much as so many messages, about: two handshakes; and what is refused, which is logged and told, and which few guests try often. */
const CONNECTION = 20;
const REFUSAL = 4;

const [SPAWN] = request.spawn('', '', []);
const [UNWATCH] = request.mon0('');
