import type { Greeting } from '../../wire/greeting.js';
import { isGuestId } from '../../wire/guest-token.js';

/** The keys of a greeting by which a gate says for whom it speaks. */
const USER_KEY = 'guest';
const GATE_KEY = 'gate';

/** Who a guest is, as its gate says. */
export interface GuestIdentity {
  /** What the gate's function `admit` has said. */
  readonly user: string;
  /** The id of the gate. */
  readonly gate: string;
}

/** What a gate says of a guest; of others nothing. */
export const identityKeys = (identity: GuestIdentity | undefined): readonly (readonly [string, string])[] =>
  identity === undefined ? [] : [[USER_KEY, encodeURIComponent(identity.user)], [GATE_KEY, identity.gate]];

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
