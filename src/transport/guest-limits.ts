import type { Limits } from '../env/limits.js';

/** Limits of one link: of what waits to be sent, and of what comes. */
export interface LinkLimits {
  readonly sent: Limits;
  readonly accepted: Limits;
}

/** A gate gives less memory to each of its guests. */
export function forGuests(limits: Limits): LinkLimits {
  const { sent } = onBehalf(limits);
  return { sent, accepted: { ...sent, messageSize: Math.min(limits.messageSize, limits.guestMessageSize) } };
}

/** The same for a connection with another node that is made for a guest: that node may say more. */
export function onBehalf(limits: Limits): LinkLimits {
  const queueSize = Math.min(limits.queueSize, limits.guestQueueSize);
  return { sent: { ...limits, queueSize, highWaterMark: Math.min(limits.highWaterMark, limits.guestWindow) }, accepted: limits };
}
