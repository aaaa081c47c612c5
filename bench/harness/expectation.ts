import { summary } from './measure.js';
import { measuredOf, number, type Outcome, type Row } from './row.js';

/** How good rxmp is beside its raw neighbour, by row: a ratio, the more the better. */
export type Expected = Readonly<Record<string, number>>;

export interface Ratio {
  readonly row: string;
  /** The median over the rounds. */
  readonly ratio: number;
  /** The median of how far a round was from that, as a share of it. */
  readonly spread: number;
}

/** This much worse than expected, plus the spread, is as good as before. */
const TOLERANCE = 0.1;

/** The ratio of a row that is checked; of each round by itself, because both met the same machine then. */
export function ratioOf({ id, better, check }: Row, outcomes: readonly Outcome[]): Ratio {
  const results = outcomes.find((outcome) => outcome.id === id)?.results;
  const [own, beside] = [measuredOf(results, 'rxmp')?.samples ?? [], measuredOf(results, check ?? '')?.samples ?? []];
  const ratios = own.map((sample, i) => (better === 'more' ? sample / (beside[i] ?? Number.NaN) : (beside[i] ?? Number.NaN) / sample));
  const ratio = summary(ratios).median;
  return { row: id, ratio, spread: summary(ratios.map((one) => Math.abs(one - ratio) / ratio)).median };
}

/** What is wrong with a ratio; undefined if nothing is. */
export function complaint({ row, ratio, spread }: Ratio, expected: Expected): string | undefined {
  const before = expected[row];
  if (before === undefined) return `${row}: nothing is expected of it; npm run bench:check -- --update notes what it is`;
  // not `<`: what is no number is not good enough
  if (ratio >= before * (1 - TOLERANCE - spread)) return undefined;
  const [much, spreads] = [1 - ratio / before, spread].map((share) => Math.round(share * 100));
  return `${row}: ${number(ratio)} × its raw neighbour, expected ${number(before)}; ${much} % worse, rounds differ by ${spreads} %`;
}
