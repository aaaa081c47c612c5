/** What the pages, the server and the workers say to each other. */
import type { PortId } from 'rxmp';

/** The columns of the board, from left to right. */
export const COLUMNS = ['todo', 'doing', 'done'] as const;
export type Column = (typeof COLUMNS)[number];

/** A card, in the family `cards` under its id. */
export interface Card {
  readonly title: string;
  readonly column: Column;
  /** Cards of a column are shown in the order of their ranks. */
  readonly rank: number;
  /** Who has changed it last. */
  readonly by: string;
}

/** Whoever has a page open, in the family `people` under the node of the page. */
export interface Person {
  readonly name: string;
}

/** A worker, in the family `workers` under its port. */
export interface WorkerState {
  readonly name: string;
  /** Calls that it has answered in each of the last seconds, the newest at the end. */
  readonly answered: readonly number[];
}

/** The port in the family `boards`. The answers say who has asked: the gate knows whose port it is that is to be answered. */
export type BoardMessage =
  | ['add', title: string, reply: PortId<[card: string]>]
  /** Puts a card into a column, before another card, or at the end. */
  | ['move', card: string, column: Column, before: string | null, reply: PortId<[done: boolean]>]
  | ['remove', card: string, reply: PortId<[done: boolean]>];

/** The port in the family `rooms`. */
export type RoomMessage =
  /** From now on this port hears what is said; first it hears what was said last. */
  | ['join', member: PortId<Heard>]
  | ['say', member: PortId<Heard>, text: string];

export interface Line {
  readonly id: number;
  readonly who: string;
  readonly text: string;
  /** As `Date.now()` has it. */
  readonly at: number;
}

/** What members of the room hear. */
export type Heard = ['lines', lines: readonly Line[]];

/** The ports in the family `workers`. */
export type WorkMessage =
  | ['primes', below: number, reply: PortId<[count: number, ms: number]>]
  /** The process ends at once, as after a mistake. */
  | ['crash'];
