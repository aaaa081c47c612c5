import { canonical } from './canonical.js';
import type { Packet } from './packets.js';
import type { Captures, Spec } from './spec.js';

/** What one direction of a link lets through. What is left out lets all through. */
export interface DirectionFilter {
  /** Whether a subscription may pass. */
  observe?(pattern: Spec): boolean;
  /** What a match or a message of a pattern passes as; undefined: it does not. The number of captures must stay. */
  match?(pattern: Spec, captures: Captures): Captures | undefined;
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
  /** Matches that were let through, by what they were: as what. */
  readonly passed: Map<string, Captures>;
  /** How many matches pass as the same. */
  readonly counts: Map<string, number>;
}

/** One direction: subscriptions one way, their matches the other. */
function createDirection(asks: DirectionFilter | undefined, answers: DirectionFilter | undefined) {
  const passages = new Map<number, Passage>();

  const add = ({ spec, passed, counts }: Passage, packet: Extract<Packet, readonly ['add' | 'del', ...unknown[]]>): readonly Packet[] => {
    const [, id, captures] = packet;
    const made = answers?.match === undefined ? captures : answers.match(spec, captures);
    if (made === undefined) return [];
    passed.set(canonical(captures), made);
    const key = canonical(made);
    const count = counts.get(key) ?? 0;
    counts.set(key, count + 1);
    return count > 0 ? [] : [['add', id, made]];
  };

  const del = ({ passed, counts }: Passage, [, id, captures]: Extract<Packet, readonly ['add' | 'del', ...unknown[]]>): readonly Packet[] => {
    const known = canonical(captures);
    const made = passed.get(known);
    if (made === undefined) return [];
    passed.delete(known);
    const key = canonical(made);
    const count = (counts.get(key) ?? 0) - 1;
    if (count > 0) {
      counts.set(key, count);
      return [];
    }
    counts.delete(key);
    return [['del', id, made]];
  };

  return {
    /** `assert` and `clear`. */
    ask(packet: Packet): Filtered {
      if (packet[0] === 'assert') {
        const [, id, spec] = packet;
        const isAllowed = asks?.observe?.(spec) ?? true;
        passages.set(id, { spec, isAllowed, passed: new Map(), counts: new Map() });
        return { on: isAllowed ? [packet] : [], back: [] };
      }
      const isAllowed = passages.get(packet[1])?.isAllowed ?? true;
      if (isAllowed) return { on: [packet], back: [] };
      passages.delete(packet[1]);
      return { on: [], back: [['end', packet[1]]] };
    },
    /** `add`, `del`, `msg` and `end`. */
    answer(packet: Packet): Filtered {
      const passage = passages.get(packet[1]);
      if (packet[0] === 'end') passages.delete(packet[1]);
      // what was not asked for is an error, which the relay knows best
      if (passage === undefined || packet[0] === 'end') return { on: [packet], back: [] };
      if (packet[0] === 'msg') {
        const made = answers?.match === undefined ? packet[2] : answers.match(passage.spec, packet[2]);
        return { on: made === undefined ? [] : [['msg', packet[1], made, packet[3]]], back: [] };
      }
      if (packet[0] === 'add' && passage.passed.has(canonical(packet[2]))) return { on: [packet], back: [] };
      if (packet[0] === 'add') return { on: add(passage, packet), back: [] };
      return { on: packet[0] === 'del' ? del(passage, packet) : [packet], back: [] };
    },
  };
}

const isAsk = ([kind]: Packet): boolean => kind === 'assert' || kind === 'clear';

/** Allows, denies and rewrites what passes a link. The scope behind it sees a link without the rest. Pure. */
export function createLinkFilter({ incoming, outgoing }: LinkFilter) {
  const ours = createDirection(outgoing, incoming);
  const theirs = createDirection(incoming, outgoing);
  return {
    /** From the scope to the other end; `back` is for the scope. */
    outgoing: (packet: Packet): Filtered => (isAsk(packet) ? ours.ask(packet) : theirs.answer(packet)),
    /** From the other end to the scope; `back` is for the other end. */
    incoming: (packet: Packet): Filtered => (isAsk(packet) ? theirs.ask(packet) : ours.answer(packet)),
  };
}
