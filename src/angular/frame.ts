import { throttleTime, type MonoTypeOperatorFunction, type SchedulerLike } from 'rxjs';

/** A frame of a screen, ms. */
const FRAME = 16;

/**
 * The first value at once, then one in each frame, the newest: nobody sees more (A8). Frames are times of the node's clock and not those that
 * the browser paints, which it stops in a page that nobody sees.
 */
export function oncePerFrame<T>(clock: SchedulerLike): MonoTypeOperatorFunction<T> {
  return throttleTime(FRAME, clock, { leading: true, trailing: true });
}
