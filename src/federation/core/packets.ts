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

/** What sessions say to each other besides. */
export type Control =
  /** The first packet: the version, and which scopes are reached through this end, itself first. */
  | readonly ['hello', version: number, nodes: readonly string[]]
  /** The scopes reached through this end have changed. */
  | readonly ['nodes', nodes: readonly string[]]
  /** Answer when all that I have told you has arrived wherever it goes, and all answers are on their way. */
  | readonly ['sync', mark: number]
  | readonly ['synced', mark: number]
  /** This was wrong; the link is closed. */
  | readonly ['err', code: string, detail: string];

export const VERSION = 1;

/** Who has caused what happens: a link to another scope, or the scope's own clients. */
export type LinkId = number;
/** The link that joins the clients of a scope to it. */
export const LOCAL: LinkId = 0;
