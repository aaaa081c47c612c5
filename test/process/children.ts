import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

/** The built files of the package. */
export const dist = (path: string): string => fileURLToPath(new URL(`../../dist/${path}`, import.meta.url));

/** How a process has ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A child process whose output is collected. */
export interface Child {
  readonly pid: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly ended: Promise<Ended>;
  kill(signal: NodeJS.Signals): void;
  /** Writes a line to its standard input. */
  type(line: string): void;
  closeStdin(): void;
}

/** A child process that runs a node and has said that it is ready. */
export interface NodeChild extends Child {
  readonly id: string;
  readonly addresses: readonly string[];
}

export interface ChildOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** The folder it runs in; that of the tests if not said. */
  readonly cwd?: string;
  /** ms; 10 s if not said. */
  readonly timeout?: number;
}

const TIMEOUT = 10_000;
const POLL = 10;
const living = new Set<ChildProcessByStdio<Writable, Readable, Readable>>();

/** Ends every child that a test has left, by its own handle, and waits for it. Runs after each test file by itself. */
export async function endChildren(): Promise<void> {
  await Promise.all(
    [...living].map(async (child) => {
      const gone = once(child, 'close');
      child.kill('SIGKILL');
      await gone;
    }),
  );
}

afterAll(endChildren);
process.once('exit', () => {
  for (const child of living) child.kill('SIGKILL');
});

/** Starts `node <args>` without any RXMP_* variable but those in `options.env`, and without the configuration of who runs the test. */
export function startChild(args: readonly string[], options: ChildOptions = {}): Child {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('RXMP_'));
  const child = spawn(process.execPath, args, {
    env: { ...Object.fromEntries(inherited), RXMP_RC: '', ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(options.cwd !== undefined && { cwd: options.cwd }),
  });
  living.add(child);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  // a child may be gone before its input is closed
  child.stdin.on('error', () => undefined);
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code, signal) => {
      living.delete(child);
      resolve({ code, signal, stdout, stderr });
    });
  });
  return {
    pid: child.pid!,
    get stdout() {
      return stdout;
    },
    get stderr() {
      return stderr;
    },
    ended,
    kill: (signal) => void child.kill(signal),
    type: (line) => void child.stdin.write(`${line}\n`),
    closeStdin: () => void child.stdin.end(),
  };
}

/** Waits until `found` gives something; fails after `ms` with what was waited for. */
export async function eventually<T>(what: string, found: () => T | undefined | false, ms = TIMEOUT): Promise<T> {
  const end = performance.now() + ms;
  for (;;) {
    const value = found();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > end) throw new Error(`waited ${ms} ms for ${what}`);
    await wait(POLL);
  }
}

/** Waits until a child has ended by itself; one that takes too long is killed, which fails the test. */
export async function ending(child: Child, ms = TIMEOUT): Promise<Ended> {
  const late = new AbortController();
  const timer = wait(ms, undefined, { signal: late.signal }).then(
    () => {
      child.kill('SIGKILL');
      throw new Error(`process ${child.pid} did not end within ${ms} ms\n${child.stdout}${child.stderr}`);
    },
    () => new Promise<never>(() => undefined),
  );
  try {
    return await Promise.race([child.ended, timer]);
  } finally {
    late.abort();
  }
}

/** Runs the `rxmp` command to its end. */
export function rxmp(args: readonly string[], options: ChildOptions = {}): Promise<Ended> {
  return ending(startChild([dist('bundle/cli.js'), ...args], options), options.timeout);
}

/** Starts `rxmp run <words>` and waits for its ready line. */
export async function startNode(words: readonly string[], options: ChildOptions = {}): Promise<NodeChild> {
  const child = startChild([dist('bundle/cli.js'), 'run', ...words], options);
  let over = false;
  void child.ended.then(() => (over = true));
  const line = await eventually(
    'a ready line',
    () => {
      const [, text] = /^(ready .*)\n/.exec(child.stdout) ?? [];
      if (text === undefined && over) throw new Error(`rxmp run has ended: ${child.stderr}`);
      return text;
    },
    options.timeout,
  );
  const [, id = '', addresses = ''] = line.split(' ');
  return Object.assign(child, { id, addresses: addresses.split(',').filter(Boolean) });
}

/** Whether there is a process of this id. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
