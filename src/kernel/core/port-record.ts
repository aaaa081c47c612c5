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

/** A handler with observers, or these alone. */
export interface Receivers {
  handler: Handler | undefined;
  readonly observers: Set<PortObserver>;
  /** The observers as the last message met them, as long as none comes or goes: that one may still be under way. */
  met: readonly PortObserver[] | undefined;
}

/** Who receives the messages of one tag, or of all other tags. Mostly that is a handler alone, which takes no object. */
export type Receiver = Handler | Receivers;

/** What few ports have; apart from the record, so that the many stay small. */
export interface PortHooks {
  /** Checks messages before anybody gets them; undefined drops one. */
  readonly check?: (message: AnyMessage) => AnyMessage | undefined;
  /** Hears that the port is gone, before anybody else does. */
  readonly released?: () => void;
}

/** What a local port is to the kernel. There may be millions: each field is 8 octets of each. */
export interface PortRecord {
  readonly id: string;
  /** Killed, but its death is still to run: it gets no more messages than were sent before. */
  dying: boolean;
  /** Why the port died, once it has. */
  reason: Reason | undefined;
  fallback: Receiver | undefined;
  /** The tag and its receiver, as long as there is no other: a Map takes 200 octets. */
  tag: string | undefined;
  tagged: Receiver | undefined;
  /** All tags and their receivers, once there have been two. */
  tags: Map<unknown, Receiver> | undefined;
  /** One that watches, or a set of many. */
  monitors: Monitor | Set<Monitor> | undefined;
  hooks: PortHooks | undefined;
}

/** The default receiver, or that of one tag. */
export type Slot = { readonly tag: unknown } | 'default';

/** Runs a task when the port is gone, before anybody else hears of it. */
export function whenReleased(port: PortRecord, task: () => void): void {
  const released = port.hooks?.released;
  const all = (): void => {
    released?.();
    task();
  };
  port.hooks = { ...port.hooks, released: released === undefined ? task : all };
}
