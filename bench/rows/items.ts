import type { Row } from '../harness/row.js';
import { solo } from '../harness/solo.js';
import type { ItemsSettings } from '../solo/items.js';

/** How many there are in all; at 100× one owner has them, at 1× a hundred have a hundredth each. */
const ALL: Readonly<Record<ItemsSettings['what'], number>> = {
  ...{ ports: 100_000, monitors: 100_000, 'monitors.streams': 100_000, receivers: 100_000, 'receivers.tags': 100_000 },
  ...{ mailboxes: 100_000, 'mailboxes.waiters': 100_000, calls: 50_000, timers: 100_000, keys: 100_000, watchers: 50_000 },
  ...{ functions: 100_000, queue: 1_000_000, assertions: 50_000, observers: 20_000, interests: 20_000, links: 5_000, peers: 400 },
};

/** So many times as much an item may cost whose owner has 100× as many. */
export const FLAT = 2;

/** What one item costs whose owner has few, more and many: everything of which a node may have many. */
export function itemsRows(): readonly Row[] {
  return Object.entries(ALL).map(([what, all]): Row => {
    const of = (id: string, owners: number) =>
      solo(id, `${(all / owners).toLocaleString('en')} each`, 'items', { what: what as ItemsSettings['what'], count: all / owners, owners } satisfies ItemsSettings, { operations: all });
    return {
      id: `items.${what}`,
      what: `costs per item: ${what}`,
      unit: 'ns',
      better: 'less',
      contenders: [of('1x', 100), of('10x', 10), of('100x', 1)],
      goals: [{ of: '100x', by: '1x', atMost: FLAT }],
      checkGoals: true,
    };
  });
}
