import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { charts } from './charts.js';
import { command } from './harness/command.js';
import { withFigures } from './harness/markdown.js';
import type { Report } from './harness/outcome.js';
import { INSTALL, missingPackage } from './harness/peers.js';

const ROOT = new URL('../../', import.meta.url);

/** `npm run bench:chart [file]`: the figures of a JSON file of `npm run bench` as tables in docs/performance.md and as charts. */
await command(() => {
  const [file = 'bench/results.json'] = process.argv.slice(2);
  const report = JSON.parse(readFileSync(file, 'utf8')) as Report;

  const missing = missingPackage('echarts');
  if (missing !== undefined) throw new RangeError(`echarts draws the charts, and is not there: ${INSTALL}`);
  mkdirSync(new URL('docs/images/', ROOT), { recursive: true });
  const drawn = charts(report);
  for (const { name, svg } of drawn) writeFileSync(new URL(`docs/images/${name}.svg`, ROOT), svg);

  const page = new URL('docs/performance.md', ROOT);
  const images = Object.fromEntries(drawn.map(({ name, text }) => [`images/${name}.svg`, text]));
  writeFileSync(page, withFigures(readFileSync(page, 'utf8'), report, images));
});
