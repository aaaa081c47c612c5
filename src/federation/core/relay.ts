import { canonical } from './canonical.js';
import { FederationError } from './errors.js';
import type { LinkId, Packet } from './packets.js';
import { arityOf, keyOf, type Captures, type Spec } from './spec.js';

/** What is known of one pattern. */
export interface Sub {
  readonly key: string;
  readonly spec: Spec;
  /** How many values it captures. */
  readonly arity: number;
  /** Links that observe it, with the ids that they gave it. */
  readonly holders: Map<LinkId, number>;
  /** Links where it is observed for them. */
  readonly out: Map<LinkId, Out>;
  readonly matches: Map<string, Match>;
}

/** A subscription at another end. */
export interface Out {
  readonly sub: Sub;
  readonly id: number;
  /** What the other end has told of, by its text. */
  readonly told: Set<string>;
}

export interface Match {
  readonly captures: Captures;
  /** The links that it came from. */
  readonly asserters: Set<LinkId>;
}

interface Link {
  /** Subscriptions of the other end, by its ids. */
  readonly ins: Map<number, Sub>;
  /** Subscriptions at the other end, by our ids. */
  readonly outs: Map<number, Out>;
  /** Ids of ours that were cleared, and are not ended yet. */
  readonly retired: Set<number>;
  /** Ids of ours start anew with each link. */
  nextId: number;
  /** How many matches the other end has told of. */
  matches: number;
}

export interface RelayLimits {
  /** Patterns that one link may subscribe to. */
  readonly linkSubscriptions: number;
  /** Matches that one link may tell of. */
  readonly linkMatches: number;
}

/** The key of a map that has one; not looked for in others, since those that were deleted have to be passed first. */
function onlyOf(map: ReadonlyMap<LinkId, unknown>): LinkId | undefined {
  if (map.size !== 1) return undefined;
  const [only] = map.keys();
  return only;
}

export type Relay = ReturnType<typeof createRelay>;

/**
 * Carries interest and matches between the links of a scope. Two rules say it all:
 *
 * R1: there is a subscription to S at a link exactly if another link holds S.
 * R2: a link has been told of a match of S exactly if it holds S and another link asserts the match.
 *
 * So nothing ever goes back where it came from, and each pattern crosses a link once in a direction. The scope's own
 * clients are a link like any other. Pure: packets go in by `receive`, and out by `send`, which must not call back.
 */
