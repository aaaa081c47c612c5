import type { Handler } from './handler.js';
import type { AnyMessage, Reason } from './message.js';

/** Somebody who watches what a port receives, until it is gone. */
export interface PortObserver {
  next(message: AnyMessage): void;
  /** The port is dead. */
  done(reason: Reason): void;
}

/** Fires once, with the reason of a port's death (S11). It may return a promise. */
export interface Monitor {
  fire(reason: Reason): unknown;
}

/** Who receives the messages of one tag, or of all other tags. Arrays are replaced, never changed: they may be in use. */
export interface Receivers {
  handler: Handler | undefined;
  observers: readonly PortObserver[];
}

/** What a local port is to the kernel. */
export interface PortRecord {
  readonly id: string;
  readonly name: string;
  /** Killed, but its death is still to run: it gets no more messages than were sent before. */
  dying: boolean;
  /** Why the port died, once it has. */
  reason: Reason | undefined;
  fallback: Receivers | undefined;
  tags: Map<unknown, Receivers> | undefined;
  monitors: Set<Monitor> | undefined;
  /** Checks messages before anybody gets them; undefined drops one. */
  check: ((message: AnyMessage) => AnyMessage | undefined) | undefined;
  /** Hears that the port is gone, before anybody else does. */
  released: (() => void) | undefined;
  /** The Subject that users see, if they do. */
  face: object | undefined;
}

/** The default receiver, or that of one tag. */
export type Slot = { readonly tag: unknown } | 'default';
