import { kindOf } from '../../wire/message.js';
import type { Limits } from '../../env/limits.js';

/** How much a guest may do at a time, and in a second; what is left out is as in the limits of the gate. */
export interface GuestLimits {
  /** A guest that sends more is read more slowly (G8). */
  readonly messagesPerSecond?: number;
  readonly bytesPerSecond?: number;
  /** Ports that it was told of, and may therefore send to; of more the first ones are forgotten (G3). */
  readonly ports?: number;
  /** Ports that it monitors. */
  readonly monitors?: number;
  /** Ports that it has spawned, and that live. */
  readonly spawned?: number;
  /** Nodes that it is connected with through the gate. */
  readonly nodes?: number;
  /** Families that it watches, and questions that wait for their answers. */
  readonly families?: number;
  /** What it has set in the database. */
  readonly keys?: number;
  readonly bytes?: number;
  /** Scopes that it takes part in, and patterns that it observes in one of them. */
  readonly scopes?: number;
  readonly observers?: number;
}

export type Allowance = Required<GuestLimits>;

/** The limits of one guest. Throws RangeError for what is no number above 0, TypeError for a name that there is not. */
export function allowanceOf(limits: Limits, given: GuestLimits = {}): Allowance {
  const usual: Allowance = {
    messagesPerSecond: limits.guestMessageRate,
    bytesPerSecond: limits.guestOctetRate,
    ports: limits.guestPorts,
    monitors: limits.guestMonitors,
    spawned: limits.guestSpawns,
    nodes: limits.guestNodes,
    families: limits.guestFamilies,
    keys: limits.guestKeys,
    bytes: limits.guestOctets,
    scopes: limits.guestScopes,
    observers: limits.guestObservers,
  };
  for (const [name, value] of Object.entries(given) as [string, unknown][]) {
    if (!Object.hasOwn(usual, name)) throw new TypeError(`a guest's limit "${name}" is unknown: expected ${Object.keys(usual).join(', ')}`);
    if (value === undefined || (typeof value === 'number' && value > 0)) continue;
    throw new RangeError(`a guest's limit "${name}" is ${typeof value === 'number' ? value : kindOf(value)}: expected a number above 0`);
  }
  return { ...usual, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) };
}

/** What a guest may hold of something, and all guests of its user together. */
const HELD = {
  ports: 'userPorts',
  monitors: 'userMonitors',
  spawned: 'userSpawns',
  nodes: 'userNodes',
  families: 'userFamilies',
  keys: 'userKeys',
  bytes: 'userOctets',
  scopes: 'userScopes',
} as const satisfies Partial<Record<keyof Allowance, keyof Limits>>;

/** Something that guests hold, by the name of its limit. */
export type HeldName = keyof typeof HELD;
export type Held = Readonly<Record<HeldName, number>>;

/** How much one guest may hold. */
export interface Share {
  readonly own: Allowance;
  /** What it may hold by the limit of its user; one that its gate has allowed more by itself may have that. */
  ofUser(name: HeldName): number;
  /** Why it can't have that much, for people; undefined: it can. */
  objection(name: HeldName, amount: number): string | undefined;
}

/** `others` is what other guests of the same user hold. */
export function shareOf(limits: Limits, given: GuestLimits | undefined, others: (name: HeldName) => number): Share {
  const own = allowanceOf(limits, given);
  const ofUser = (name: HeldName): number => Math.max(limits[HELD[name]], given?.[name] ?? 0);
  return {
    own,
    ofUser,
    objection(name, amount) {
      if (amount > own[name]) return `its limit "${name}" is ${own[name]}`;
      return amount + others(name) > ofUser(name) ? `the limit of all guests of its user is ${ofUser(name)} (limits.${HELD[name]})` : undefined;
    },
  };
}
