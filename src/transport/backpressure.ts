import type { Cancel, Clock } from '../env/clock.js';

/** What a connection buffers before `write` answers false, and before it stops reading ahead; octets. */
export const HIGH_WATER_MARK = 256 * 1024;

/** Destroys a closing connection whose backlog has not shrunk for `ms`: the other end does not read, or is gone. */
export function destroyWhenStuck(clock: Clock, ms: number, backlog: () => number, destroy: () => void): Cancel {
  let cancel: Cancel;
  const watch = (before: number): void => {
    cancel = clock.after(ms, () => {
      const now = backlog();
      if (now < before) watch(now);
      else destroy();
    });
  };
  watch(backlog());
  return () => {
    cancel();
  };
}
