import { type Subscription } from 'rxjs';
import type { Cancel, Clock } from '../../env/clock.js';
import type { Link } from '../../transport/link.js';

/** While the connection of a guest is being made again, others hear that it lives (G10): at once, and every so many ms. */
export function whileSuspended({ clock }: { readonly clock: Pick<Clock, 'after'> }, link: Pick<Link, 'status' | 'status$'>, period: number, vouch: () => void): Subscription {
  let cancel: Cancel | undefined;
  const again = (): void => {
    cancel = undefined;
    if (link.status.status !== 'suspended') return;
    vouch();
    cancel = clock.after(period, again);
  };
  // it tells more than once while it is suspended
  const watching = link.status$.subscribe(() => { if (cancel === undefined) again(); });
  watching.add(() => { cancel?.(); });
  return watching;
}
