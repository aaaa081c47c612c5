import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { command } from './harness/command.js';
import { complaint, ratioOf, type Expected, type Ratio } from './harness/expectation.js';
import { measureRows } from './harness/outcome.js';
import { number, type Row } from './harness/row.js';
import { allRows } from './rows/all.js';

const file = new URL('../../bench/expected.json', import.meta.url);
const expected = JSON.parse(readFileSync(file, 'utf8')) as Expected;

/**
 * `npm run bench:check`: is rxmp as fast beside its raw neighbours as it was? Ratios, not rates, since machines differ. `--only`
 * looks at some rows, `--update` notes what is now.
 */
await command(async () => {
  const { values } = parseArgs({ options: { only: { type: 'string' }, update: { type: 'boolean', default: false } } });
  const rows = allRows(true, values.only?.split(',')).flatMap(checked);

  const first = await ratiosOf(rows);
  if (values.update) {
    const entries = Object.entries({ ...expected, ...Object.fromEntries(first.map(({ row, ratio }) => [row, Number(ratio.toPrecision(3))])) });
    writeFileSync(file, `${JSON.stringify(Object.fromEntries(entries), undefined, 2)}\n`);
  } else {
    // a machine that was busy for a moment gets a second chance
    const doubtful = rows.filter(({ id }) => first.some((ratio) => ratio.row === id && complaint(ratio, expected) !== undefined));
    const second = await ratiosOf(doubtful);
    const complaints = second.flatMap((ratio) => complaint(ratio, expected) ?? []);
    for (const text of complaints) process.stdout.write(`${text}\n`);
    if (complaints.length > 0) process.exitCode = 1;
  }
});

/** A row as it is checked: without goals and peers. None if it is not, or cannot be measured here. */
function checked(row: Row): readonly Row[] {
  if (row.check === undefined) return [];
  const contenders = row.contenders.filter(({ id }) => id === 'rxmp' || id === row.check);
  const missing = contenders.find(({ absent }) => absent !== undefined)?.absent;
  if (missing === undefined) return [{ ...row, goals: [], contenders }];
  process.stdout.write(`${row.id}: not checked: ${missing}\n`);
  return [];
}

async function ratiosOf(some: readonly Row[]): Promise<readonly Ratio[]> {
  const { rows: outcomes } = await measureRows(some, true);
  const ratios = some.map((row) => ratioOf(row, outcomes));
  for (const { row, ratio } of ratios) process.stdout.write(`${row.padEnd(16)}${number(ratio).padStart(8)}${describeBefore(row)}\n`);
  return ratios;
}

function describeBefore(row: string): string {
  const before = expected[row];
  return before === undefined ? '' : `, expected ${number(before)}`;
}
