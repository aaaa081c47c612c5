import type { Contender, Measured, Result } from './measure.js';

/** One thing that is measured, with everybody who does it. */
export interface Row {
  /** Stable: `--only` and expectations name it. */
  readonly id: string;
  readonly what: string;
  readonly unit: string;
  readonly better: 'more' | 'less';
  readonly contenders: readonly Contender[];
  readonly goals: readonly Goal[];
  /** The contender with which `npm run bench:check` compares rxmp, if it does. */
  readonly check?: string;
  /** Whether `npm run bench:check` looks at the goals: of rows about what rxmp makes of itself, which have no neighbour. */
  readonly checkGoals?: boolean;
}

/** What the median of one contender has to be, by that of another one if there is one, else by itself. */
export interface Goal {
  readonly of: string;
  readonly by?: string;
  /** The row in which `by` is, if it is another one. */
  readonly row?: string;
  readonly atLeast?: number;
  readonly atMost?: number;
}

export interface Verdict {
  readonly text: string;
  /** Undefined: what it names has not been measured. */
  readonly value?: number;
  readonly met?: boolean;
}

/** A row as it goes into the JSON file. */
export interface Outcome extends Pick<Row, 'id' | 'what' | 'unit' | 'better'> {
  readonly results: readonly Result[];
  readonly verdicts: readonly Verdict[];
}

export const measuredOf = (results: readonly Result[] | undefined, id: string): Measured | undefined =>
  results?.find((result): result is Measured => result.id === id && 'median' in result);

/** Looks at the goals of a row; `others` are the rows that have been measured before it. */
export function judged(row: Row, results: readonly Result[], others: readonly Outcome[]): Outcome {
  const resultsOf = (id: string | undefined) => (id === undefined ? results : others.find((other) => other.id === id)?.results);
  const verdicts = row.goals.map((goal): Verdict => {
    const of = measuredOf(results, goal.of);
    const by = goal.by === undefined ? undefined : measuredOf(resultsOf(goal.row), goal.by);
    const text = goalText(row, goal, of?.name ?? goal.of, by?.name ?? goal.by);
    if (of === undefined || (goal.by !== undefined && by === undefined)) return { text };
    const value = by === undefined ? of.median : of.median / by.median;
    return { text, value, met: value >= (goal.atLeast ?? -Infinity) && value <= (goal.atMost ?? Infinity) };
  });
  const { id, what, unit, better } = row;
  return { id, what, unit, better, results, verdicts };
}

function goalText({ unit }: Row, { row, atLeast, atMost }: Goal, of: string, by: string | undefined): string {
  const bound = atLeast === undefined ? `at most ${number(atMost ?? Number.NaN)}` : `at least ${number(atLeast)}`;
  return by === undefined ? `${of}: ${bound} ${unit}` : `${of}: ${bound} × ${by}${row === undefined ? '' : ` of ${row}`}`;
}

/** Three digits that count, thousands apart. */
export const number = (value: number): string =>
  value >= 1000 ? Math.round(value).toLocaleString('en') : Number(value.toPrecision(3)).toString();
