import { canonical } from './canonical.js';
import { createInterests, type Interest } from './interests.js';
import { createPatternIndex } from './pattern-index.js';
import type { Packet } from './packets.js';
import { isRecord, keyOf, project, type Captures, type Spec } from './spec.js';

/** What an observer sees of one projection. */
export interface Sight {
  readonly kind: 'add' | 'del' | 'msg';
  readonly captures: Captures;
}

/** What a client sees is put off until the action is over. */
export type Observer = (sight: Sight) => void;

interface Match {
  readonly captures: Captures;
  /** Values of the own clients that project to it. */
  local: number;
  /** Another scope asserts it. */
  remote: boolean;
}

/** One pattern that somebody observes: own clients, other scopes, or both. */
interface Watch {
  readonly key: string;
  readonly spec: Spec;
  readonly observers: Set<Observer>;
  readonly matches: Map<string, Match>;
  /** The id of the other scopes' interest. */
  inId: number | undefined;
  /** The id of the own clients' interest. */
  outId: number | undefined;
}

/** How often a value is asserted. */
interface Held {
  readonly value: unknown;
  count: number;
}

export interface DataspaceContext {
  /** To the relay, as from a link; must not call back. */
  send(packet: Packet): void;
  /** An observer sees something. */
  seen(observer: Observer, sight: Sight): void;
  /** There is somebody now who observes what an interest fits, or nobody any more. */
  interestChanged(interest: Interest): void;
  /** Over so many links a message may go. */
  readonly hops: number;
}

export type Dataspace = ReturnType<typeof createDataspace>;

/**
 * The clients of a scope: what they assert, as a bag, and what they observe. To the relay it is one more link, whose
 * observers see the union of its own matches and those that the relay tells of. Pure.
 */
