import { RxmpError } from '../../wire/errors.js';
import type { Link } from '../../transport/link.js';
import type { Shifts } from './shifts.js';
import type { Valve } from './valve.js';

/** What one connection of a guest brings, taken little by little: others are not to wait for all that one guest has said at once (G12). */
export interface Intake {
  /** Takes a message, now or in a later turn; in order. */
  push(portName: string, message: readonly unknown[]): void;
  /** Nothing more is taken for now, or it goes on. */
  wait(is: boolean): void;
  /** Takes all that is left: the connection has ended. */
  finish(): void;
}

export interface IntakeContext {
  readonly shifts: Shifts;
  readonly link: Pick<Link, 'close'>;
  /** Reads the connection. */
  readonly valve: Valve;
  /** Runs what takes messages. */
  run(task: () => void): void;
  take(portName: string, message: readonly unknown[]): void;
}

/** So many messages are taken in one turn: less than a millisecond's work. */
const SLICE = 8;
/** Why the connection is not read. */
const BACKLOG = 'backlog';

export function createIntake({ shifts, link, valve, run, take }: IntakeContext): Intake {
  let waiting: (readonly [portName: string, message: readonly unknown[]])[] = [];
  /** How many of them were taken. */
  let head = 0;
  /** How many messages were taken in this turn. */
  let count = 0;
  let isHeld = false;
  let isScheduled = false;

  const schedule = (): void => {
    if (isScheduled) return;
    isScheduled = true;
    shifts.next(slice);
  };

  const takeSome = (most: number): void => {
    try {
      while (head < waiting.length && count < most && (!isHeld || most === Infinity)) {
        const [portName, message] = waiting[head++] as (typeof waiting)[number];
        count++;
        take(portName, message);
      }
    } catch (error) {
      // as where it is read: what the other end does wrong ends the connection
      if (!(error instanceof RxmpError)) throw error;
      head = waiting.length;
      link.close(error.message);
    }
    if (head < waiting.length) return;
    waiting = [];
    head = 0;
    valve.release(BACKLOG);
  };

  const slice = (): void => {
    isScheduled = false;
    count = 0;
    if (waiting.length > 0 && !isHeld) run(() => { takeSome(SLICE); });
    if (count > 0) schedule();
  };

  return {
    push(portName, message) {
      schedule();
      if (waiting.length === 0 && !isHeld && count < SLICE) {
        count++;
        take(portName, message);
        return;
      }
      waiting.push([portName, message]);
      valve.hold(BACKLOG);
    },
    wait(is) {
      isHeld = is;
      if (!is && waiting.length > 0) schedule();
    },
    finish() {
      if (waiting.length > 0) takeSome(Infinity);
    },
  };
}
