import type { Cancel, Clock } from '../env/clock.js';
import { deadline } from '../env/time.js';

/** What a connection buffers before `write` answers false, and before it stops reading ahead; octets. */
export const HIGH_WATER_MARK = 256 * 1024;

/** How {@link destroyWhenStuck} sees a connection that is closing. */
export interface Closing {
  /** What was written and has not left yet, octets. */
  backlog(): number;
  /** The other end does not read, or is gone. May be called again. */
  destroy(): void;
}

/**
 * Destroys a closing connection whose backlog has not shrunk for `closeTime`, or, where it was told how long it may take, after
 * `within`; then it may stand still meanwhile, as long as there is something to say. Times are in ms.
 */
export function destroyWhenStuck(clock: Clock, closeTime: number, { backlog, destroy }: Closing, within?: number): Cancel {
  let cancel: Cancel;
  const watch = (before: number): void => {
    cancel = clock.after(closeTime, () => {
      const now = backlog();
      if (now < before || (within !== undefined && now > 0)) watch(now);
      else destroy();
    });
  };
  watch(backlog());
  const cancelLast = within === undefined ? undefined : deadline(clock, within, destroy);
  return () => {
    cancel();
    cancelLast?.();
  };
}
