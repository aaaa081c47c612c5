import type { Clock } from '../env/clock.js';

/** One end of a `MessageChannel` between two programs of a simulated network, with the events of `worker_threads`. */
export interface ThreadPort {
  postMessage(message: unknown, transfer?: ArrayBuffer[]): void;
  on(type: string, listener: (value: unknown) => void): void;
  off(type: string, listener: (value: unknown) => void): void;
  /** Ends it for both: the other end hears `close` after all that was posted. */
  close(): void;
}

export interface ThreadChannel {
  /** The end of each host. */
  readonly ports: readonly [ThreadPort, ThreadPort];
  /** Moves on what waited for a frozen host. */
  resume(): void;
  /** The program at one end is gone. */
  crash(host: string): void;
}

export interface ThreadChannelContext {
  readonly clock: Clock;
  readonly hosts: readonly [string, string];
  isFrozen(host: string): boolean;
  /** Both ends are closed. */
  onClosed(): void;
}

/** What posts to one end do: they arrive one by one, each in a turn of its own, as tasks of an event loop. */
function createEnd({ clock, isFrozen }: ThreadChannelContext, host: string, closed: () => void) {
  const listeners = new Map<string, Set<(value: unknown) => void>>();
  const waiting: { readonly type: string; readonly value: unknown }[] = [];
  let isScheduled = false;
  let isClosed = false;

  const emit = (type: string, value: unknown): void => {
    for (const listener of [...(listeners.get(type) ?? [])]) listener(value);
  };
  const close = (): void => {
    if (isClosed) return;
    isClosed = true;
    waiting.length = 0;
    closed();
  };
  const deliver = (): void => {
    isScheduled = false;
    if (isFrozen(host)) return;
    const next = waiting.shift();
    if (next === undefined) return;
    schedule();
    if (next.type === 'close') close();
    emit(next.type, next.value);
  };
  const schedule = (): void => {
    if (isScheduled || waiting.length === 0) return;
    isScheduled = true;
    clock.turn(deliver);
  };

  return {
    on(type: string, listener: (value: unknown) => void): void {
      const some = listeners.get(type) ?? new Set();
      listeners.set(type, some.add(listener));
    },
    off(type: string, listener: (value: unknown) => void): void {
      listeners.get(type)?.delete(listener);
    },
    get isClosed() {
      return isClosed;
    },
    /** Something comes from the other end. */
    push(type: 'message' | 'close', value?: unknown): void {
      if (isClosed) return;
      waiting.push({ type, value });
      schedule();
    },
    resume: schedule,
    close,
  };
}

/** Connects two programs as threads of one process are: nothing of the network between hosts concerns it. */
export function createThreadChannel(context: ThreadChannelContext): ThreadChannel {
  const closed = (): void => { if (left.isClosed && right.isClosed) context.onClosed(); };
  const [leftHost, rightHost] = context.hosts;
  const left = createEnd(context, leftHost, closed);
  const right = createEnd(context, rightHost, closed);

  const portOf = (own: typeof left, other: typeof left): ThreadPort => ({
    postMessage(message, transfer = []) {
      // also where nobody hears it: what can't be cloned throws, and what is transferred is gone
      const clone: unknown = structuredClone(message, { transfer });
      if (!own.isClosed) other.push('message', clone);
    },
    on: own.on,
    off: own.off,
    close() {
      if (own.isClosed) return;
      own.close();
      other.push('close');
    },
  });
  const ports = [portOf(left, right), portOf(right, left)] as const;

  return {
    ports,
    resume() {
      left.resume();
      right.resume();
    },
    crash(host) {
      for (const [i, name] of context.hosts.entries()) if (name === host) ports[i]?.close();
    },
  };
}
