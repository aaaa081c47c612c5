import type { Clock } from '../env/clock.js';
import { deadline } from '../env/time.js';
import type { Link } from '../transport/link.js';
import { request } from '../wire/requests.js';

/** How many times within `monitorTimeout` a connection is looked at. */
const LOOKS = 5;
/** How many looks in a row may find nothing new; one more period may pass before the first of them. */
const SILENT_LOOKS = 3;

/**
 * Notices silence (S16). A connection without a sign of life for a fifth of `monitorTimeout` is asked for an echo, by a
 * request that every AnyEvent::MP node answers (`snd`, wire.md §2); one that stays silent for three looks in a row is
 * given up. So a dead, frozen or half-open peer is noticed well within `monitorTimeout`, and a live one has two fifths of it
 * to answer. An end that has nothing to say sends keep-alives.
 *
 * @param isCarried False while what carries the connection is suspended: then nothing can come.
 */
export function watchSilence(link: Link, own: string, monitorTimeout: number, clock: Clock, isCarried: () => boolean = () => true): void {
  const period = monitorTimeout / LOOKS;
  let seen = link.signs;
  let said = link.sent;
  let silent = 0;
  let isOver = false;
  let cancel = deadline(clock, period, look);
  function look(): void {
    // what is not read says nothing of the other end
    silent = link.isRead && isCarried() && link.signs === seen ? silent + 1 : 0;
    seen = link.signs;
    if (silent >= SILENT_LOOKS) {
      silent = 0;
      link.interrupt(`no sign of life for ${SILENT_LOOKS * period} ms`);
    } else if (link.status.status === 'up') speak();
    said = link.sent;
    // what was said may have been more than the connection takes
    if (!isOver) cancel = deadline(clock, period, look);
  }
  function speak(): void {
    if (silent > 0) requestEcho(link, own);
    // what the other end sends may be one message that takes long: it needs to hear that somebody is there
    else if (link.sent === said && !link.acknowledge()) link.send('', request.keepalive());
  }
  link.closed$.subscribe(() => {
    isOver = true;
    cancel();
  });
}

/** Asks the other end to send something to our node port, which ignores it. */
export function requestEcho(link: Link, own: string): void {
  link.send('', request.snd(own, request.devnull()));
}
