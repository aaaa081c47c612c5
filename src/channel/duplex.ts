import { map, Subject } from 'rxjs';
import type { Cancel, Clock } from '../env/clock.js';
import { destroyWhenStuck, HIGH_WATER_MARK } from '../transport/backpressure.js';
import type { Chunk, Duplex } from '../transport/duplex.js';
import { connectionFailure } from '../transport/failure.js';
import { createInbox } from '../transport/inbox.js';
import { ProtocolError } from '../wire/errors.js';
import { isValues, type Framing, type Values } from '../wire/message.js';
import type { Channel } from './core/channel.js';
import type { Piece } from './core/packet.js';

export interface ChannelDuplexOptions {
  readonly clock: Clock;
  readonly remoteAddress: string;
  /** How long a closed channel may make no progress before it is broken off, in ms. */
  readonly closeTime: number;
  /** The carrier moves values as well, with this framing, and nobody outside the two nodes sees any of it. */
  readonly values?: Framing<Values>;
  /** As in {@link Duplex}. */
  readonly secure?: boolean;
  readonly origin?: string | undefined;
  readonly endsNode?: boolean;
}

/** A channel that is open, as a connection. */
export function channelDuplex(channel: Channel, { clock, remoteAddress, closeTime, values, secure = values !== undefined, origin, endsNode = false }: ChannelDuplexOptions): Duplex {
  const drained$ = new Subject<void>();
  const gone$ = new Subject<never>();
  let isOpen = true;
  let pressed = false;
  let stopWatch: Cancel = () => undefined;

  const inbox = createInbox<Piece>({
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

  const write = (piece: Piece): boolean => {
    if (!isOpen) return true;
    channel.write(piece);
    pressed ||= channel.queued > HIGH_WATER_MARK;
    return !pressed;
  };

  const duplex: Duplex = {
    incoming$: inbox.incoming$.pipe(map(chunkOf)),
    ...{ secure, origin, endsNode },
    ...(values !== undefined && { values: { framing: values, incoming$: inbox.incoming$.pipe(map(valuesOf)), write } }),
    drained$: drained$.asObservable(),
    gone$: gone$.asObservable(),
    remoteAddress,
    get unsent() {
      return channel.queued;
    },
    write,
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

/** Throws {@link ProtocolError} for values where somebody reads text and octets. */
function chunkOf(piece: Piece): Chunk {
  if (isValues(piece)) throw new ProtocolError('values came where text is expected');
  return piece;
}

/** Throws {@link ProtocolError} for text and octets where somebody reads values. */
function valuesOf(piece: Piece): Values {
  if (!isValues(piece)) throw new ProtocolError('text came where values are expected');
  return piece;
}
