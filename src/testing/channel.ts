import type { Cancel, Clock } from '../env/clock.js';
import { END, RESET, type Carry, type Parcel } from '../transport/pair.js';
import { corrupted, firstPart } from './damage.js';
import type { Topology } from './topology.js';

/** One direction of a simulated connection. */
export interface Channel {
  readonly carry: Carry;
  /** Runs a task over there when all that was written before has arrived. */
  last(task: () => void): void;
  /** The writer is gone: nothing more is written. With its host, also what has not left yet is gone. */
  mute(withHost: boolean): void;
  /** The reader is gone: what arrives is not read, but noticed. */
  deafen(): void;
  /** From now on nothing arrives, and what is written is gone: the way has forgotten this connection. */
  forget(): void;
  /** Moves on what waited for a frozen host, or a faster way. */
  resume(): void;
  /** Something vanished on the way: what comes later would come after a hole. */
  readonly torn: boolean;
  /** How the writer's end has arrived at the reader. */
  readonly finished: typeof END | typeof RESET | undefined;
  /** The writer has ended, and the reader will not hear of it: the connection is forgotten. */
  readonly lost: boolean;
}

/** Options of {@link createChannel}. */
export interface ChannelOptions {
  readonly clock: Clock;
  readonly topology: Topology;
  readonly from: string;
  readonly to: string;
  /** Something leaves. */
  readonly onWrite: (octets: number) => void;
  /** Called when `finished` or `lost` is set. */
  readonly onFinish: () => void;
  /** The connection breaks here, in the middle of a write. */
  readonly onBreak: () => void;
  /** Something has come for a reader that is gone. */
  readonly onUnheard: () => void;
}

/** A channel keeps the order of its parcels, however the latency changes. */
export function createChannel({ clock, topology, from, to, ...events }: ChannelOptions): Channel {
  /** Written by a frozen host. */
  const unsent: (() => void)[] = [];
  const underWay: (() => void)[] = [];
  /** Arrived at a frozen host. */
  const unread: (() => void)[] = [];
  /** Waits for its turn on a slow way. */
  const pipe: { readonly octets: number; readonly arrive: () => void }[] = [];
  /** While the first of the pipe passes. */
  let passing: Cancel | undefined;
  let lastArrival = 0;
  let torn = false;
  let muted = false;
  let deaf = false;
  let forgotten = false;
  let ended = false;
  let lost = false;
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
    if (deaf) events.onUnheard();
    else deliver(parcel);
    if (parcel !== END && parcel !== RESET) return;
    finished = parcel;
    events.onFinish();
  };
  /** The end is lost on the way; not before what has arrived is read. */
  const lose = (): void => {
    unread.push(() => {
      if (finished !== undefined) return;
      lost = true;
      events.onFinish();
    });
    work(unread, to);
  };
  const send = (octets: number, arrive: () => void): void => {
    if (!passable()) return;
    pipe.push({ octets, arrive });
    if (passing === undefined) pass();
  };
  /** Octets pass one after the other, as fast as the way allows now. */
  const pass = (): void => {
    passing = undefined;
    for (let first = pipe[0]; first !== undefined; first = pipe[0]) {
      const rate = topology.rate(from, to);
      const takes = rate === Infinity ? 0 : first.octets / rate;
      if (takes > 0) {
        passing = clock.after(takes, () => {
          depart(pipe.shift()?.arrive);
          pass();
        });
        return;
      }
      pipe.shift();
      depart(first.arrive);
    }
  };
  const depart = (arrive: (() => void) | undefined): void => {
    if (arrive === undefined || !passable()) return;
    underWay.push(arrive);
    lastArrival = Math.max(lastArrival, clock.monotonic() + topology.latency(from, to));
    clock.after(lastArrival - clock.monotonic(), () => {
      // the oldest, not this one: a real clock may swap timers of nearly the same time
      const oldest = underWay.shift();
      if (!passable() || oldest === undefined) return;
      unread.push(oldest);
      work(unread, to);
    });
  };
  const write = (parcel: Parcel, deliver: (parcel: Parcel) => void): void => {
    if (parcel === END || parcel === RESET) {
      ended = true;
      if (forgotten) lose();
      else send(0, () => { hand(parcel, deliver); });
      return;
    }
    events.onWrite(parcel.length);
    const damage = topology.takeDamage(from, to);
    const chunk = damage === 'corrupt' ? corrupted(parcel, topology.chance) : damage === 'tear' ? firstPart(parcel, topology.chance) : parcel;
    send(chunk.length, () => { hand(chunk, deliver); });
    if (damage === 'tear') send(0, events.onBreak);
  };

  return {
    carry(parcel, deliver) {
      if (muted) return;
      unsent.push(() => { write(parcel, deliver); });
      work(unsent, from);
    },
    last(task) {
      send(0, task);
    },
    mute(withHost) {
      muted = true;
      unsent.length = 0;
      if (!withHost) return;
      passing?.();
      pipe.length = 0;
    },
    deafen() {
      deaf = true;
    },
    forget() {
      torn = forgotten = true;
      if (ended) lose();
    },
    resume() {
      passing?.();
      pass();
      work(unsent, from);
      work(unread, to);
    },
    get torn() {
      return torn;
    },
    get finished() {
      return finished;
    },
    get lost() {
      return lost;
    },
  };
}
