import type { Captures, Spec } from './spec.js';

/**
 * What the ends of a link say to each other. The end that subscribes makes up the id of a subscription; both ends name it
 * by that id until `end`.
 */
export type Packet =
  /** Observes: tell me what matches. */
  | readonly ['assert', id: number, spec: Spec]
  | readonly ['clear', id: number]
  /** The last word of an id that was cleared. */
  | readonly ['end', id: number]
  | readonly ['add' | 'del', id: number, captures: Captures]
  /** `hops`: over so many links more it may go. */
  | readonly ['msg', id: number, captures: Captures, hops: number];

/**
 * Where a scope stands in its tree. Rank, count and root are the *label*, which all scopes of one tree have in common, and no
 * others: the root makes it, never the same one twice. `path` is the way from the root to the scope, both included.
 */
export type Branch = readonly [rank: number, count: number, path: readonly string[]];

/** What sessions say to each other besides. */
export type Control =
  /** The first packet: the version, the name of the scope, and where it stands in its tree. */
  | readonly ['hello', version: number, name: string, branch: Branch]
  /** This end stands somewhere else now; and whether it is the other end that it has its label from. */
  | readonly ['tree', branch: Branch, isFromThere: boolean]
  /** Answer when all that I have told you has arrived wherever it goes, and all answers are on their way. */
  | readonly ['sync', mark: number]
  | readonly ['synced', mark: number]
  /** This was wrong; the link is closed. */
  | readonly ['err', code: string, detail: string];

export const VERSION = 2;

/** Who has caused what happens: a link to another scope, or the scope's own clients. */
export type LinkId = number;
/** The link that joins the clients of a scope to it. */
export const LOCAL: LinkId = 0;
