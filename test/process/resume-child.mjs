/**
 * A process with one of two nodes, which send each other numbered messages and call each other. Prints its address, and at the end what it
 * has heard.
 */
import { createNode } from 'rxmp';
import { interval, take } from 'rxjs';

const [id, seed, resumeTime, seconds, messages, calls, scheme] = process.argv.slice(2);
const TICK = 20;
const ticks = (Number(seconds) * 1_000) / TICK;
const told = { heard: 0, wrong: 0, answered: 0, failed: [], fired: [], vanished: 0, suspended: 0 };
let answers = 0;
let asked = 0;

const node = await createNode({
  nodeid: id,
  ...(seed === '' ? { binds: [scheme === 'ws' ? 'ws://127.0.0.1:0' : '127.0.0.1:0'] } : { seeds: [seed] }),
  resumeTime: Number(resumeTime),
  monitorTimeout: 10_000,
  secret: process.env.RXMP_SECRET,
  log: { debug() {}, info: (details, text) => { if (text.includes('broke')) told.suspended++; }, warn() {}, error: (details, text) => console.error(text) },
});
console.log(node.addresses.join(' '));

const port = node.rcv(node.port(), {
  number: (i) => {
    if (i !== told.heard) told.wrong++;
    told.heard = i + 1;
  },
  double: (n, reply) => node.snd(reply, 2 * n),
});
node.dbReg('talkers', port);

node.dbMon('talkers').subscribe(({ family, del }) => {
  told.vanished += del.length;
  for (const other of family.keys()) if (!other.startsWith(`${id}#`)) talk(other);
});

let talking;
function talk(other) {
  if (talking !== undefined) return;
  talking = other;
  node.mon(other, (...reason) => told.fired.push(reason.join(' ')));
  let sent = 0;
  interval(TICK).pipe(take(ticks)).subscribe((i) => {
    for (const until = Math.round((messages * (i + 1)) / ticks); sent < until; ) node.snd(other, 'number', sent++);
    for (const until = Math.round((calls * (i + 1)) / ticks); asked < until; ) call(other, asked++);
  });
}

function call(other, n) {
  node.cal(other, 'double', n).subscribe({
    next: ([answer]) => { if (answer === 2 * n) told.answered++; else told.failed.push(`${n}: ${answer}`); },
    error: (error) => { told.failed.push(error.message); answers++; },
    complete: () => { answers++; },
  });
}

const looking = setInterval(() => {
  if (answers < calls || (told.heard < messages && told.fired.length === 0)) return;
  clearInterval(looking);
  console.log(JSON.stringify(told));
}, 50);
process.stdin.resume().once('end', () => { clearInterval(looking); void node.close(); });
