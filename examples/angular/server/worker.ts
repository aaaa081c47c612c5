/** A worker: a node that counts prime numbers for whoever asks, and shows how busy it is. */
import { createNode, isPortId } from 'rxmp';
import type { WorkMessage, WorkerState } from '../shared/protocol.js';

const MOST = 5_000_000;
const SHOWN_SECONDS = 30;

const { NAME: name = 'worker', SEED: seed = '', SECRET: secret = '' } = process.env;
const node = await createNode({ nodeid: `board/${name.replace(' ', '-')}`, seeds: [seed], secret });

let answered: readonly number[] = Array<number>(SHOWN_SECONDS).fill(0);
const answer = (message: WorkMessage): void => {
  if (message[0] === 'crash') process.exit(1);
  const [, below, reply] = message;
  const began = performance.now();
  const count = countPrimes(Math.min(below, MOST));
  node.snd(reply, count, Math.round(performance.now() - began));
  answered = [...answered.slice(0, -1), answered.at(-1)! + 1];
};
const port = node.port<WorkMessage>((...message: readonly unknown[]) => { if (isWork(message)) answer(message); });
const show = (): void => void node.dbSet('workers', port.id, { name, answered } satisfies WorkerState);
show();
setInterval(() => {
  answered = [...answered.slice(1), 0];
  show();
}, 1_000);

// without its server nobody needs it
process.once('disconnect', () => process.exit());

/** Guests may send whatever they like. */
function isWork(message: readonly unknown[]): message is WorkMessage {
  const [tag, below, reply] = message;
  return tag === 'crash' || (tag === 'primes' && typeof below === 'number' && below >= 0 && isPortId(reply));
}

function countPrimes(below: number): number {
  const isComposite = new Uint8Array(below);
  let count = 0;
  for (let n = 2; n < below; n++) {
    if (isComposite[n]) continue;
    count++;
    for (let multiple = n * n; multiple < below; multiple += n) isComposite[multiple] = 1;
  }
  return count;
}
