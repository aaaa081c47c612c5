import { Observable, Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { afterwards } from '../../../src/env/afterwards.js';
import { userLog } from '../../../src/env/user-log.js';
import { VirtualClock } from '../../../src/testing/virtual-clock.js';

/** What a subscriber of `source$` gets. */
function told(source$: Observable<number>) {
  const clock = new VirtualClock();
  const got: string[] = [];
  const subscription = source$.pipe(afterwards(clock)).subscribe({
    next: (value) => got.push(String(value)),
    error: (error: unknown) => got.push(`failed: ${String(error)}`),
    complete: () => got.push('over'),
  });
  return { clock, got, subscription };
}

describe('what is told afterwards', () => {
  it('is told at once when it is there already', () => {
    const { got, clock } = told(new Observable((subscriber) => {
      subscriber.next(1);
      subscriber.next(2);
      subscriber.complete();
    }));
    expect([got, clock.pending]).toEqual([['1', '2', 'over'], 0]);
  });

  it.each(['over', 'failed'])('comes after the running code later on, in its order, with its end: %s', (end) => {
    const source$ = new Subject<number>();
    const { got, clock } = told(source$);
    source$.next(1);
    source$.next(2);
    if (end === 'over') source$.complete();
    else source$.error(new Error('broken'));
    expect(got).toEqual([]);
    clock.runFor(0);
    expect(got).toEqual(['1', '2', end === 'over' ? 'over' : 'failed: Error: broken']);
  });

  it('is not told to who has left meanwhile', () => {
    const source$ = new Subject<number>();
    const { got, clock, subscription } = told(source$);
    source$.next(1);
    subscription.unsubscribe();
    expect(source$.observed).toBe(false);
    clock.runFor(0);
    expect(got).toEqual([]);
  });
});

describe('the logger of a user', () => {
  it('gets its lines after the running code, in order, each once, at their levels', () => {
    const clock = new VirtualClock();
    const lines: string[] = [];
    const at = (level: string) => (details: object, text: string): void => { lines.push(`${level} ${JSON.stringify(details)} ${text}`); };
    const log = userLog({ debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }, clock);
    for (const level of ['error', 'debug', 'warn', 'info'] as const) log[level]({ a: 1 }, level);
    expect(lines).toEqual([]);
    clock.runFor(0);
    expect(lines.splice(0)).toEqual(['error', 'debug', 'warn', 'info'].map((level) => `${level} {"a":1} ${level}`));
    log.warn({}, 'again');
    clock.runFor(0);
    expect([lines, clock.pending]).toEqual([['warn {} again'], 0]);
  });
});
