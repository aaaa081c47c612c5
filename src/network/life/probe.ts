import { Subscription } from 'rxjs';
import type { Clock } from '../../env/clock.js';
import { deadline } from '../../env/time.js';
import type { Link } from '../../transport/link.js';
import { requestEcho } from '../keepalive.js';

/** A connection has to answer within this time, ms: a page that wakes up is to know within a second (A3). */
export const PROBE_TIME = 800;
/** How often it is looked within that time whether it has. */
const LOOKS = 4;
/** At this look those that have not answered are asked again. */
const AGAIN = 2;

export interface ProbeEvents {
  /** It has answered. */
  lives(link: Link): void;
  /** It has not. */
  silent(link: Link): void;
}

/** Asks connections for a sign of life, until the result is unsubscribed. What is not read can't answer, and is left alone. */
export function probe(links: readonly Link[], own: string, clock: Clock, events: ProbeEvents): Subscription {
  const asked = new Map(links.map((link) => [link, link.signs] as const));
  const waiting = new Subscription();
  let looks = 0;

  const ask = (): void => {
    for (const link of asked.keys()) {
      requestEcho(link, own);
      link.flush();
    }
  };
  const wait = (): void => { waiting.add(deadline(clock, PROBE_TIME / LOOKS, look)); };
  const look = (): void => {
    for (const [link, signs] of [...asked]) {
      const isOver = link.status.status !== 'up' || !link.isRead;
      if (!isOver && link.signs === signs) continue;
      asked.delete(link);
      if (!isOver) events.lives(link);
    }
    if (++looks === AGAIN) ask();
    if (looks < LOOKS) {
      if (asked.size > 0) wait();
    } else for (const link of asked.keys()) events.silent(link);
  };

  ask();
  wait();
  return waiting;
}
