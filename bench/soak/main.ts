/**
 * `npm run soak`: one node stays while others come and go, over TCP and WebSocket, with ports, monitors, calls, keys and
 * assertions; some are killed in the middle. Tells whether memory stays as it is, and what is left when all have gone.
 *
 *     --seconds N    how long (default 600)
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { SingleBar } from 'cli-progress';
import { createNode } from 'rxmp';
import { noCounts, type Counts } from './counts.js';
import { FEWEST, flatness, type Sample } from './flat.js';
import { leftovers, SECRET, serveVisitors } from './host.js';
import { takeSample } from './sample.js';
import type { Report } from './visitors.js';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '600' } } });
const seconds = Number(values.seconds);
if (!(seconds >= 4 * FEWEST)) throw new RangeError(`--seconds is ${values.seconds}: expected at least ${4 * FEWEST}`);

/** How long one of the visitors' two processes lives until it is killed, ms. */
const LIFETIME = 5_000;
/** How long the node that stays may take to hear that all others have gone, ms. */
const FAREWELL = 15_000;

const node = await createNode({ binds: ['127.0.0.1:0', 'ws://127.0.0.1:0/'], secret: SECRET, global: true, monitorTimeout: 5_000 });
serveVisitors(node);

const total = noCounts();
const end = Date.now() + seconds * 1_000;
const staying: Sample[] = [];
const visiting: Sample[] = [];
let kills = 0;

const bar = new SingleBar({ format: '{bar} {value}/{total} s, {nodes} nodes have come and gone, {heap} MB', noTTYOutput: true, notTTYSchedule: 30_000 });
bar.start(seconds, 0, { nodes: 0, heap: '0' });
try {
  await Promise.all([observe(), host((report) => visiting.push(report.sample)), mortals()]);
} finally {
  bar.stop();
}
const left = await farewell();
process.exitCode = print() ? 0 : 1;
await node.close();

async function observe(): Promise<void> {
  while (Date.now() < end) {
    await pause(seconds * 10);
    const sample = await takeSample();
    staying.push(sample);
    bar.update(Math.min(seconds, Math.round(seconds - (end - Date.now()) / 1_000)), { nodes: total.nodes, heap: megabytes(sample.heap) });
  }
}

/** Visitors until the end, or until `lifetime` is over and they are killed. */
async function host(heard: (report: Report) => void, lifetime = Infinity): Promise<void> {
  const child = fork(new URL('./visitors.js', import.meta.url), [...node.addresses], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const exit = once(child, 'exit') as Promise<[number | null, string | null]>;
  let last = noCounts();
  child.on('message', (report: Report) => {
    heard(report);
    for (const name of Object.keys(total) as (keyof Counts)[]) total[name] += report.counts[name] - last[name];
    last = report.counts;
  });
  const dies = lifetime < end - Date.now();
  const timer = setTimeout(() => {
    if (dies) child.kill('SIGKILL');
    else child.disconnect();
  }, Math.min(lifetime, Math.max(0, end - Date.now())));
  const [code, signal] = await exit;
  clearTimeout(timer);
  if (dies ? signal !== 'SIGKILL' : code !== 0) throw new Error(`the visitors ended with ${String(code ?? signal)}`);
}

async function mortals(): Promise<void> {
  while (Date.now() < end) {
    await host(() => undefined, LIFETIME);
    kills++;
  }
}

async function farewell(): Promise<readonly string[]> {
  const patience = Date.now() + FAREWELL;
  for (;;) {
    const found = await leftovers(node);
    if (found.length === 0 || Date.now() > patience) return found;
    await pause(200);
  }
}

function print(): boolean {
  const { nodes, ports, messages, calls, monitors, keys, assertions } = total;
  console.log(`${seconds} s: ${nodes} nodes, ${ports} ports, ${messages} messages, ${calls} calls, ${monitors} monitors, ${keys} keys, ${assertions} assertions; ${kills} processes ended`);
  const verdicts = [['the node that stays', staying], ['the visitors', visiting]] as const;
  const flat = verdicts.map(([who, samples]) => {
    const { early, late, flat } = flatness(samples);
    console.log(`${who}: ${megabytes(early)} MB in the second quarter, ${megabytes(late)} MB in the last: ${flat ? 'flat' : 'GROWN'}`);
    return flat;
  });
  console.log(left.length === 0 ? 'nothing is left of the visitors' : `LEFT of the visitors: ${left.join(', ')}`);
  return flat.every(Boolean) && left.length === 0;
}

function megabytes(octets: number): string {
  return (octets / 2 ** 20).toFixed(1);
}
