import type { Limits } from '../env/limits.js';

/** Limits of one link: of what waits to be sent, and of what comes. */
export interface LinkLimits {
  readonly sent: Limits;
  readonly accepted: Limits;
  /** Octets of what comes that are taken in one turn; default: all that is there. */
  readonly atOnce?: number;
}

/** What a guest says in so many octets, as short messages, takes less than a millisecond. */
const AT_ONCE = 8 * 1024;

/** All links of a gate have the same ones: a copy for each would be a twentieth of what a guest takes. */
function once(make: (limits: Limits) => LinkLimits): (limits: Limits) => LinkLimits {
  const made = new WeakMap<Limits, LinkLimits>();
  return (limits) => {
    const known = made.get(limits) ?? make(limits);
    made.set(limits, known);
    return known;
  };
}

/** A gate gives less memory to each of its guests. */
export const forGuests = once((limits) => {
  const { sent } = onBehalf(limits);
  const messageSize = Math.min(limits.messageSize, limits.guestMessageSize);
  const messageItems = Math.min(limits.messageItems, limits.guestMessageItems);
  return { sent, accepted: { ...sent, messageSize, messageItems }, atOnce: AT_ONCE };
});

/** The same for a connection with another node that is made for a guest: that node may say more. */
export const onBehalf = once((limits) => {
  const queueSize = Math.min(limits.queueSize, limits.guestQueueSize);
  return { sent: { ...limits, queueSize, highWaterMark: Math.min(limits.highWaterMark, limits.guestWindow) }, accepted: limits };
});
