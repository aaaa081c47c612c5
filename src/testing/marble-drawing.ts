import { inspect, isDeepStrictEqual } from 'node:util';
import type { ObservableNotification } from 'rxjs';
import type { MarbleEvent, MarbleValues } from './marble-syntax.js';

type Event = MarbleEvent<unknown>;

/** Gaps up to this long are drawn as dashes, longer ones as time progression. */
const DASHES = 20;

/**
 * Why the events differ from those expected: both drawn as diagrams, and the first difference in words. Undefined when
 * they are equal.
 */
export function difference(
  expected: readonly Event[],
  actual: readonly Event[],
  values?: MarbleValues<unknown>,
): string | undefined {
  if (isDeepStrictEqual(actual, expected)) return undefined;
  const first = expected.findIndex((event, i) => !isDeepStrictEqual(event, actual[i]));
  const index = first < 0 ? expected.length : first;
  return [
    'The stream is not as drawn:',
    `  expected  ${drawMarbles(expected, values)}`,
    `  actual    ${drawMarbles(actual, values)}`,
    `  event ${index + 1} should be ${describeEvent(expected[index])}, but is ${describeEvent(actual[index])}`,
  ].join('\n');
}

/**
 * Draws events as a marble diagram. A value shows as the mark that `values` has for it, a one-letter string as itself,
 * anything else as `?`. Where a group is wider than the time to the next event, the drawing is not to scale.
 */
export function drawMarbles(events: readonly Event[], values?: MarbleValues<unknown>): string {
  const frames = [...new Set(events.map(({ frame }) => frame))];
  let text = '';
  let drawn = 0;
  for (const frame of frames) {
    const marks = events.filter((event) => event.frame === frame).map(({ notification }) => markOf(notification, values));
    const group = marks.length > 1 ? `(${marks.join('')})` : marks.join('');
    text += gap(frame - drawn, text === '') + group;
    drawn = Math.max(drawn, frame) + (marks.length > 1 ? marks.length + 2 : 1);
  }
  return text === '' ? '(nothing)' : text;
}

function gap(ms: number, first: boolean): string {
  if (ms <= 0) return '';
  return ms <= DASHES && Number.isInteger(ms) ? '-'.repeat(ms) : `${first ? '' : ' '}${ms}ms `;
}

function markOf(notification: ObservableNotification<unknown>, values?: MarbleValues<unknown>): string {
  if (notification.kind === 'C') return '|';
  if (notification.kind === 'E') return '#';
  const { value } = notification;
  const mark = Object.entries(values ?? {}).find(([, known]) => isDeepStrictEqual(known, value))?.[0];
  return mark ?? (values === undefined && typeof value === 'string' && /^.$/su.test(value) ? value : '?');
}

function describeEvent(event: Event | undefined): string {
  if (event === undefined) return 'nothing more';
  const { frame, notification } = event;
  const show = (value: unknown): string => inspect(value, { depth: 6, breakLength: Infinity });
  if (notification.kind === 'C') return `complete at ${frame} ms`;
  if (notification.kind === 'E') return `error ${show(notification.error)} at ${frame} ms`;
  return `${show(notification.value)} at ${frame} ms`;
}
