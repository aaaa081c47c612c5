import type { ObservableNotification } from 'rxjs';

/** A notification of a diagram and the frame, in ms, at which it comes. */
export interface MarbleEvent<T> {
  readonly frame: number;
  readonly notification: ObservableNotification<T>;
}

/** When to subscribe and when to unsubscribe, in ms; `Infinity` where the diagram does not say. */
export interface SubscriptionTimes {
  readonly subscribed: number;
  readonly unsubscribed: number;
}

/** What the marks of a diagram stand for. */
export type MarbleValues<T> = Readonly<Record<string, T>>;

const MS = { ms: 1, s: 1000, m: 60_000 };
const PROGRESSION = /^(\d+(?:\.\d+)?)(ms|s|m)(?= |$)/;

/**
 * Reads a marble diagram in the syntax of RxJS's run mode: each character is 1 ms; `-` nothing happens, `|` complete, `#`
 * error, `(ab|)` all in the frame of the parenthesis, ` 10ms ` time goes by, `^` where a hot observable is subscribed to,
 * which is frame 0; spaces take no time. Any other character is a value: itself, or what `values` has under it.
 *
 * Throws for an unbalanced group, for `!`, and for a mark that `values` does not have.
 */
export function parseMarbles<T = string>(
  diagram: string,
  values?: MarbleValues<T>,
  error: unknown = 'error',
): MarbleEvent<T>[] {
  const marks = readMarks(diagram);
  const zero = marks.find(({ mark }) => mark === '^')?.frame ?? 0;
  return marks
    .filter(({ mark }) => mark !== '^')
    .map(({ mark, frame }) => ({ frame: frame - zero, notification: notificationOf(mark) }));

  function notificationOf(mark: string): ObservableNotification<T> {
    if (mark === '|') return { kind: 'C' };
    if (mark === '#') return { kind: 'E', error };
    if (mark === '!') throw new Error(`"${diagram}" has a "!", which belongs into a subscription diagram only`);
    if (values !== undefined && !Object.hasOwn(values, mark)) {
      throw new Error(`"${diagram}" has a "${mark}", but values has only ${Object.keys(values).join(', ')}`);
    }
    return { kind: 'N', value: (values === undefined ? mark : values[mark]) as T };
  }
}

/** Reads a subscription diagram such as `'-^--!'`: only `^`, `!`, `-`, groups and time progression. */
export function parseSubscription(diagram: string): SubscriptionTimes {
  const marks = readMarks(diagram);
  const frameOf = (wanted: string): number => {
    const found = marks.filter(({ mark }) => mark === wanted);
    if (found.length > 1) throw new Error(`"${diagram}" has more than one "${wanted}"`);
    return found[0]?.frame ?? Infinity;
  };
  const other = marks.find(({ mark }) => mark !== '^' && mark !== '!');
  if (other) throw new Error(`"${diagram}" has a "${other.mark}": a subscription diagram has only "^" and "!"`);
  return { subscribed: frameOf('^'), unsubscribed: frameOf('!') };
}

/** The ms up to the `|` of a diagram such as `'---|'`. */
export function parseTime(diagram: string): number {
  const end = readMarks(diagram).find(({ mark }) => mark === '|');
  if (!end) throw new Error(`"${diagram}" has no "|", which says where the time ends`);
  return end.frame;
}

/** Every mark with its frame, counted from the beginning of the diagram. */
function readMarks(diagram: string): { mark: string; frame: number }[] {
  const marks: { mark: string; frame: number }[] = [];
  let group: number | undefined;
  let frame = 0;
  let afterSpace = true;
  for (let rest = diagram; rest !== ''; ) {
    const progression = afterSpace ? PROGRESSION.exec(rest) : null;
    if (progression) {
      const [text, amount, unit] = progression;
      frame += Number(amount) * MS[unit as keyof typeof MS];
      rest = rest.slice(text.length);
      continue;
    }
    const mark: string = String.fromCodePoint(rest.codePointAt(0) ?? 0);
    rest = rest.slice(mark.length);
    afterSpace = mark === ' ';
    if (afterSpace) continue;
    if (mark === '(') {
      if (group !== undefined) throw new Error(`"${diagram}" has a group inside a group`);
      group = frame;
    } else if (mark === ')') {
      if (group === undefined) throw new Error(`"${diagram}" has a ")" without "("`);
      group = undefined;
    } else if (mark !== '-') {
      marks.push({ mark, frame: group ?? frame });
    }
    frame++;
  }
  if (group !== undefined) throw new Error(`"${diagram}" has a "(" without ")"`);
  return marks;
}
