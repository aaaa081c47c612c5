import type { MpNode } from 'rxmp';
import { send } from 'rxmp/guests';
import { createNetwork, seededRandom } from 'rxmp/testing';
import { describe, expect, it } from 'vitest';
import { createGuard } from './guard.js';
import { createMessages } from './messages.js';
import { isOver, type Life, type Port, type Watch } from './model.js';
import { pick } from './pick.js';

/** Nodes behind the gates, gates, and guests, by their hosts. */
const INSIDE = ['m', 'w'];
const GATES = ['g', 'k'];
const GUESTS = ['a', 'b', 'c', 'd'];
const ALL = [...INSIDE, ...GATES, ...GUESTS];

const STEPS = 250;
/** More of them: `SEEDS=300 npx vitest run test/simulation/guests.test.ts`. */
const SEEDS = Number(process.env['SEEDS'] ?? 20);
/** All that was broken is mended, and after this time all is told, ms. */
const REST = 30_000;

/** One run: everybody sends numbered messages to everybody, and monitors, while everything breaks that can. */
async function run(seed: number): Promise<{ arrived: number; fired: number }> {
  const random = seededRandom(seed);
  const chance = (below: number): number => new DataView(random.octets(4).buffer).getUint32(0) % below;
  const resumeTime = seed % 2 === 0 ? 0 : 3_000;
  await using network = createNetwork({ seed, delay: { min: 1, max: 10 }, node: { resumeTime } });
  const { clock } = network;
  const messages = createMessages({ now: () => clock.now(), calm: false, hadTwin: () => false, isPrivate: () => false });
  const lives = new Map<string, Life>();
  const numbers = new Map<string, number>();
  const down = new Set<string>();
  const frozen = new Set<string>();
  let ports: Port[] = [];
  let watches: Watch[] = [];
  const guard = createGuard();

  const born = (host: string, node: MpNode): void => {
    // a guest that starts anew is another node
    const number = (numbers.get(node.id) ?? 0) + 1;
    numbers.set(node.id, number);
    const life: Life = { key: `${node.id}.${number}`, host: node.id, number, node, since: clock.now(), alive: true, channels: new Map(), shard: new Map(), up: new Set(node.upNodes()), suspended: new Set(), status: '' };
    lives.set(host, life);
    messages.born(life);
    node.monNodes().subscribe(({ node: other, up }) => { guard(() => { messages.told(life, other, up); }); });
    for (let n = 0; n < 2; n++) {
      const { id } = node.port((from: string, text: number) => { guard(() => { messages.arrived(life, port, from, text); }); });
      const port: Port = messages.made(id, node.id, { life });
      node.mon(id).subscribe((reason) => { port.dead = reason; });
      ports = [...ports.slice(-30), port];
    }
  };
  const ended = (host: string): void => {
    const life = lives.get(host);
    if (life !== undefined) messages.ended(life);
    lives.delete(host);
    frozen.delete(host);
    down.add(host);
  };

  for (const host of INSIDE) await network.node(host, { seeds: INSIDE.filter((seed) => seed < host), start: (node) => { born(host, node); } });
  for (const host of GATES) await network.node(host, { seeds: INSIDE, guests: { admit: (user) => ({ user, may: [send('*')] }) }, start: (node) => { born(host, node); } });
  for (const [i, host] of GUESTS.entries()) {
    const seeds = i % 2 === 0 ? GATES : [...GATES].reverse();
    await network.node(host, { seeds, credentials: host, start: (node) => { born(host, node); } });
  }
  await network.run(500);

  const watch = (life: Life, port: Port): void => {
    const made = messages.watch(life, port, () => { stop.unsubscribe(); });
    const stop = life.node.mon(port.id, (...reason) => { guard(() => { messages.fired(made, reason); }); });
    watches = [...watches.slice(-20), made];
  };
  const say = (life: Life, port: Port): void => { life.node.snd(port.id, life.key, messages.send(life, port)); };
  const host = (): string => pick(ALL, chance(ALL.length)) ?? '';

  const act = async (): Promise<void> => {
    const doing = [...lives].filter(([name]) => !frozen.has(name)).map(([, life]) => life);
    const life = pick(doing, chance(1_000));
    const port = pick(ports, chance(1_000));
    const [a, b] = [host(), host()];
    const what = chance(100);
    if (what < 60 && life !== undefined && port !== undefined) {
      const open = pick(watches.filter((one) => !isOver(one) && doing.includes(one.life)), chance(1_000));
      for (let n = 0; n <= chance(4); n++) say(open?.life ?? life, open?.port ?? port);
    } else if (what < 75 && life !== undefined && port !== undefined) watch(life, port);
    else if (what < 78 && a !== b) {
      const heal = network.cut(a, b);
      clock.after(chance(2_000), heal);
    } else if (what < 81 && a !== b) {
      const heal = network.silence(a, b);
      clock.after(chance(3_000), heal);
    } else if (what < 84 && !down.has(a) && !frozen.has(a)) {
      network.freeze(a);
      frozen.add(a);
    } else if (what < 88) {
      for (const name of frozen) network.thaw(name);
      frozen.clear();
    } else if (what < 91 && !down.has(a)) {
      network.crash(a, { silent: chance(2) === 0 });
      ended(a);
    } else if (what < 96) {
      for (const name of down) await network.restart(name);
      down.clear();
    } else await network.run(chance(500));
  };

  for (let step = 0; step < STEPS; step++) {
    await act();
    await network.run(chance(20));
    guard.check();
  }
  network.heal();
  for (const name of frozen) network.thaw(name);
  for (const name of down) await network.restart(name);
  await network.run(REST);
  guard.check();
  expect(messages.unrest()).toBeUndefined();
  return messages.counts;
}

describe('S1, S2, S13, S18, G6: everybody and guests', () => {
  it.each(Array.from({ length: SEEDS }, (_, i) => i + 1))('seed %i', async (seed) => {
    const { arrived, fired } = await run(seed);
    expect(arrived).toBeGreaterThan(20);
    expect(fired).toBeGreaterThan(5);
  });
});
