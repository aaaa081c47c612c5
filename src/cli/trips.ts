/** A question for the time of another node, and its answer. All in ms. */
export interface Trip {
  /** When it was asked, by the clock of this machine. */
  readonly sent: number;
  readonly took: number;
  /** The answer, by the other clock; NaN when it was none. */
  readonly time: number;
}

/** Clocks may tell whole milliseconds only. */
const RESOLUTION = 1;

/** The least, the middle and the greatest time that trips took. There has to be one. */
export function tripsLine(trips: readonly Trip[]): string {
  const times = trips.map(({ took }) => took).sort((a, b) => a - b);
  const [min = NaN] = times;
  const max = times.at(-1) ?? NaN;
  const middle = (times.length - 1) / 2;
  const median = ((times[Math.floor(middle)] ?? NaN) + (times[Math.ceil(middle)] ?? NaN)) / 2;
  const often = times.length === 1 ? 'once' : `${times.length} times`;
  return `${often}: min ${ms(min)}, median ${ms(median)}, max ${ms(max)}`;
}

/** How far the other clock is off, and how exactly that is known: the fastest trip tells most. */
export function clockLine(trips: readonly Trip[]): string {
  const [best] = [...trips].sort((a, b) => a.took - b.took);
  if (best === undefined || Number.isNaN(best.time)) return 'unknown: the answer was no time';
  const offset = best.time - (best.sent + best.took / 2);
  const error = best.took / 2 + RESOLUTION;
  if (Math.abs(offset) <= error) return `the same as here, within ${ms(error)}`;
  return `${ms(Math.abs(offset))} ${offset > 0 ? 'ahead' : 'behind'}, within ${ms(error)}`;
}

const ms = (value: number): string => `${value.toFixed(value < 10 ? 2 : 0)} ms`;
