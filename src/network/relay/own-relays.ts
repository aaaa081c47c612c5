import type { Env } from '../../env/env.js';
import type { Link } from '../../transport/link.js';
import { isRxmp } from './channels.js';
import { isVia } from '../../transport/address.js';

/** More than these are not told: each is a way to this node. */
const MOST = 4;

/** Through which nodes this one can be reached: those that it has connected with itself, so they listen (V5). */
export function createRelays({ clock }: Pick<Env, 'clock'>, changed: (nodes: readonly string[]) => void) {
  const links = new Set<Link>();
  let told = '';
  let scheduled = false;

  const tell = (): void => {
    scheduled = false;
    const nodes = [...new Set(Array.from(links, ({ node }) => node))].slice(0, MOST);
    if (nodes.join() === told) return;
    told = nodes.join();
    changed(nodes);
  };

  const schedule = (): void => {
    if (scheduled) return;
    scheduled = true;
    clock.turn(tell);
  };

  return {
    linked(link: Link): void {
      if (!link.initiator || isVia(link.remoteAddress) || !isRxmp(link)) return;
      links.add(link);
      // at once: who hears of a port of this node has to know the way to it
      tell();
      link.closed$.subscribe(() => {
        links.delete(link);
        schedule();
      });
    },
  };
}
