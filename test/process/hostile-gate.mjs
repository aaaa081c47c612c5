/** A thread with a gate, and a worker behind it, over real sockets. Tells what is broken when it is asked. */
import { parentPort } from 'node:worker_threads';
import { createNode } from 'rxmp';
import { read, send, spawn, write } from 'rxmp/guests';

const broken = [];
const violated = (text) => broken.push(text);
const logOf = (node) => ({ debug: refusal, info() {}, warn() {}, error: (_, text) => violated(`an error at ${node}: ${text}`) });
/** What was refused, by kinds: without names. */
const kinds = new Map();
function refusal(_, text) {
  const [, kind] = /: forbidden: (?:the answer to )?(\w+(?: \w+)?)/.exec(text) ?? [];
  if (kind !== undefined) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
}
const common = { binds: ['ws://127.0.0.1:0'], secret: 'of these two' };
const open = [];
const secrets = [];

const worker = await createNode({ ...common, nodeid: 'worker', log: logOf('worker') });
const may = (user) => [...open.map((port) => send(port)), spawn('cart'), spawn('cart', { node: 'worker' }), read('presence'), write('presence', { key: user })];
const gate = await createNode({ ...common, nodeid: 'gate', seeds: worker.addresses, log: logOf('gate'), guests: { admit: (user) => ({ user, may: may(user) }) } });

/** Those that are in or were, by their ids: their counts outlast them. */
const intruders = new Map();
let visits = 0;
gate.guests$.subscribe((all) => {
  for (const handle of all) {
    if (handle.user === 'ada' || intruders.get(handle.id) === handle) continue;
    visits++;
    intruders.set(handle.id, handle);
  }
});

for (const node of [gate, worker]) {
  const lobby = node.port((...message) => { for (const value of message) if (typeof value === 'string' && value.includes('#')) node.snd(value, 'answer'); });
  const secret = node.port((...message) => { violated(`${node.id} got ${JSON.stringify(message)} at a secret port`); });
  open.push(lobby.id);
  secrets.push(secret.id);
  for (const port of [lobby, secret]) node.mon(port, (...reason) => { violated(`${port.id} was killed: ${reason.join(' ')}`); });
  node.register('cart', () => undefined);
  node.register('main::till', () => { violated(`${node.id} was made to run what it should not`); });
}
worker.dbSet('secrets', 'key', 'value');
worker.dbMon('secrets').subscribe(({ family }) => { if (JSON.stringify([...family]) !== '[["key","value"]]' && family.size > 0) violated(`secrets is ${JSON.stringify([...family])}`); });
worker.dbMon('presence').subscribe(({ family }) => { for (const key of family.keys()) if (!/^(ada|evil\d+)$/.test(key)) violated(`presence has ${key}`); });

parentPort.on('message', () => {
  const counts = Array.from(intruders.values(), (handle) => handle.counts);
  const sum = (name) => counts.reduce((total, { [name]: count }) => total + count, 0);
  parentPort.postMessage({ broken, visits, messages: sum('messages'), refused: sum('refused'), kinds: [...kinds].sort(([, a], [, b]) => b - a), isUp: gate.nodeIsUp('worker') === true });
});
while (gate.nodeIsUp('worker') !== true) await new Promise((resolve) => setTimeout(resolve, 20));
parentPort.postMessage({ address: gate.addresses[0], open, secrets });