export function createRelay(send: (link: LinkId, packet: Packet) => void, limits: RelayLimits) {
  const links = new Map<LinkId, Link>();
  const subs = new Map<string, Sub>();

  const linkOf = (id: LinkId): Link => {
    const link = links.get(id);
    if (link !== undefined) return link;
    throw new RangeError(`there is no link ${id}`);
  };

  const subscribe = (to: LinkId, sub: Sub): void => {
    const link = linkOf(to);
    const id = link.nextId++;
    const out: Out = { sub, id, told: new Set() };
    sub.out.set(to, out);
    link.outs.set(id, out);
    send(to, ['assert', id, sub.spec]);
  };

  const unsubscribe = (from: LinkId, sub: Sub): void => {
    const out = sub.out.get(from);
    const link = links.get(from);
    if (out === undefined || link === undefined) return;
    sub.out.delete(from);
    link.outs.delete(out.id);
    link.retired.add(out.id);
    // what it had told of goes without a word: nobody else holds the pattern who was told of it
    link.matches -= out.told.size;
    for (const key of out.told) {
      const asserters = sub.matches.get(key)?.asserters;
      asserters?.delete(from);
      if (asserters?.size === 0) sub.matches.delete(key);
    }
    send(from, ['clear', out.id]);
  };

  /** Tells a link, if it holds the pattern. */
  const tell = (to: LinkId, sub: Sub, kind: 'add' | 'del', captures: Captures): void => {
    const id = sub.holders.get(to);
    if (id !== undefined) send(to, [kind, id, captures]);
  };

  /** What a link has begun or ceased to assert is news to those who hear of it from nobody else (R2). */
  const spread = (from: LinkId, sub: Sub, kind: 'add' | 'del', captures: Captures, others: ReadonlySet<LinkId>): void => {
    if (others.size > 1) return;
    const [only] = others;
    if (only !== undefined) tell(only, sub, kind, captures);
    else for (const to of sub.holders.keys()) if (to !== from) tell(to, sub, kind, captures);
  };

  const onAssert = (from: LinkId, id: number, spec: Spec): void => {
    const link = linkOf(from);
    const key = keyOf(spec);
    const known = subs.get(key);
    if (link.ins.has(id)) throw new FederationError('duplicate', `the id ${id} is in use already`);
    if (known?.holders.has(from) === true) throw new FederationError('duplicate', `subscribed twice to ${key.slice(0, 200)}`);
    if (link.ins.size >= limits.linkSubscriptions) {
      throw new FederationError('limit', `more than ${limits.linkSubscriptions} subscriptions over one link (limits.linkSubscriptions)`);
    }
    const sub: Sub = known ?? { key, spec, arity: arityOf(spec), holders: new Map(), out: new Map(), matches: new Map() };
    subs.set(key, sub);
    const others = sub.holders.size;
    const only = onlyOf(sub.holders);
    sub.holders.set(from, id);
    link.ins.set(id, sub);
    for (const { captures, asserters } of sub.matches.values()) {
      if (asserters.size > 1 || !asserters.has(from)) send(from, ['add', id, captures]);
    }
    if (others === 0) {
      for (const to of links.keys()) if (to !== from) subscribe(to, sub);
    } else if (only !== undefined) subscribe(only, sub);
  };

  /** A link holds a pattern no longer. */
  const release = (from: LinkId, sub: Sub): void => {
    sub.holders.delete(from);
    const only = onlyOf(sub.holders);
    if (sub.holders.size === 0) {
      for (const to of links.keys()) if (to !== from) unsubscribe(to, sub);
      subs.delete(sub.key);
    } else if (only !== undefined) unsubscribe(only, sub);
  };

  const onClear = (from: LinkId, id: number): void => {
    const link = linkOf(from);
    const sub = link.ins.get(id);
    if (sub === undefined) throw new FederationError('unknown', `cleared the id ${id}, which is not in use`);
    link.ins.delete(id);
    release(from, sub);
    send(from, ['end', id]);
  };

  /** The subscription of an id of ours; undefined: what still comes for it means nothing. */
  const heard = (link: Link, id: number, captures: Captures): Out | undefined => {
    const out = link.outs.get(id);
    if (out !== undefined && out.sub.arity !== captures.length) {
      throw new FederationError('malformed', `the id ${id} captures ${out.sub.arity} values, got ${captures.length}`);
    }
    if (out === undefined && !link.retired.has(id)) throw new FederationError('unknown', `spoke of the id ${id}, which is not in use`);
    return out;
  };

  const onAdd = (from: LinkId, id: number, captures: Captures): void => {
    const link = linkOf(from);
    const out = heard(link, id, captures);
    if (out === undefined) return;
    const { sub, told } = out;
    const key = canonical(captures);
    const match = sub.matches.get(key) ?? { captures, asserters: new Set<LinkId>() };
    if (told.has(key)) throw new FederationError('duplicate', `added ${key.slice(0, 200)} twice to the id ${id}`);
    if (link.matches >= limits.linkMatches) {
      throw new FederationError('limit', `more than ${limits.linkMatches} matches over one link (limits.linkMatches)`);
    }
    link.matches++;
    spread(from, sub, 'add', captures, match.asserters);
    match.asserters.add(from);
    told.add(key);
    sub.matches.set(key, match);
  };

  /** A match is told of no longer. */
  const withdraw = (from: LinkId, sub: Sub, key: string, { captures, asserters }: Match): void => {
    asserters.delete(from);
    if (asserters.size === 0) sub.matches.delete(key);
    spread(from, sub, 'del', captures, asserters);
  };

  const onDel = (from: LinkId, id: number, captures: Captures): void => {
    const link = linkOf(from);
    const out = heard(link, id, captures);
    if (out === undefined) return;
    const { sub, told } = out;
    const key = canonical(captures);
    const match = sub.matches.get(key);
    if (match === undefined || !told.delete(key)) {
      throw new FederationError('unknown', `deleted ${key.slice(0, 200)} from the id ${id}, where it is not`);
    }
    link.matches--;
    withdraw(from, sub, key, match);
  };

  const onMessage = (from: LinkId, id: number, captures: Captures, hops: number): void => {
    const out = heard(linkOf(from), id, captures);
    if (out === undefined || hops <= 0) return;
    for (const [to, inId] of out.sub.holders) if (to !== from) send(to, ['msg', inId, captures, hops - 1]);
  };

  return {
    /** A link is there: it is asked for all that somebody holds. */
    up(id: LinkId): void {
      links.set(id, { ins: new Map(), outs: new Map(), retired: new Set(), nextId: 1, matches: 0 });
      for (const sub of subs.values()) subscribe(id, sub);
    },
    /** A link is gone, and with it what it has told of and held. */
    down(id: LinkId): void {
      const link = links.get(id);
      if (link === undefined) return;
      links.delete(id);
      for (const { sub, told } of link.outs.values()) {
        sub.out.delete(id);
        for (const key of told) {
          const match = sub.matches.get(key);
          if (match !== undefined) withdraw(id, sub, key, match);
        }
      }
      for (const sub of link.ins.values()) release(id, sub);
    },
    /** Throws {@link FederationError} for what breaks the rules, and has changed nothing then. */
    receive(from: LinkId, packet: Packet): void {
      switch (packet[0]) {
        case 'assert':
          onAssert(from, packet[1], packet[2]);
          break;
        case 'clear':
          onClear(from, packet[1]);
          break;
        case 'add':
          onAdd(from, packet[1], packet[2]);
          break;
        case 'del':
          onDel(from, packet[1], packet[2]);
          break;
        case 'msg':
          onMessage(from, packet[1], packet[2], packet[3]);
          break;
        case 'end':
          if (!linkOf(from).retired.delete(packet[1])) throw new FederationError('unknown', `ended the id ${packet[1]}, which was not cleared`);
          break;
      }
    },
    /** The links, in the order of their creation. */
    links: (): readonly LinkId[] => [...links.keys()],
    /** What is known of each pattern that somebody holds. */
    subs: (): Iterable<Readonly<Sub>> => subs.values(),
    /** Ids that were cleared and are not ended yet, of all links. */
    get retired() {
      let count = 0;
      for (const { retired } of links.values()) count += retired.size;
      return count;
    },
  };
}
