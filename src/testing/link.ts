import type { Clock } from '../env/clock.js';
import { duplexPair, RESET, type DuplexPair } from '../transport/pair.js';
import { createChannel, type Channel } from './channel.js';
import type { Topology } from './topology.js';

/** A connection between two hosts of a simulated network; `left` is the end that connected. */
export interface Link extends DuplexPair {
  readonly from: string;
  readonly to: string;
  /** Neither end can hear of the other any more. */
  readonly closed: boolean;
  /** It lost octets, and can't go on where the way is open again. */
  readonly torn: boolean;
  /** From now on nothing passes, and nobody is told: each end has to notice by itself. */
  forget(): void;
  /** Moves on what waited for a frozen host. */
  resume(): void;
  /**
   * The program at one end is gone. Its host tells the other end at once, or when that one writes and the host is there
   * again.
   */
  crash(host: string, silent: boolean): void;
}

/** Options of {@link createLink}. */
export interface LinkOptions {
  readonly clock: Clock;
  readonly topology: Topology;
  readonly from: string;
  readonly to: string;
  /** Where `from` connected to. */
  readonly address: string;
  isDown(host: string): boolean;
  onWrite(octets: number): void;
  onClosed(): void;
}

const RESET_BY_OTHER = 'reset by the other end';

/** The writer has ended, and nothing more is to be heard of that. */
const isOver = ({ finished, lost }: Channel): boolean => finished !== undefined || lost;

/** Connects two hosts. */
export function createLink({ clock, topology, from, to, address, ...options }: LinkOptions): Link {
  let closed = false;
  /** Hosts whose end has gone with its program. */
  const gone = new Set<string>();
  let forgotten = false;
  const close = (): void => {
    if (closed) return;
    closed = true;
    options.onClosed();
  };
  const onFinish = (): void => {
    if (gone.size > 0 || there.finished === RESET || back.finished === RESET || (isOver(there) && isOver(back))) close();
  };
  const cut = (cause: unknown, end?: 'left' | 'right'): void => {
    close();
    pair.cut(cause, end);
  };
  const channel = (start: string, end: string) =>
    createChannel({
      ...{ clock, topology, from: start, to: end, onFinish, onWrite: options.onWrite },
      onBreak: () => {
        if (gone.size === 0) cut('the connection broke in the middle of a write');
      },
      onUnheard: () => {
        if (!options.isDown(end)) tell(end);
      },
    });
  const there = channel(from, to);
  const back = channel(to, from);
  const pair = duplexPair({
    clock,
    addresses: [`memory://${from}`, address],
    leftToRight: there.carry,
    rightToLeft: back.carry,
  });
  /** The host tells the other end that there is no program any more. */
  const tell = (host: string): void => {
    (host === from ? there : back).last(() => {
      if (!closed) cut(RESET_BY_OTHER, host === from ? 'right' : 'left');
    });
  };
  return {
    ...pair,
    from,
    to,
    cut,
    resume() {
      there.resume();
      back.resume();
    },
    crash(host, silent) {
      gone.add(host);
      for (const [channel, writer, reader] of [[there, from, to], [back, to, from]] as const) {
        if (writer === host) channel.mute(silent);
        if (reader === host) channel.deafen();
      }
      if ((gone.has(from) && gone.has(to)) || isOver(there) || isOver(back)) close();
      else if (!silent) tell(host);
    },
    get closed() {
      return closed;
    },
    get torn() {
      return !forgotten && (there.torn || back.torn);
    },
    forget() {
      forgotten = true;
      there.forget();
      back.forget();
    },
  };
}
