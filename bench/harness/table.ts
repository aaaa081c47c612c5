import type { Result } from './measure.js';
import { number, type Outcome, type Verdict } from './row.js';

/** A row for people who read it in a terminal. */
export function tableOf({ id, what, unit, results, verdicts }: Outcome): string {
  const width = Math.max(...results.map(({ name }) => name.length)) + 2;
  const cells = (texts: readonly string[]): string => texts.map((text) => text.padStart(14)).join('');
  const line = (result: Result): string =>
    `  ${result.name.padEnd(width)}${'absent' in result ? result.absent : cells([result.min, result.median, result.max].map(number))}`;
  const notes = results.flatMap((result) => ('note' in result ? [`  ${result.name}: ${result.note}`] : []));
  return [
    `${id}: ${what} (${unit})`,
    `  ${''.padEnd(width)}${cells(['min', 'median', 'max'])}`,
    ...results.map(line),
    ...notes,
    ...verdicts.map((verdict) => `  goal: ${describe(verdict)}`),
    '',
  ].join('\n');
}

export function describe({ text, value, met }: Verdict): string {
  return value === undefined ? `${text}; not measured` : `${text}; ${number(value)}, ${met === true ? 'met' : 'NOT MET'}`;
}
