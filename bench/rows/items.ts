import type { Row } from '../harness/row.js';
import { solo } from '../harness/solo.js';
import type { ItemsSettings } from '../solo/items.js';

/** How many there are at 1×; at 100× it has to be possible still. */
const FEW: Readonly<Record<ItemsSettings['what'], number>> = {
  ...{ ports: 1_000, monitors: 1_000, 'monitors.streams': 1_000, receivers: 500, 'receivers.tags': 1_000, mailboxes: 1_000 },
  ...{ 'mailboxes.waiters': 1_000, calls: 500, timers: 1_000, keys: 1_000, watchers: 500, functions: 1_000, queue: 10_000 },
  ...{ assertions: 500, observers: 200, peers: 4 },
};

/** 100× as many of something cost at most so many times as much each: caches are too small for them, but no more than that. */
export const FLAT = 2;

/** What one costs where there are few, more and many of it: everything of which a node may have many. */
export function itemsRows(): readonly Row[] {
  return Object.entries(FEW).map(([what, few]): Row => {
    const of = (id: string, count: number) =>
      solo(id, count.toLocaleString('en'), 'items', { what: what as ItemsSettings['what'], count } satisfies ItemsSettings, { operations: 100 * few });
    return {
      id: `items.${what}`,
      what: `costs per item: ${what}`,
      unit: 'ns',
      better: 'less',
      contenders: [of('1x', few), of('10x', 10 * few), of('100x', 100 * few)],
      goals: [{ of: '100x', by: '1x', atMost: FLAT }],
    };
  });
}
