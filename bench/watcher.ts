import { performance } from 'node:perf_hooks';
import { createNode } from 'rxmp';
import { connected, SECRET } from './one-way.js';
import type { WatchOrder, WatchReport } from './watch.js';

/** The watching process: counts the updates that it sees, from the first to the last. */
const { address, family, updates } = JSON.parse(process.argv[2] ?? '') as WatchOrder;
const report = (message: WatchReport): void => void process.send?.(message);

const node = await createNode({ seeds: [address], secret: SECRET });
await connected(node);
const asked = performance.now();
let seen = -1;
let start = 0;
node.dbMon(family).subscribe(({ add, chg }) => {
  if (seen < 0) {
    seen = 0;
    report({ kind: 'content', keys: add.length, ms: performance.now() - asked });
    return;
  }
  if (seen === 0) start = performance.now();
  seen += add.length + chg.length;
  if (seen === updates) report({ kind: 'done', perSecond: (updates / (performance.now() - start)) * 1000 });
});
process.once('disconnect', () => process.exit());
