import { Violation } from '../violation.js';
import { chanceOf } from './chance.js';
import { createIntruder, type Message } from './intruder.js';
import { createScene, SECRET } from './scene.js';
import { sayingOf } from './words.js';

/** What came of an attack. */
export interface Attacked {
  /** What the intruder has said, and the gate has judged. */
  readonly inputs: number;
  readonly refused: number;
  /** How often it was thrown out, and came again. */
  readonly visits: number;
  readonly violation: { readonly rule: string; readonly message: string } | undefined;
}

/** So much is said at once, and then looked at; so much virtual time it has, ms. */
const BATCH = 40;
const TIME = 12;
/** The innocent guest asks after so many batches, and has so long for its answer, ms. */
const ASKS = 10;
const PATIENCE = 300;
/** Some time is enough for all that the intruder had to be gone, ms. */
const GOING = 8_000;
/** What the intruder remembers of what it was told. */
const MEMORY = 20;

/**
 * A guest that knows the whole protocol, and everybody's names, says whatever it likes to a gate and through it, until so many inputs were judged.
 * Nothing that it may not do may happen (G12).
 */
export async function attack(seed: number, inputs: number): Promise<Attacked> {
  const chance = chanceOf(seed);
  await using scene = await createScene(seed);
  const { network, secrets, open, broken } = scene;
  const told: string[] = [];
  const last: string[] = [];

  const heard = (from: string, portName: string, message: Message): void => {
    const said = JSON.stringify([from, portName, ...message], (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
    if (said.includes(SECRET) && !said.includes('forbidden')) broken.push(new Violation('G2', `the intruder was told ${said.slice(0, 300)}`));
    for (const [port] of said.matchAll(/(?:gate|worker)#[\w-]+/g)) if (!told.includes(port)) told.push(port);
    told.splice(0, told.length - MEMORY);
  };
  const visitor = (i: number) => createIntruder({
    ...{ clock: network.clock, transport: network.wire.transport('evil'), address: 'memory://gate', gate: 'gate', credentials: `evil${i % 3}`, seed: seed * 1_000 + i },
    heard,
  });
  let visits = 0;
  let intruder = visitor(0);
  let judged = 0;
  let refused = 0;
  const counts = () => scene.handles().find(({ id }) => id === intruder.id)?.counts;

  const enter = async (): Promise<void> => {
    visits++;
    if (chance.often(0.3)) {
      intruder.leave();
      intruder = visitor(visits);
    }
    intruder.enter();
    await network.until(() => intruder.isIn && counts() !== undefined, 20_000);
  };

  const sayMuch = (): void => {
    const known = {
      ...{ id: intruder.id, gate: 'gate', told, functions: ['cart', 'cart', 'till', 'main::till', 'main::hi', 'constructor', 'AnyEvent::MP::Kernel::x'] },
      nodes: ['gate', 'gate', 'gate', 'gate', 'worker', 'worker', 'worker', scene.ada.id, intruder.id, 'nobody'],
      ports: [...open, ...open, ...secrets, ...secrets, `${intruder.id}#a`, 'nobody#x', 'worker#', 'gate#gate#x'],
      families: ['secrets', 'presence', 'rooms', 'drafts', 'others', "'l", "'guests", "'relay"],
      keys: ['ada', 'evil0', 'evil0/x', 'evil1', 'key of worker', '__proto__'],
      scopes: ['room', 'vault', 'x'],
    };
    for (let i = 0; i < BATCH; i++) {
      const { node, portName, message, times } = sayingOf(chance, known);
      last.push(JSON.stringify([node, portName, ...message], (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value)).slice(0, 300));
      for (let time = 0; time < times; time++) {
        if (node === 'gate') intruder.say(portName, message);
        else intruder.sayTo(node, portName, message);
      }
    }
    last.splice(0, last.length - 2 * BATCH);
  };

  const roundTrip = async (): Promise<void> => {
    scene.ask();
    await network.until(scene.answered, PATIENCE).catch(() => { broken.push(new Violation('G12', 'the innocent guest has no answer')); });
  };

  // what other nodes say is no word of the gate
  scene.worker.snd(scene.ada.id, 'rxmp_guest', 'admitted', [], null);
  for (let batch = 0; judged < inputs && broken.length === 0; batch++) {
    if (!intruder.isIn) await enter();
    const before = counts() ?? { messages: 0, refused: 0 };
    sayMuch();
    await network.run(TIME);
    scene.look();
    const after = counts() ?? before;
    judged += Math.max(0, after.messages - before.messages);
    refused += Math.max(0, after.refused - before.refused);
    if (batch % ASKS === 0) await roundTrip();
  }
  intruder.leave();
  await network.run(GOING);
  scene.look();
  await roundTrip();
  if (scene.living.size > 0) broken.push(new Violation('G3', `ports live on that the intruder has spawned: ${[...scene.living].join(', ').slice(0, 300)}`));
  const [first] = broken;
  return { inputs: judged, refused, visits, violation: first && { rule: first.rule, message: `${first.message}\nlast said:\n${last.join('\n')}` } };
}
