import { deepFreeze } from '../../kernel/core/freeze.js';
import { canonical } from './canonical.js';
import { FederationError } from './errors.js';
import type { Packet } from './packets.js';
import type { RelayLimits } from './relay.js';
import type { Captures, Spec } from './spec.js';

/** What one direction of a link lets through. What is left out lets all through. What it throws ends the link. */
export interface DirectionFilter {
  /** Whether a subscription may pass. */
  observe?(pattern: Spec): boolean;
  /** What a match or a message of a pattern passes as; undefined: it does not. The number of captures must stay. */
  match?(pattern: Spec, captures: Captures): Captures | undefined;
  /** So many subscriptions may be open at a time; one more ends the link. Default: `limits.linkSubscriptions`. */
  readonly subscriptions?: number;
}

/** Filters of both directions, as this end sees them. */
export interface LinkFilter {
  /** What the other end may ask for, and what it may tell. */
  readonly incoming?: DirectionFilter;
  /** What this end asks for, and what it tells. */
  readonly outgoing?: DirectionFilter;
}

/** What becomes of a packet. */
export interface Filtered {
  /** Goes on. */
  readonly on: readonly Packet[];
  /** Goes back where it came from. */
  readonly back: readonly Packet[];
}

interface Passage {
  readonly spec: Spec;
  readonly isAllowed: boolean;
  /** All matches by what they are: as what they were let through, or undefined. */
  readonly passed: Map<string, Captures | undefined>;
  /** How many matches pass as the same. */
  readonly counts: Map<string, number>;
}

type Change = Extract<Packet, readonly ['add' | 'del', ...unknown[]]>;

/** Runs what the user has given. */
function called<T>(filter: () => T): T {
  try {
    return filter();
  } catch (error) {
    throw new FederationError('filter', `a filter has thrown: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** One direction: subscriptions one way, their matches the other. */
function createDirection(asks: DirectionFilter | undefined, answers: DirectionFilter | undefined, { linkSubscriptions, linkMatches }: RelayLimits) {
  const most = asks?.subscriptions ?? linkSubscriptions;
  const passages = new Map<number, Passage>();
  let matches = 0;

  const rewritten = (spec: Spec, captures: Captures): Captures | undefined => {
    if (answers?.match === undefined) return captures;
    const made = called(() => answers.match?.(spec, captures));
    if (made === undefined || made.length === captures.length) return deepFreeze(made);
    throw new FederationError('filter', `a filter makes ${made.length} captures of ${captures.length}`);
  };

  const add = ({ spec, passed, counts }: Passage, [, id, captures]: Change): readonly Packet[] => {
    const key = canonical(captures);
    // the relay can't see these: what it gets was rewritten, or kept from it
    if (passed.has(key)) throw new FederationError('duplicate', `added ${key.slice(0, 200)} twice to the id ${id}`);
    if (matches >= linkMatches) throw new FederationError('limit', `more than ${linkMatches} matches over one link (limits.linkMatches)`);
    const made = rewritten(spec, captures);
    passed.set(key, made);
    matches++;
    if (made === undefined) return [];
    const as = canonical(made);
    const count = counts.get(as) ?? 0;
    counts.set(as, count + 1);
    return count > 0 ? [] : [['add', id, made]];
  };

  const del = ({ passed, counts }: Passage, [, id, captures]: Change): readonly Packet[] => {
    const key = canonical(captures);
    if (!passed.has(key)) throw new FederationError('unknown', `deleted ${key.slice(0, 200)} from the id ${id}, where it is not`);
    const made = passed.get(key);
    passed.delete(key);
    matches--;
    if (made === undefined) return [];
    const as = canonical(made);
    const count = (counts.get(as) ?? 0) - 1;
    if (count > 0) {
      counts.set(as, count);
      return [];
    }
    counts.delete(as);
    return [['del', id, made]];
  };

  const forget = (id: number): void => {
    matches -= passages.get(id)?.passed.size ?? 0;
    passages.delete(id);
  };

  return {
    /** `assert` and `clear`. */
    ask(packet: Packet): Filtered {
      const [kind, id] = packet;
      const passage = passages.get(id);
      if (kind !== 'assert') {
        if (passage?.isAllowed !== false) return { on: [packet], back: [] };
        forget(id);
        return { on: [], back: [['end', id]] };
      }
      if (passage !== undefined) throw new FederationError('duplicate', `the id ${id} is in use already`);
      if (passages.size >= most) {
        throw new FederationError('limit', `more than ${most} subscriptions over one link (limits.linkSubscriptions)`);
      }
      const [, , spec] = packet;
      const isAllowed = called(() => asks?.observe?.(spec) ?? true);
      passages.set(id, { spec, isAllowed, passed: new Map(), counts: new Map() });
      return { on: isAllowed ? [packet] : [], back: [] };
    },
    /** `add`, `del`, `msg` and `end`. */
    answer(packet: Packet): Filtered {
      const [kind, id] = packet;
      const passage = passages.get(id);
      if (passage?.isAllowed === false) throw new FederationError('unknown', `spoke of the id ${id}, which is not in use`);
      if (kind === 'end') forget(id);
      // what was not asked for is an error, which the relay knows best
      if (passage === undefined || kind === 'end') return { on: [packet], back: [] };
      if (kind === 'add' || kind === 'del') return { on: (kind === 'add' ? add : del)(passage, packet), back: [] };
      if (kind !== 'msg') return { on: [packet], back: [] };
      const made = rewritten(passage.spec, packet[2]);
      return { on: made === undefined ? [] : [['msg', id, made, packet[3]]], back: [] };
    },
  };
}

const isAsk = ([kind]: Packet): boolean => kind === 'assert' || kind === 'clear';

/** Allows, denies and rewrites what passes a link. The scope behind it sees a link without the rest. Pure. */
export function createLinkFilter({ incoming, outgoing }: LinkFilter, limits: RelayLimits) {
  const ours = createDirection(outgoing, incoming, limits);
  const theirs = createDirection(incoming, outgoing, limits);
  return {
    /** From the scope to the other end; `back` is for the scope. */
    outgoing: (packet: Packet): Filtered => (isAsk(packet) ? ours.ask(packet) : theirs.answer(packet)),
    /** From the other end to the scope; `back` is for the other end. */
    incoming: (packet: Packet): Filtered => (isAsk(packet) ? theirs.ask(packet) : ours.answer(packet)),
  };
}
