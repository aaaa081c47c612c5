import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { command } from './harness/command.js';
import { measureRows } from './harness/outcome.js';
import { INSTALL, missingPackage } from './harness/peers.js';
import { tableOf } from './harness/table.js';
import { allRows } from './rows/all.js';

/**
 * `npm run bench`: rxmp beside its peers, and beside the bare loops that bound it. `--quick` takes about a minute, `--only
 * oneway,cal.64` some rows only; `--json` writes JSON instead of a table, `--json file` into a file, beside the table.
 */
await command(async () => {
  const { values, positionals } = parseArgs({
    options: { quick: { type: 'boolean', default: false }, only: { type: 'string' }, json: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const [file] = positionals;
  if (positionals.length > 1 || (file !== undefined && !values.json)) {
    throw new RangeError(`${positionals.join(' ')}: only --json takes a name, that of a file`);
  }
  if (missingPackage('moleculer') !== undefined) process.stderr.write(`Peers are not installed: ${INSTALL}\n`);

  const report = await measureRows(allRows(values.quick, values.only?.split(',')), values.quick);
  const json = `${JSON.stringify(report, undefined, 2)}\n`;
  if (file !== undefined) writeFileSync(file, json);
  process.stdout.write(values.json && file === undefined ? json : `${report.machine}\n\n${report.rows.map(tableOf).join('\n')}`);
});
