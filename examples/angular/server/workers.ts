/** Worker processes, one with the lights, and a new one for each that has ended. */
import { fork, type ChildProcess } from 'node:child_process';
import type { MpNode } from 'rxmp';

const PAUSE = 2_000;

export function startWorkers(gate: MpNode, secret: string, count: number): { stop(): void } {
  const [seed = ''] = gate.addresses.filter((address) => !address.startsWith('ws'));
  const living = new Set<ChildProcess>();
  let isOver = false;
  const start = (program: string, name: string): void => {
    if (isOver) return;
    const child = fork(new URL(program, import.meta.url), { env: { ...process.env, NAME: name, SEED: seed, SECRET: secret } });
    living.add(child);
    child.once('exit', () => {
      living.delete(child);
      setTimeout(start, PAUSE, program, name).unref();
    });
  };
  for (let i = 1; i <= count; i++) start('worker.js', `worker ${i}`);
  start('lights.js', 'lights');
  return {
    stop() {
      isOver = true;
      for (const child of living) child.kill();
    },
  };
}
