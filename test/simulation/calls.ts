import type { Observable } from 'rxjs';
import type { Life } from './model.js';
import { violated } from './violation.js';

/** Something that was asked for, and has to be answered once: a call, or a query. */
interface Asked {
  readonly life: Life;
  readonly what: string;
  answers: number;
  over: boolean;
}

/** Holds calls and queries against: one answer or one error, and at last one of them. */
export function createCalls(guard: (task: () => void) => void) {
  const open = new Set<Asked>();
  const counts = { asked: 0 };
  return {
    counts,
    ask(life: Life, what: string, question: Observable<unknown>, check: (answer: unknown) => void): void {
      const asked: Asked = { life, what, answers: 0, over: false };
      open.add(asked);
      counts.asked++;
      const end = (): void => {
        if (asked.over) violated('S20', `${what} of ${life.key} ended twice`);
        asked.over = true;
        open.delete(asked);
      };
      question.subscribe({
        next: (answer) => guard(() => {
          if (++asked.answers > 1 || asked.over) violated('S20', `${what} of ${life.key} was answered ${asked.answers} times`);
          check(answer);
        }),
        error: () => guard(end),
        complete: () => guard(() => {
          end();
          if (asked.answers === 0 && life.alive) violated('S21', `${what} of ${life.key} ended without an answer`);
        }),
      });
    },
    ended(life: Life): void {
      for (const asked of open) if (asked.life === life) open.delete(asked);
    },
    unrest(): string | undefined {
      for (const { life, what } of open) return `S21: ${what} of ${life.key} is not answered`;
      return undefined;
    },
  };
}
