import type { Kernel } from '../kernel/kernel.js';
import { identityIn, type GuestIdentity } from './core/identity.js';

/** Who a guest of another gate is, as that gate has said when it connected in the guest's name (G4). */
export function guestOf({ peers }: Pick<Kernel, 'peers'>, node: string): GuestIdentity | undefined {
  const link = peers.linkTo(node);
  // what a guest says of itself means nothing
  return link === undefined || link.method === 'rxmp_guest' ? undefined : identityIn(link.peer);
}
