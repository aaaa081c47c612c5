import type { Played } from './play.js';

/** What many runs came to. */
export interface Total {
  runs: number;
  actions: number;
  messages: number;
  arrived: number;
  monitors: number;
  /** Virtual ms. */
  time: number;
  /** The longest time to rest, virtual ms. */
  rest: number;
  octets: number;
  /** The seeds of those that broke a rule. */
  readonly violations: number[];
}

export function createTotal(): Total {
  return { runs: 0, actions: 0, messages: 0, arrived: 0, monitors: 0, time: 0, rest: 0, octets: 0, violations: [] };
}

export function addTo(total: Total, seed: number, { violation, ...played }: Played): void {
  total.runs++;
  for (const name of ['actions', 'messages', 'arrived', 'monitors', 'time', 'octets'] as const) total[name] += played[name];
  total.rest = Math.max(total.rest, played.rest);
  if (violation !== undefined) total.violations.push(seed);
}

const MS_PER_HOUR = 3_600_000;
const count = (value: number): string => Math.round(value).toLocaleString('en');

export function describeTotal(total: Total): string {
  return [
    `${count(total.runs)} runs, ${count(total.actions)} actions, ${(total.time / MS_PER_HOUR).toFixed(1)} virtual hours`,
    `${count(total.messages)} messages sent, ${count(total.arrived)} arrived, ${count(total.monitors)} monitors fired, ${count(total.octets)} octets written`,
    `${count(total.rest)} ms from the end of all faults to rest at most, ${count(total.violations.length)} violations`,
  ].join('\n');
}
