import type { Clock } from '../env/clock.js';
import { END, RESET, type Carry, type Parcel } from '../transport/pair.js';
import type { Topology } from './topology.js';

/** One direction of a simulated connection. */
export interface Channel {
  readonly carry: Carry;
  /** Moves on what waited for a frozen host. */
  resume(): void;
  /** Something vanished on the way: what comes later would come after a hole. */
  readonly torn: boolean;
  /** How the writer's end has arrived at the reader. */
  readonly finished: typeof END | typeof RESET | undefined;
}

/** Options of {@link createChannel}. */
export interface ChannelOptions {
  readonly clock: Clock;
  readonly topology: Topology;
  readonly from: string;
  readonly to: string;
  /** Called when `finished` is set. */
  readonly onFinish: () => void;
}

/** A channel keeps the order of its parcels, however the latency changes. */
export function createChannel({ clock, topology, from, to, onFinish }: ChannelOptions): Channel {
  /** Written by a frozen host. */
  const unsent: (() => void)[] = [];
  const underWay: (() => void)[] = [];
  /** Arrived at a frozen host. */
  const unread: (() => void)[] = [];
  let lastArrival = 0;
  let torn = false;
  let finished: Channel['finished'];

  const work = (queue: (() => void)[], host: string): void => {
    while (!topology.isFrozen(host)) {
      const next = queue.shift();
      if (next === undefined) return;
      next();
    }
  };
  /** Whether the way still is passable for a whole stream. */
  const passable = (): boolean => {
    torn ||= topology.isSilent(from, to);
    return !torn;
  };
  const hand = (parcel: Parcel, deliver: (parcel: Parcel) => void): void => {
    deliver(parcel);
    if (parcel !== END && parcel !== RESET) return;
    finished = parcel;
    onFinish();
  };
  const send = (parcel: Parcel, deliver: (parcel: Parcel) => void): void => {
    if (!passable()) return;
    underWay.push(() => {
      hand(parcel, deliver);
    });
    lastArrival = Math.max(lastArrival, clock.now() + topology.latency(from, to));
    clock.after(lastArrival - clock.now(), () => {
      // the oldest, not this one: a real clock may swap timers of nearly the same time
      const oldest = underWay.shift();
      if (!passable() || oldest === undefined) return;
      unread.push(oldest);
      work(unread, to);
    });
  };

  return {
    carry(parcel, deliver) {
      unsent.push(() => {
        send(parcel, deliver);
      });
      work(unsent, from);
    },
    resume() {
      work(unsent, from);
      work(unread, to);
    },
    get torn() {
      return torn;
    },
    get finished() {
      return finished;
    },
  };
}
