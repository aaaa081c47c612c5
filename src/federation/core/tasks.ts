/** Tasks to run in order, one by one. */
export interface Tasks {
  add(task: () => void): void;
  /** Runs all, with those that are added meanwhile. */
  run(): void;
}

/** A queue that costs the same for each task, however many wait: shifting an array does not. */
export function createTasks(): Tasks {
  let waiting: (() => void)[] = [];
  let next = 0;
  return {
    add(task) {
      waiting.push(task);
    },
    run() {
      while (next < waiting.length) waiting[next++]?.();
      waiting = [];
      next = 0;
    },
  };
}
