import type { Clock } from '../env/clock.js';
import { duplexPair, RESET, type DuplexPair } from '../transport/pair.js';
import { createChannel } from './channel.js';
import type { Topology } from './topology.js';

/** A connection between two hosts of a simulated network; `left` is the end that connected. */
export interface Link extends DuplexPair {
  readonly from: string;
  readonly to: string;
  /** Neither end can hear of the other any more. */
  readonly closed: boolean;
  /** It lost octets. */
  readonly torn: boolean;
  /** Moves on what waited for a frozen host. */
  resume(): void;
}

/** Options of {@link createLink}. */
export interface LinkOptions {
  readonly clock: Clock;
  readonly topology: Topology;
  readonly from: string;
  readonly to: string;
  /** Where `from` connected to. */
  readonly address: string;
  readonly onClosed: () => void;
}

/** Connects two hosts. */
export function createLink({ clock, topology, from, to, address, onClosed }: LinkOptions): Link {
  let closed = false;
  const close = (): void => {
    if (closed) return;
    closed = true;
    onClosed();
  };
  const onFinish = (): void => {
    const ends = [there.finished, back.finished];
    if (ends.includes(RESET) || !ends.includes(undefined)) close();
  };
  const there = createChannel({ clock, topology, from, to, onFinish });
  const back = createChannel({ clock, topology, from: to, to: from, onFinish });
  const pair = duplexPair({
    clock,
    addresses: [`memory://${from}`, address],
    leftToRight: there.carry,
    rightToLeft: back.carry,
  });
  return {
    ...pair,
    from,
    to,
    cut(cause) {
      close();
      pair.cut(cause);
    },
    resume() {
      there.resume();
      back.resume();
    },
    get closed() {
      return closed;
    },
    get torn() {
      return there.torn || back.torn;
    },
  };
}
