import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { NodeOptions } from 'rxmp';
import { afterAll } from 'vitest';

/** What a process says of itself. */
export interface NodeState {
  readonly up: readonly string[];
  /** The families that it watches, as text; null: no monitor has said anything yet. */
  readonly stores: Readonly<Record<string, string | null>>;
  /** What its checks have found wrong. */
  readonly violations: readonly string[];
  /** Nodes that it has given up because they were silent. */
  readonly silences: readonly string[];
  /** Warnings and errors. */
  readonly logged: readonly string[];
}

/** A family as a new monitor and the queries of one node show it. */
export interface Look {
  readonly monitored: string;
  readonly queried: string;
  readonly keys: readonly string[];
  readonly values: readonly unknown[];
}

/** A node in a process of its own, which does what it is asked to (database-child.mjs). */
export interface DatabaseNode {
  readonly id: string;
  readonly addresses: readonly string[];
  /** Rejects when the process fails to do it, is gone, or takes too long. */
  ask<T = unknown>(command: string, ...args: readonly unknown[]): Promise<T>;
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
  /** Ends the process with SIGKILL, frozen or not. */
  end(): Promise<void>;
}

export type DatabaseNodeOptions = Pick<
  NodeOptions,
  'nodeid' | 'binds' | 'seeds' | 'secret' | 'global' | 'monitorTimeout' | 'framings' | 'limits'
>;

const PROGRAM = fileURLToPath(new URL('database-child.mjs', import.meta.url));
/** Far more than anything takes, also on a machine that is busy with other things. */
const TIMEOUT = 25_000;
const PAUSE = 100;

const living = new Set<ChildProcess>();

async function end(child: ChildProcess): Promise<void> {
  if (!living.has(child)) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

afterAll(() => Promise.all([...living].map(end)));
process.once('exit', () => {
  for (const child of living) child.kill('SIGKILL');
});

interface Answer {
  readonly number: number;
  readonly result?: unknown;
  readonly error?: string;
}

/** Starts a process that can be asked. */
function startProcess(program: string): Pick<DatabaseNode, 'ask' | 'signal' | 'end'> {
  const child = fork(program, { execArgv: [], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  living.add(child);
  const waiting = new Map<number, (answer: Answer) => void>();
  let counter = 0;
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.on('message', (answer: Answer) => {
    waiting.get(answer.number)?.(answer);
  });
  child.once('exit', () => {
    living.delete(child);
    for (const [number, answered] of waiting) answered({ number, error: `the process has ended: ${stderr}` });
  });
  return {
    ask<T>(command: string, ...args: readonly unknown[]): Promise<T> {
      return new Promise((resolve, reject) => {
        const number = ++counter;
        const answered = ({ result, error }: Answer): void => {
          clearTimeout(timer);
          waiting.delete(number);
          if (error === undefined) resolve(result as T);
          else reject(new Error(`${command}: ${error}`));
        };
        const timer = setTimeout(() => {
          answered({ number, error: `no answer of process ${child.pid} within ${TIMEOUT} ms ${stderr}` });
        }, TIMEOUT);
        waiting.set(number, answered);
        if (living.has(child)) child.send({ number, command, args });
        else answered({ number, error: `the process has ended: ${stderr}` });
      });
    },
    signal: (signal) => void child.kill(signal),
    end: () => end(child),
  };
}

/** Starts a node in a process of its own. */
export async function startDatabaseNode(options: DatabaseNodeOptions, program = PROGRAM): Promise<DatabaseNode> {
  const process = startProcess(program);
  const { id, addresses } = await process.ask<{ id: string; addresses: readonly string[] }>('start', options);
  return { ...process, id, addresses };
}

/** Waits until `look` finds no more trouble, several times in a row; fails with the trouble that stays. */
export async function untilCalm(what: string, look: () => Promise<string | undefined>, looks = 3): Promise<void> {
  const late = performance.now() + TIMEOUT;
  for (let calm = 0; calm < looks; ) {
    const trouble = await look();
    calm = trouble === undefined ? calm + 1 : 0;
    if (trouble !== undefined && performance.now() > late) throw new Error(`${what}, after ${TIMEOUT} ms: ${trouble}`);
    await wait(PAUSE / 2);
  }
}
