import type { Clock } from '../env/clock.js';
import type { Link } from '../transport/link.js';

/** How many times within `monitorTimeout` a connection is looked at. */
const LOOKS = 4;

/**
 * Notices silence (S16). A connection that has said nothing for a quarter of `monitorTimeout` is asked for an echo, by a
 * request that every AnyEvent::MP node answers (`snd`, wire.md §2); one that stays silent for three looks in a row is
 * closed. So a dead, frozen or half-open peer is noticed within `monitorTimeout`, and a live one has half of it to answer.
 */
export function watchSilence(link: Link, own: string, monitorTimeout: number, clock: Clock): void {
  let seen = link.received;
  let silent = 0;
  let cancel = clock.after(monitorTimeout / LOOKS, look);
  function look(): void {
    silent = link.received === seen ? silent + 1 : 0;
    seen = link.received;
    if (silent >= LOOKS - 1) {
      link.close(`no sign of life for ${monitorTimeout} ms`);
      return;
    }
    if (silent > 0) requestEcho(link, own);
    cancel = clock.after(monitorTimeout / LOOKS, look);
  }
  link.closed$.subscribe(() => {
    cancel();
  });
}

/** Asks the other end to send something to our node port, which ignores it. */
export function requestEcho(link: Link, own: string): void {
  link.send('', ['snd', own, 'devnull']);
}
