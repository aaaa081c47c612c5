import type { Channel } from '../../channel/core/channel.js';
import type { Opening, Request } from '../../channel/core/mux.js';
import { RELAYED } from '../../channel/core/purposes.js';
import type { Env } from '../../env/env.js';
import type { Peers } from '../../kernel/core/peers.js';
import type { Chunk } from '../../transport/duplex.js';
import { isAttached, isVia } from '../../transport/address.js';
import { shown } from '../../wire/printable.js';
import type { Channels } from './channels.js';
import { createPace, type Pace } from './pace.js';

export interface RelayContext {
  readonly env: Env;
  /** False: this node passes nothing on. */
  readonly enabled: boolean;
  readonly peers: Pick<Peers, 'linkTo'>;
  readonly channels: Pick<Channels, 'to'>;
}

/** Passes connections on to nodes that this one is connected with (V6). */
export function createRelay({ env, enabled, peers, channels }: RelayContext) {
  const { limits, log } = env;
  const pace = createPace(env.clock, limits.relayRate);
  let passing = 0;

  /** Why a connection is not passed on. */
  const objection = (from: string, target: unknown): string | undefined => {
    if (!enabled) return 'it passes nothing on (relay: false)';
    if (typeof target !== 'string') return 'it was not said to whom';
    if (passing >= limits.relayChannels) return `it passes on ${passing} connections already (limits.relayChannels)`;
    const link = peers.linkTo(target);
    if (link === undefined || isVia(link.remoteAddress)) return `it is not connected with ${shown(target)} itself`;
    // relays behind relays could make rings; a node that is attached is at an end
    if (isVia(peers.linkTo(from)?.remoteAddress ?? '') && !isAttached(link.remoteAddress)) return 'it passes nothing on for nodes behind another relay';
    return undefined;
  };

  return {
    /** A node wants to be passed on. */
    requested(from: string, request: Request): void {
      const [, target] = request.what;
      const reason = objection(from, target);
      const mux = reason === undefined ? channels.to(String(target)) : undefined;
      if (mux === undefined) {
        log.debug({ node: from, target }, `${from} is not passed on: ${reason ?? 'the other node has no channels'}`);
        request.refuse(reason ?? `${shown(String(target))} has no channels`);
        return;
      }
      passing++;
      const opening: Opening = {
        opened(far) {
          log.debug({ node: from, target }, `passes ${from} on to ${String(target)}`);
          const near = request.accept();
          let open = 2;
          passOn(near, far, pace, () => {
            if (--open === 0) passing--;
          });
        },
        failed(why) {
          passing--;
          request.refuse(why);
        },
      };
      mux.open([RELAYED, from], opening);
    },
    close: pace.close,
  };
}

/** All that comes from one channel goes to the other, both ways; `finished` is called for each. */
export function passOn(near: Channel, far: Channel, pace: Pace, finished: () => void): void {
  const there = createWay(near, far, pace);
  const back = createWay(far, near, pace);
  near.read({ piece: there.piece, ended: there.ended, moved: back.moved, finished });
  far.read({ piece: back.piece, ended: back.ended, moved: there.moved, finished });
}

/** From one channel to another: credit is given for what has left, so that no more than a window waits here (V3). */
function createWay(from: Channel, to: Channel, pace: Pace) {
  /** Pieces that were written and for which no credit was given, the oldest first, and how long they are together. */
  const waiting: Chunk[] = [];
  let total = 0;
  return {
    piece(data: Chunk): void {
      pace.pass(data.length, () => {
        waiting.push(data);
        total += data.length;
        to.write(data);
      });
    },
    moved(): void {
      for (let first = waiting[0]; first !== undefined && first.length <= total - to.queued; first = waiting[0]) {
        waiting.shift();
        total -= first.length;
        from.taken(first);
      }
    },
    ended(failure?: string): void {
      if (failure === undefined) pace.pass(0, () => { to.finish(); });
      else to.abort();
    },
  };
}
