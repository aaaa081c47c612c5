import type { Cancel } from '../env/clock.js';
import { WEB_LISTENERS } from './core/names.js';
import { entriesOf, type Replica } from './core/replica.js';

export interface FinderContext {
  readonly replica: Pick<Replica, 'find' | 'query' | 'source'>;
  isRxmp(node: string): boolean;
}

type Addresses = readonly string[] | null;

/**
 * Looks up where a node listens (S19). AnyEvent::MP's globals only give addresses that Perl nodes understand: they are
 * asked for the others, which they keep like any family.
 */
export function createFinder({ replica, isRxmp }: FinderContext) {
  return (node: string, found: (addresses: Addresses) => void): Cancel => {
    let cancel: Cancel = () => undefined;
    let cancelled = false;
    const answered = (addresses: Addresses): void => {
      if (cancelled) return;
      const { source } = replica;
      if ((addresses?.length ?? 0) > 0 || source === undefined || isRxmp(source)) {
        found(addresses);
        return;
      }
      cancel = replica.query('g_db_family', WEB_LISTENERS, (result) => {
        const urls = entriesOf(result).get(node);
        found(Array.isArray(urls) ? urls.filter((url) => typeof url === 'string') : addresses);
      });
    };
    const cancelFind = replica.find(node, answered);
    return () => {
      cancelled = true;
      cancelFind();
      cancel();
    };
  };
}
