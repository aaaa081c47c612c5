import type { Greeting } from '../../wire/greeting.js';
import { isGuestId } from '../../wire/guest-token.js';

/** The keys of a greeting by which a gate says for whom it speaks. */
export const USER_KEY = 'guest';
export const GATE_KEY = 'gate';

/** Who a guest is, as its gate says. */
export interface GuestIdentity {
  /** What the gate's function `admit` has said. */
  readonly user: string;
  /** The id of the gate. */
  readonly gate: string;
}

/** Who the other end of a connection is, if it is a guest: a gate has proved itself in its name. */
export function identityIn({ node, keys }: Greeting): GuestIdentity | undefined {
  const user = keys.get(USER_KEY);
  const gate = keys.get(GATE_KEY);
  if (!isGuestId(node) || user === undefined || gate === undefined) return undefined;
  try {
    return { user: decodeURIComponent(user), gate };
  } catch {
    return undefined;
  }
}
