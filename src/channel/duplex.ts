import { Subject } from 'rxjs';
import type { Cancel, Clock } from '../env/clock.js';
import { destroyWhenStuck, HIGH_WATER_MARK } from '../transport/backpressure.js';
import type { Duplex } from '../transport/duplex.js';
import { connectionFailure } from '../transport/failure.js';
import { createInbox } from '../transport/inbox.js';
import type { Channel } from './core/channel.js';

export interface ChannelDuplexOptions {
  readonly clock: Clock;
  readonly remoteAddress: string;
  /** How long a closed channel may make no progress before it is broken off, in ms. */
  readonly closeTime: number;
}

/** A channel that is open, as a connection. */
export function channelDuplex(channel: Channel, { clock, remoteAddress, closeTime }: ChannelDuplexOptions): Duplex {
  const drained$ = new Subject<void>();
  const gone$ = new Subject<never>();
  let isOpen = true;
  let pressed = false;
  let stopWatch: Cancel = () => undefined;

  const inbox = createInbox({
    taken: (chunk) => { channel.taken(chunk); },
    ended: () => { duplex.close(); },
  });
  const shut = (): void => {
    isOpen = false;
    drained$.complete();
  };
  const watch = (within?: number): void => {
    stopWatch();
    stopWatch = destroyWhenStuck(clock, closeTime, { backlog: () => channel.queued, destroy: () => { channel.abort(); } }, within);
  };

  channel.read({
    piece: (data) => { inbox.push(data); },
    moved() {
      if (!pressed || channel.queued > HIGH_WATER_MARK / 2) return;
      pressed = false;
      drained$.next();
    },
    ended(failure) {
      if (failure !== undefined) shut();
      inbox.end(failure === undefined ? undefined : connectionFailure(remoteAddress, failure));
    },
    finished() {
      stopWatch();
      shut();
      gone$.complete();
    },
  });

  const duplex: Duplex = {
    incoming$: inbox.incoming$,
    drained$: drained$.asObservable(),
    gone$: gone$.asObservable(),
    remoteAddress,
    get unsent() {
      return channel.queued;
    },
    write(chunk) {
      if (!isOpen) return true;
      channel.write(chunk);
      pressed ||= channel.queued > HIGH_WATER_MARK;
      return !pressed;
    },
    close(error, within) {
      if (!isOpen) {
        if (error === undefined && within !== undefined && !gone$.closed) watch(within);
        return;
      }
      shut();
      if (error === undefined) {
        watch(within);
        channel.finish();
      } else channel.abort();
      inbox.abort();
    },
  };
  return duplex;
}
