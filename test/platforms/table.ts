import { readFileSync, writeFileSync } from 'node:fs';
import { CANNOT } from './cannot.js';
import { path } from './build.js';
import type { Outcomes } from './platforms.js';

/** What was seen on one platform. */
export interface Column {
  readonly name: string;
  readonly version: string;
  readonly outcomes: Outcomes;
}

const DOCUMENT = path('../../docs/platforms.md');
const [BEGIN, END] = ['<!-- what follows is written by npm run platforms -->\n', '<!-- up to here -->\n'];

const isAsExpected = ({ name, outcomes }: Column): boolean =>
  Object.entries(outcomes).every(([what, outcome]) => {
    const expected = CANNOT[name]?.[what];
    return expected === undefined ? outcome === null : outcome?.includes(expected) === true;
  });

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;

/** Writes what was seen into docs/platforms.md, unless something was not as it should be. */
export function writeTable(columns: readonly Column[]): void {
  if (!columns.every(isAsExpected)) return;
  const cases = [...new Set(columns.flatMap(({ outcomes }) => Object.keys(outcomes)))];
  const cell = (what: string, { outcomes }: Column): string => (outcomes[what] === undefined ? '–' : outcomes[what] === null ? 'yes' : '**no**');
  const said = columns.flatMap(({ name, outcomes }) =>
    Object.entries(outcomes).flatMap(([what, outcome]) => (outcome === null ? [] : [{ name, what, outcome }])),
  );
  const reasons = new Map<string, string[]>();
  for (const { name, what, outcome } of said) {
    const reason = `${what}: ${outcome}`;
    reasons.set(reason, [...(reasons.get(reason) ?? []), name]);
  }
  const table = [
    row(['', ...columns.map(({ name }) => name)]),
    row(['---', ...columns.map(() => '---')]),
    row(['version', ...columns.map(({ version }) => version)]),
    ...cases.map((what) => row([what, ...columns.map((column) => cell(what, column))])),
    `\nSeen on ${new Date().toISOString().slice(0, 10)}, on ${process.platform} ${process.arch}. What they say where they can't:\n\n`,
    ...[...reasons].map(([reason, where]) => `- ${where.join(', ')}: ${reason}\n`),
  ].join('');
  const [before = '', rest = ''] = readFileSync(DOCUMENT, 'utf8').split(BEGIN);
  writeFileSync(DOCUMENT, `${before}${BEGIN}${table}${END}${rest.split(END)[1] ?? ''}`);
}
