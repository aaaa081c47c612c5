import fc from 'fast-check';
import { Subject, takeUntil } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { createInbox } from '../../../src/transport/inbox.js';

type Step = 'push' | 'read' | 'read one' | 'read and push' | 'stop' | 'end' | 'fail' | 'abort' | 'abort with an error';

const steps = fc.array(
  fc.constantFrom<Step>('push', 'push', 'push', 'read', 'read one', 'read and push', 'stop', 'end', 'fail', 'abort', 'abort with an error'),
  { maxLength: 25 },
);

/** What an inbox has to do, written as plainly as can be: a list, and what is told of it. */
function model() {
  const told: string[] = [];
  let queue: number[] = [];
  /** How many chunks the reader still wants; undefined: nobody reads. */
  let wants: number | undefined;
  let answers = false;
  let ending: string | undefined;
  const stop = (): void => {
    wants = undefined;
    if (ending === undefined) told.push('flow off');
  };
  const tellEnd = (): void => {
    if (wants === undefined || ending === undefined) return;
    told.push(ending);
    wants = undefined;
  };
  const deliver = (): void => {
    while (wants !== undefined && queue.length > 0) {
      const chunk = queue.shift() ?? 0;
      told.push(`taken ${chunk}`, `${chunk}`);
      if (answers) { answers = false; push(chunk + 1_000); }
      wants--;
      if (wants === 0) stop();
    }
  };
  const push = (chunk: number): void => {
    if (ending === undefined) queue.push(chunk);
    else told.push(`taken ${chunk}`);
  };
  return {
    told,
    push(chunk: number) {
      push(chunk);
      deliver();
    },
    read(most: number, pushes: boolean) {
      if (wants !== undefined) {
        told.push('read already');
        return;
      }
      wants = most;
      answers = pushes;
      deliver();
      const reads = wants !== undefined;
      if (queue.length === 0 && ending !== undefined && reads) {
        tellEnd();
        told.push('seen');
      } else if (reads) told.push('flow on');
    },
    stop() {
      if (wants !== undefined) stop();
    },
    end(how: string) {
      if (ending !== undefined) return;
      ending = how;
      if (wants === undefined) return;
      tellEnd();
      told.push('seen');
    },
    abort(how: string) {
      if (ending !== undefined && queue.length === 0) return;
      ending = how;
      for (const chunk of queue) told.push(`taken ${chunk}`);
      queue = [];
      tellEnd();
    },
  };
}

function real() {
  const told: string[] = [];
  const inbox = createInbox<number>({
    flow: (on) => told.push(`flow ${on ? 'on' : 'off'}`),
    taken: (chunk) => told.push(`taken ${chunk}`),
    ended: () => told.push('seen'),
  });
  let stop$ = new Subject<void>();
  return {
    told,
    push: inbox.push,
    read(most: number, pushes: boolean) {
      let left = most;
      let answers = pushes;
      let stopped = false;
      // not by the subscription: what waits already arrives before there is one
      const mine$ = new Subject<void>();
      mine$.subscribe(() => (stopped = true));
      inbox.incoming$.pipe(takeUntil(mine$)).subscribe({
        next: (chunk) => {
          told.push(`${chunk}`);
          if (answers) { answers = false; inbox.push(chunk + 1_000); }
          if (--left === 0) mine$.next();
        },
        error: (error: unknown) => {
          stopped = true;
          const { message } = error as Error;
          told.push(message.startsWith('incoming$ is being read already') ? 'read already' : message);
        },
        complete: () => {
          if (!stopped) told.push('complete');
          stopped = true;
        },
      });
      if (!stopped) stop$ = mine$;
    },
    stop: () => { stop$.next(); },
    end: (how: string) => { inbox.end(how === 'complete' ? undefined : new Error(how)); },
    abort: (how: string) => { inbox.abort(how === 'complete' ? undefined : new Error(how)); },
  };
}

describe('an inbox', () => {
  it('gives each chunk once and in order, says what it holds no more and whether anybody reads, and ends once', () => {
    fc.assert(
      fc.property(steps, (list) => {
        const ends = [model(), real()];
        for (const end of ends) {
          for (const [index, step] of list.entries()) {
            if (step === 'push') end.push(index);
            else if (step === 'read') end.read(Infinity, false);
            else if (step === 'read one') end.read(1, false);
            else if (step === 'read and push') end.read(Infinity, true);
            else if (step === 'stop') end.stop();
            else if (step === 'end') end.end('complete');
            else if (step === 'fail') end.end('failed');
            else end.abort(step === 'abort' ? 'complete' : 'aborted');
          }
        }
        const [expected, found] = ends;
        expect(found?.told).toEqual(expected?.told);
      }),
      { numRuns: 300 },
    );
  });
});
