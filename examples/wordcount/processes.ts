import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Observable } from 'rxjs';

/** A process that runs a node. */
export interface NodeProcess {
  readonly id: string;
  readonly pid: number;
  readonly addresses: readonly string[];
  kill(signal: NodeJS.Signals): void;
}

const RXMP = fileURLToPath(new URL('dist/bundle/cli.js', import.meta.resolve('rxmp/package.json')));
/** How long a process may take to end before it is killed, ms. */
const GRACE = 2_000;

/**
 * `rxmp run <key> <value> ...` while subscribed: emits the process when it is ready, completes when it ends, and errors if
 * it ends before it was ready. So whatever ends the subscription, ends the process.
 */
export function nodeProcess(keys: Readonly<Record<string, string>>, secret: string): Observable<NodeProcess> {
  return new Observable<NodeProcess>((subscriber) => {
    // stdin is held open for as long as we live: if even we are killed, it closes, and the process ends
    const child = spawn(process.execPath, [RXMP, 'run', '--until-stdin-closes', ...Object.entries(keys).flat()], {
      env: { ...process.env, RXMP_SECRET: secret },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let ready = false;
    createInterface(child.stdout).once('line', (line) => {
      const [, id = '', addresses = ''] = line.split(' ');
      ready = true;
      subscriber.next({ id, pid: child.pid ?? 0, addresses: addresses.split(','), kill: (signal) => void child.kill(signal) });
    });
    child.once('error', (error) => {
      subscriber.error(error);
    });
    child.once('exit', (code, signal) => {
      if (ready) subscriber.complete();
      else subscriber.error(new Error(`"rxmp run" ended with ${signal ?? code ?? ''} before it was ready`));
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
