import { ProtocolError } from '../../wire/errors.js';
import { createChannel, type CarriedChannel, type Channel } from './channel.js';
import { SMALLEST_WINDOW, type Packet } from './packet.js';

/** The limits of `Limits` that channels keep. */
export interface ChannelLimits {
  /** Channels on one carrier, those of both ends together. */
  readonly channels: number;
  /** What one end of a channel takes before it gives credit. */
  readonly channelWindow: number;
  /** The longest piece. */
  readonly channelPiece: number;
}

/** Somebody at the other end wants a channel. It has to be answered, at once or later, once. */
export interface Request {
  /** What for, as the other end has said. */
  readonly what: readonly unknown[];
  accept(): Channel;
  /** The reason is told to the other end. */
  refuse(reason: string): void;
}

export interface Opening {
  opened(channel: Channel): void;
  /** The other end has refused, or the carrier has ended. */
  failed(reason: string): void;
}

export interface MuxContext {
  readonly limits: ChannelLimits;
  /** Sends to the other end; false: enough waits there, call `drained` when there is room. */
  send(packet: Packet): boolean;
  /** What was sent should leave: what waits for it has waited for a turn already. */
  flush(): void;
  /** Calls `task` soon, and not inside the running code. */
  soon(task: () => void): void;
  requested(request: Request): void;
}

/** All channels on one carrier, which moves packets in order (V1 to V4). */
export interface Mux {
  /** The result takes it back, until it was opened. Neither function of `opening` is called inside this call. Throws for a `what` that can't be sent. */
  open(what: readonly unknown[], opening: Opening): () => void;
  /** Throws {@link ProtocolError} for what the other end must not say; nothing is right after that. */
  receive(packet: Packet): void;
  /** The carrier takes more again. */
  drained(): void;
  /** The carrier has ended. */
  end(reason: string): void;
  /** Channels that are open, or about to be. */
  readonly size: number;
}

/** A character of text may be two of its units, and a window has to have room for some pieces. */
const SMALLEST_PIECE = 256;

/** A channel that is not open yet, or was taken back before it was. */
interface Pending {
  /** Undefined: nobody waits for it. */
  opening: Opening | undefined;
}

const full = ({ channels }: ChannelLimits): string => `there are ${channels} channels already (limits.channels)`;

export function createMux({ limits, send, flush, soon, requested }: MuxContext): Mux {
  const window = Math.max(limits.channelWindow, SMALLEST_WINDOW);
  const channels = new Map<number, CarriedChannel>();
  const pending = new Map<number, Pending>();
  /** Numbers of channels that the other end wants, until they are answered. */
  const asked = new Set<number>();
  let last = 0;
  let isFull = false;
  let isEnded = false;
  let isScheduled = false;
  /** Those that have a piece to send take turns. */
  const ready = new Set<CarriedChannel>();

  const say = (packet: Packet): void => {
    if (!send(packet)) isFull = true;
  };

  /** A piece of each, again and again, until the carrier has enough; who had none then is the first next time. */
  const pump = (): void => {
    isScheduled = false;
    while (ready.size > 0 && !isFull) {
      const round = [...ready];
      ready.clear();
      let served = 0;
      const again: CarriedChannel[] = [];
      for (; served < round.length && !isFull; served++) {
        const channel = round[served];
        if (channel?.next() === true) again.push(channel);
      }
      for (const channel of [...round.slice(served), ...again]) ready.add(channel);
    }
    flush();
  };

  const schedule = (): void => {
    if (isScheduled || isFull) return;
    isScheduled = true;
    soon(pump);
  };

  const create = (id: number, credit: number): CarriedChannel => {
    const channel = createChannel({
      id,
      credit,
      window,
      pieceSize: Math.max(limits.channelPiece, SMALLEST_PIECE),
      send: say,
      ready() {
        ready.add(channel);
        schedule();
      },
      gone() {
        channels.delete(id);
        ready.delete(channel);
      },
    });
    return channel;
  };

  const size = (): number => channels.size + pending.size + asked.size;

  const takeRequest = (id: number, credit: number, what: readonly unknown[]): void => {
    // as this end names it
    const own = -id;
    if (channels.has(own) || asked.has(own)) throw new ProtocolError(`the channel ${id} is opened twice`);
    if (size() >= limits.channels) {
      say({ kind: 'refuse', id: own, reason: full(limits) });
      return;
    }
    asked.add(own);
    const answer = (): boolean => asked.delete(own);
    requested({
      what,
      accept() {
        const channel = create(own, credit);
        if (answer()) {
          channels.set(own, channel);
          say({ kind: 'accept', id: own, window });
        } else channel.lost('the other end has left');
        return channel;
      },
      refuse(reason) {
        if (answer()) say({ kind: 'refuse', id: own, reason });
      },
    });
  };

  const takeAnswer = (id: number, take: (opening: Opening | undefined) => void): void => {
    const waiting = pending.get(id);
    if (waiting === undefined) throw new ProtocolError(`the channel ${-id} is answered, and was not asked for`);
    pending.delete(id);
    take(waiting.opening);
  };

  return {
    get size() {
      return size();
    },
    open(what, opening) {
      const wanted: Pending = { opening };
      if (size() >= limits.channels) {
        soon(() => wanted.opening?.failed(full(limits)));
        return () => { wanted.opening = undefined; };
      }
      const id = ++last;
      say({ kind: 'open', id, window, what });
      pending.set(id, wanted);
      return () => { wanted.opening = undefined; };
    },
    receive(packet) {
      if (isEnded) return;
      if (packet.kind === 'open') {
        takeRequest(packet.id, packet.window, packet.what);
        return;
      }
      // what the other end calls its own is not ours
      const id = -packet.id;
      const channel = channels.get(id);
      if (packet.kind === 'accept') {
        takeAnswer(id, (opening) => {
          const opened = create(id, packet.window);
          channels.set(id, opened);
          if (opening === undefined) opened.abort();
          else opening.opened(opened);
        });
      } else if (packet.kind === 'refuse') {
        takeAnswer(id, (opening) => opening?.failed(packet.reason));
      } else if (channel !== undefined) {
        channel.receive(packet);
      } else if (packet.kind !== 'abort') {
        // the carrier has lost its beginning, or its end
        say({ kind: 'abort', id });
      }
    },
    drained() {
      isFull = false;
      if (ready.size > 0) schedule();
    },
    end(reason) {
      isEnded = true;
      const open = [...channels.values()];
      const waiting = [...pending.values()];
      channels.clear();
      pending.clear();
      asked.clear();
      ready.clear();
      for (const channel of open) channel.lost(reason);
      for (const { opening } of waiting) opening?.failed(reason);
    },
  };
}
