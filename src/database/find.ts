import type { Cancel, Clock } from '../env/clock.js';
import { RELAYS, WEB_LISTENERS } from './core/names.js';
import { relayAddresses, relaysOf } from './core/relays.js';
import { entriesOf, type Replica } from './core/replica.js';

export interface FinderContext {
  readonly clock: Clock;
  /** How long nodes take to regroup around another master, ms. */
  readonly regroupTime: number;
  readonly replica: Pick<Replica, 'find' | 'query' | 'source' | 'isRegrouping'>;
  isRxmp(node: string): boolean;
}

type Addresses = readonly string[] | null;

/** How often, at most, a master that is new is asked for the same node. */
const REPEATS = 4;

/**
 * Looks up where a node listens (S19). AnyEvent::MP's globals only give addresses that Perl nodes understand: they are
 * asked for the others, which they keep like any family. A new master may not know all nodes yet: it is asked again.
 */
export function createFinder({ clock, regroupTime, replica, isRxmp }: FinderContext) {
  return (node: string, found: (addresses: Addresses) => void): Cancel => {
    let cancel: Cancel = () => undefined;
    let cancelled = false;

    const ask = (): void => {
      cancel = replica.find(node, answered);
    };
    const answered = (addresses: Addresses): void => {
      if (cancelled) return;
      const { source } = replica;
      if ((addresses?.length ?? 0) > 0 || source === undefined || isRxmp(source)) {
        tell(addresses);
        return;
      }
      cancel = replica.query('g_db_family', WEB_LISTENERS, (listeners) => {
        if (cancelled) return;
        const urls = entriesOf(listeners).get(node);
        cancel = replica.query('g_db_family', RELAYS, (relays) => {
          const known = [...(Array.isArray(urls) ? urls.filter((url) => typeof url === 'string') : []), ...relayAddresses(node, relaysOf(entriesOf(relays).get(node)))];
          tell(known.length > 0 ? known : addresses);
        });
      });
    };
    const tell = (addresses: Addresses): void => {
      if (addresses === null && replica.isRegrouping) cancel = clock.after(regroupTime / REPEATS, ask);
      else found(addresses);
    };
    ask();
    return () => {
      cancelled = true;
      cancel();
    };
  };
}