export function createDataspace({ send, seen, interestChanged, hops }: DataspaceContext) {
  /** By type, then by content. */
  const values = new Map<string, Map<string, Held>>();
  const watches = new Map<string, Watch>();
  const byIn = new Map<number, Watch>();
  const byOut = new Map<number, Watch>();
  const index = createPatternIndex<Watch>();
  const interests = createInterests(interestChanged);
  let nextId = 1;

  /** Values are frozen, and are taken back as they were given. */
  const keys = new WeakMap<object, string>();
  const valueKey = (value: unknown): string => {
    if (typeof value !== 'object' || value === null) return canonical(value);
    const known = keys.get(value);
    if (known !== undefined) return known;
    const key = canonical(value);
    keys.set(value, key);
    return key;
  };

  const spaceOf = (value: unknown): string => (isRecord(value) && typeof value['type'] === 'string' ? value['type'] : '');

  /** Only what could be of the type that a pattern asks for, if it asks for one. */
  const heldFor = function* (spec: Spec): Generator<Held, undefined> {
    const outer = spec[0] === 'cap' ? spec[1] : spec;
    const type = outer[0] === 'obj' && Object.hasOwn(outer[1], 'type') ? outer[1]['type'] : undefined;
    if (type?.[0] === 'is') yield* values.get(typeof type[1] === 'string' ? type[1] : '')?.values() ?? [];
    else for (const space of values.values()) yield* space.values();
  };

  const matchOf = (watch: Watch, captures: Captures): readonly [string, Match] => {
    const key = canonical(captures);
    const known = watch.matches.get(key);
    if (known !== undefined) return [key, known];
    const match: Match = { captures, local: 0, remote: false };
    watch.matches.set(key, match);
    return [key, match];
  };

  const tellObservers = ({ observers }: Watch, sight: Sight): void => {
    for (const observer of observers) seen(observer, sight);
  };

  const watchFor = (spec: Spec): Watch => {
    const key = keyOf(spec);
    const known = watches.get(key);
    if (known !== undefined) return known;
    const watch: Watch = { key, spec, observers: new Set(), matches: new Map(), inId: undefined, outId: undefined };
    for (const { value } of heldFor(spec)) {
      const captures = project(spec, value);
      if (captures !== undefined) matchOf(watch, captures)[1].local++;
    }
    watches.set(key, watch);
    index.add(spec, watch);
    interests.count(spec, 1);
    return watch;
  };

  const dropIfIdle = (watch: Watch): void => {
    if (watch.observers.size > 0 || watch.inId !== undefined) return;
    watches.delete(watch.key);
    index.delete(watch.spec, watch);
    interests.count(watch.spec, -1);
  };

  const appeared = (watch: Watch, captures: Captures): void => {
    const [, match] = matchOf(watch, captures);
    if (match.local++ > 0) return;
    if (watch.inId !== undefined) send(['add', watch.inId, captures]);
    if (!match.remote) tellObservers(watch, { kind: 'add', captures });
  };

  const vanished = (watch: Watch, captures: Captures): void => {
    const [key, match] = matchOf(watch, captures);
    if (--match.local > 0) return;
    if (watch.inId !== undefined) send(['del', watch.inId, captures]);
    if (match.remote) return;
    watch.matches.delete(key);
    tellObservers(watch, { kind: 'del', captures });
  };

  /** Another scope asserts something, or no longer. */
  const heard = (watch: Watch, captures: Captures, remote: boolean): void => {
    const [key, match] = matchOf(watch, captures);
    match.remote = remote;
    if (match.local > 0) return;
    if (!remote) watch.matches.delete(key);
    tellObservers(watch, { kind: remote ? 'add' : 'del', captures });
  };

  const forEachMatch = (value: unknown, use: (watch: Watch, captures: Captures) => void): void => {
    for (const watch of index.candidates(value)) {
      const captures = project(watch.spec, value);
      if (captures !== undefined) use(watch, captures);
    }
  };

  return {
    /** Asserts a value once more. */
    assert(value: unknown): void {
      const key = valueKey(value);
      const type = spaceOf(value);
      let space = values.get(type);
      if (space === undefined) values.set(type, (space = new Map<string, Held>()));
      const held = space.get(key);
      if (held !== undefined) {
        held.count++;
        return;
      }
      space.set(key, { value, count: 1 });
      forEachMatch(value, appeared);
    },
    /** Takes one assertion back. */
    retract(value: unknown): void {
      const key = valueKey(value);
      const space = values.get(spaceOf(value));
      const held = space?.get(key);
      if (space === undefined || held === undefined || --held.count > 0) return;
      space.delete(key);
      if (space.size === 0) values.delete(spaceOf(value));
      forEachMatch(value, vanished);
    },
    /** A message: seen once by each observer, and not kept. */
    message(value: unknown): void {
      forEachMatch(value, (watch, captures) => {
        tellObservers(watch, { kind: 'msg', captures });
        if (watch.inId !== undefined) send(['msg', watch.inId, captures, hops]);
      });
    },
    /** Begins to observe: gives what matches now. */
    observe(spec: Spec, observer: Observer): readonly Captures[] {
      const watch = watchFor(spec);
      const present = Array.from(watch.matches.values(), ({ captures }) => captures);
      watch.observers.add(observer);
      if (watch.outId === undefined) {
        watch.outId = nextId++;
        byOut.set(watch.outId, watch);
        send(['assert', watch.outId, spec]);
      }
      return present;
    },
    ignore(spec: Spec, observer: Observer): void {
      const watch = watches.get(keyOf(spec));
      if (watch?.observers.delete(observer) !== true || watch.observers.size > 0 || watch.outId === undefined) return;
      send(['clear', watch.outId]);
      byOut.delete(watch.outId);
      watch.outId = undefined;
      for (const [key, match] of [...watch.matches]) {
        match.remote = false;
        if (match.local === 0) watch.matches.delete(key);
      }
      dropIfIdle(watch);
    },
    /** Counts from now on the patterns that are observed, here or elsewhere, and may have values in common with this one. */
    interest: (spec: Spec): Interest => interests.add(spec, index.overlapping(spec)),
    lose: interests.delete,
    /** What the relay says. */
    receive(packet: Packet): void {
      switch (packet[0]) {
        case 'assert': {
          const watch = watchFor(packet[2]);
          watch.inId = packet[1];
          byIn.set(packet[1], watch);
          for (const { captures, local } of watch.matches.values()) if (local > 0) send(['add', packet[1], captures]);
          break;
        }
        case 'clear': {
          const watch = byIn.get(packet[1]);
          send(['end', packet[1]]);
          if (watch === undefined) return;
          byIn.delete(packet[1]);
          watch.inId = undefined;
          dropIfIdle(watch);
          break;
        }
        case 'add':
        case 'del': {
          const watch = byOut.get(packet[1]);
          if (watch !== undefined) heard(watch, packet[2], packet[0] === 'add');
          break;
        }
        case 'msg': {
          const watch = byOut.get(packet[1]);
          if (watch !== undefined) tellObservers(watch, { kind: 'msg', captures: packet[2] });
          break;
        }
        case 'end':
          break;
      }
    },
  };
}
