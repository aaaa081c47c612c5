import { realClock } from '../../../src/env/clock.js';
import { createChannels } from '../../../src/network/relay/channels.js';
import { RUN_KEY } from '../../../src/transport/handshake.js';
import { silentLog } from '../../../src/testing/index.js';
import { twoEnds } from '../../fixtures/resumable.js';
import { LIMITS, type Opening } from './carrier.js';

export interface LinkCarrierOptions {
  readonly framing?: 'rxmp_json' | 'json' | 'cbor';
  /** The link's connection breaks after so many octets, again and again, and the link goes on over another. */
  readonly breaksAfter?: number;
}

/** Channels between two nodes that are connected: their packets are messages of a link. */
export const onLink = ({ framing = 'rxmp_json', breaksAfter = Infinity }: LinkCarrierOptions): Opening => (requested) => {
  const ends = twoEnds({ clock: realClock, framing, window: 16 * 1024, time: 60_000 });
  const [left, right] = ends.begin(breaksAfter, (side, message) => { channels[side].receive('other', message.slice(1)); });
  for (const { link } of [left, right]) (link.peer.keys as Map<string, string>).set(RUN_KEY, 'x');
  const env = { clock: realClock, limits: { ...LIMITS, nameSize: 4096 }, log: silentLog } as never;
  const of = (side: 'left' | 'right', link: typeof left.link) =>
    createChannels({ env, peers: { linkTo: () => link, isUp: () => true }, requested: (_from, request) => { requested(request, side); } });
  const channels = { left: of('left', left.link), right: of('right', right.link) };
  for (const { link } of [left, right]) {
    link.status$.subscribe(({ status }) => {
      if (status === 'suspended') realClock.turn(() => { if (link.status.status === 'suspended') ends.resume([left, right], breaksAfter); });
    });
  }
  const mux = channels.left.to('other');
  if (mux === undefined) throw new Error('the other end is no node of rxmp');
  return mux;
};
