import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { first, map, Observable, ReplaySubject } from 'rxjs';

/** A process that runs a member, with us at its keyboard. */
export interface MemberProcess {
  readonly name: string;
  readonly pid: number;
  readonly address: string;
  type(line: string): void;
  kill(signal: NodeJS.Signals): void;
  /** When it has printed a line for the first time, ms of `performance.now()`; waits for it. */
  printed(line: string): Observable<number>;
}

const MEMBER = fileURLToPath(new URL('member.js', import.meta.url));
const READY = '* listening on ';
/** How long a process may take to end before it is killed, ms. */
const GRACE = 2_000;

/**
 * A member while subscribed: emits it when it is ready, completes when it ends, and errors if it ends before it was ready. So
 * whatever ends the subscription, ends the process.
 */
export function memberProcess(name: string, seeds: readonly string[], secret: string): Observable<MemberProcess> {
  return new Observable((subscriber) => {
    // if even we are killed, its input ends, and so does the process
    const child = spawn(process.execPath, [MEMBER, '--name', name, '--seed', seeds.join(',')], {
      env: { ...process.env, RXMP_SECRET: secret },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const lines$ = new ReplaySubject<{ readonly text: string; readonly at: number }>(Infinity);
    let isReady = false;
    createInterface(child.stdout).on('line', (text) => {
      lines$.next({ text, at: performance.now() });
      if (isReady || !text.startsWith(READY)) return;
      isReady = true;
      subscriber.next({
        ...{ name, pid: child.pid ?? 0, address: text.slice(READY.length) },
        type: (line) => void child.stdin.write(`${line}\n`),
        kill: (signal) => void child.kill(signal),
        printed: (line) => lines$.pipe(first((one) => one.text === line), map(({ at }) => at)),
      });
    });
    // it may be gone before it has read all
    child.stdin.on('error', () => undefined);
    child.once('error', (error) => {
      subscriber.error(error);
    });
    child.once('close', (code, signal) => {
      const ended = new Error(`${name} has ended with ${signal ?? code ?? ''}`);
      lines$.error(ended);
      if (isReady) subscriber.complete();
      else subscriber.error(ended);
    });
    return () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), GRACE);
      child.once('exit', () => {
        clearTimeout(late);
      });
    };
  });
}
