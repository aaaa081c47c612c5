import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { missingProgram } from './peers.js';

/** A process that does what it is asked, one thing after the other. */
export interface Helper {
  /** Rejects when the process ends before it has answered. */
  ask(request: unknown): Promise<unknown>;
  close(): Promise<void>;
}

export interface HelperOptions {
  readonly execArgv?: readonly string[];
  /** The CPU to run on, if only one. */
  readonly cpu?: number | undefined;
}

/** Starts a module of this folder's parent as a process, with an order that {@link orderOf} reads there, and waits until it is ready. */
export async function startHelper(module: string, order: unknown, { execArgv = [], cpu }: HelperOptions = {}): Promise<Helper> {
  const script = new URL(`../${module}`, import.meta.url);
  const child = fork(script, [JSON.stringify(order)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    execArgv: cpu === undefined ? [...execArgv] : ['-c', String(cpu), process.execPath, ...execArgv],
    ...(cpu !== undefined && { execPath: 'taskset' }),
  });
  const gone = once(child, 'exit');
  const failed = gone.then(([code]) => Promise.reject(new Error(`the process ${module} ${JSON.stringify(order)} ended with ${String(code)}`)));
  failed.catch(() => undefined);
  const answered = async (): Promise<unknown> => (await Promise.race([once(child, 'message'), failed]))[0] as unknown;
  await answered();
  return {
    async ask(request) {
      const answer = answered();
      child.send(request as object);
      return await answer;
    },
    async close() {
      if (child.connected) child.disconnect();
      await gone;
    },
  };
}

/** In the process: what it has been started with. */
export const orderOf = <T>(): T => JSON.parse(process.argv[2] ?? '') as T;

/** In the process: it is ready, answers requests in order, and ends when nobody asks any more. */
export function answerRequests<T>(answer: (request: T) => unknown, close: () => unknown): void {
  let last: Promise<unknown> = Promise.resolve();
  process.on('message', (request: T) => {
    last = last.then(async () => process.send?.((await answer(request)) ?? null));
  });
  process.send?.(null);
  process.once('disconnect', () => void Promise.resolve(close()).finally(() => process.exit()));
}

/** Two CPUs that may be used, as numbers for `taskset`; why not, if not. */
export function twoCpus(): readonly [number, number] | string {
  const without = missingProgram('taskset');
  if (process.platform !== 'linux' || without !== undefined) return without ?? 'CPUs are pinned on Linux only';
  const list = /^Cpus_allowed_list:\s*(.*)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '';
  const cpus = list.split(',').flatMap((range) => {
    const [from = Number.NaN, to = from] = range.split('-').map(Number);
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  });
  const [one, other] = cpus;
  return one === undefined || other === undefined ? 'only one CPU may be used' : [one, other];
}
