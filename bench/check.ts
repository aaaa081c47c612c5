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
 * `npm run bench:check`: is rxmp as fast beside its raw neighbours as it was, and does an item cost no more where there are many?
 * Ratios, not rates, since machines differ. `--only` looks at some rows, `--update` notes what is now.
 */
await command(async () => {
  const { values } = parseArgs({ options: { only: { type: 'string' }, update: { type: 'boolean', default: false } } });
  const all = allRows(true, values.only?.split(','));
  const rows = all.flatMap(checked);

  const first = await ratiosOf(rows);
  if (values.update) {
    const entries = Object.entries({ ...expected, ...Object.fromEntries(first.map(({ row, ratio }) => [row, Number(ratio.toPrecision(3))])) });
    writeFileSync(file, `${JSON.stringify(Object.fromEntries(entries), undefined, 2)}\n`);
  } else {
    // a machine that was busy for a moment gets a second chance
    const doubtful = rows.filter(({ id }) => first.some((ratio) => ratio.row === id && complaint(ratio, expected) !== undefined));
    const second = await ratiosOf(doubtful);
    const complaints = second.flatMap((ratio) => complaint(ratio, expected) ?? []);
    const steep = await unmet((await unmet(all.filter(({ checkGoals }) => checkGoals))).map(({ row }) => row));
    complaints.push(...steep.map(({ row, text }) => `${row.id}: ${text}`));
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

/** Those of the rows that don't meet a goal. */
async function unmet(some: readonly Row[]): Promise<readonly { readonly row: Row; readonly text: string }[]> {
  const { rows: outcomes } = await measureRows(some, true);
  return some.flatMap((row, i) =>
    (outcomes[i]?.verdicts ?? []).flatMap(({ text, value, met }) => {
      const shown = `${text}; ${value === undefined ? 'not measured' : number(value)}`;
      process.stdout.write(`${row.id.padEnd(24)}${shown}\n`);
      return met === true ? [] : [{ row, text: shown }];
    }),
  );
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
