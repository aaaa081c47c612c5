/** The process of the visitors: one after the other, over TCP and WebSocket in turn, until its parent goes. */
import { noCounts, type Counts } from './counts.js';
import { takeSample } from './sample.js';
import type { Sample } from './flat.js';
import { visit } from './visit.js';

/** What the process tells now and then. */
export interface Report {
  readonly counts: Counts;
  readonly sample: Sample;
}

/** How often it does, ms. */
const INTERVAL = 1_000;

const addresses = process.argv.slice(2);
const counts = noCounts();
let told = performance.now();
process.once('disconnect', () => process.exit());

for (let i = 0; ; i++) {
  await visit(addresses[i % addresses.length] ?? '', counts);
  if (performance.now() - told < INTERVAL) continue;
  process.send?.({ counts, sample: await takeSample() } satisfies Report);
  told = performance.now();
}
