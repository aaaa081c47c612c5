/** A thread with a guest that says whatever it likes, as fast as it can, over a real socket; while it is told to. */
import { parentPort, workerData } from 'node:worker_threads';
import { realClock } from '../../dist/src/env/clock.js';
import { webSocketTransport } from '../../dist/src/transport/websocket.js';
import { chanceOf } from '../../dist/test/simulation/hostile/chance.js';
import { createIntruder } from '../../dist/test/simulation/hostile/intruder.js';
import { sayingOf } from '../../dist/test/simulation/hostile/words.js';

const { address, open, secrets, seed, users } = workerData;
const chance = chanceOf(seed);
let visits = 0;
const visitor = () => createIntruder({ clock: realClock, transport: webSocketTransport(), address, gate: 'gate', credentials: `evil${visits % users}`, seed: seed * 1_000 + visits++, heard: () => undefined });
let intruder = visitor();
let isAttacking = false;

parentPort.on('message', (is) => { isAttacking = is; });

/** So much at a time, unless enough waits. */
const BATCH = 200;
const ENTER_TIME = 1_000;

async function enter() {
  intruder.leave();
  intruder = visitor();
  intruder.enter();
  for (let ms = 0; ms < ENTER_TIME && !intruder.isIn; ms += 5) await new Promise((resolve) => setTimeout(resolve, 5));
}

function say() {
  const known = {
    ...{ id: intruder.id, gate: 'gate', told: [], functions: ['cart', 'main::till', 'AnyEvent::MP::Kernel::x'], families: ['secrets', 'presence', "'l", "'guests"] },
    ...{ nodes: ['gate', 'gate', 'worker', intruder.id, 'nobody'], keys: ['ada', 'evil0', 'evil1', 'key'], scopes: ['room'] },
    ports: [...open, ...open, ...secrets, ...secrets, `${intruder.id}#a`, 'nobody#x'],
  };
  for (let i = 0; i < BATCH; i++) {
    const { node, portName, message, times } = sayingOf(chance, known);
    for (let time = 0; time < times; time++) {
      const isTaken = node === 'gate' ? intruder.say(portName, message) : intruder.sayTo(node, portName, message);
      if (!isTaken && node === 'gate') return false;
    }
  }
  return true;
}

for (;;) {
  if (!isAttacking) await new Promise((resolve) => setTimeout(resolve, 5));
  else {
    if (!intruder.isIn) await enter();
    const isFree = say();
    await new Promise((resolve) => setTimeout(resolve, isFree ? 1 : 20));
  }
}
