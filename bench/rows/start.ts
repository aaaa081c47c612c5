import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import type { Contender } from '../harness/measure.js';
import type { Row } from '../harness/row.js';

/** From the start of a process until it says that it is there, in ms. */
export const startRows = (): readonly Row[] => [
  {
    id: 'start',
    what: 'start of a process until its first message has arrived',
    unit: 'ms',
    better: 'less',
    contenders: [
      starting('rxmp', 'rxmp, a local port', 'rxmp'),
      starting('connected', 'rxmp, over loopback', 'rxmp-loopback'),
      starting('raw', 'ws, rxjs, cbor-x, immer, pino, loaded only', 'imports'),
      starting('node', 'Node.js alone', 'nothing'),
    ],
    goals: [{ of: 'rxmp', by: 'raw', atMost: 1.2 }],
    check: 'raw',
  },
];

/** Runs a program of `starts/`, which writes a line when it is there. */
const starting = (id: string, name: string, program: string): Contender => ({
  id,
  name,
  operations: 1,
  open: () => ({
    async run() {
      const begin = performance.now();
      const child = spawn(process.execPath, [fileURLToPath(new URL(`../starts/${program}.js`, import.meta.url))], { stdio: ['ignore', 'pipe', 'inherit'] });
      const gone = once(child, 'exit');
      const isThere = once(child.stdout, 'data').then(() => performance.now() - begin);
      const ms = await Promise.race([isThere, gone.then(() => Promise.reject(new Error(`${name}: the process ended without a word`)))]);
      await gone;
      return ms;
    },
  }),
});
