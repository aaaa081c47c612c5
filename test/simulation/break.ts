import { parseAddress } from '../../src/transport/address.js';
import { garbage, malformed } from './mischief.js';
import { pick } from './pick.js';
import type { Action, ActionName } from './plan.js';
import type { World } from './world.js';

type Fault = (world: World, action: Action) => unknown;

/** How long somebody who has written garbage stays, ms: longer than a handshake may take. */
const GARBAGE_STAYS = 3_000;
const RATES = [1, 20, 200];
/** So many times `monitorTimeout`. */
const NOTICED = 1.2;

/** Two hosts that are not the same. */
function two(world: World, { a, b }: Action): readonly [string, string] {
  const names = world.roles.map(({ name }) => name);
  const first = a % names.length;
  const second = (first + 1 + (b % (names.length - 1))) % names.length;
  return [names[first] ?? '', names[second] ?? ''];
}

/** A host of a kind, by chance. */
function oneOf(world: World, choice: number, wanted: (name: string) => boolean): string | undefined {
  return pick(world.roles.map(({ name }) => name).filter(wanted), choice);
}

/** Whose program runs, or could: a worker needs that its parent does. */
function mayStart({ roles, lives, frozen }: World, name: string): boolean {
  const parent = roles.find((role) => role.name === name)?.workerOf;
  return !lives.has(name) && (parent === undefined || (lives.has(parent) && !frozen.has(parent)));
}

/** A host, its workers, and theirs. */
function programOf(world: World, name: string): string[] {
  return [name, ...world.roles.filter(({ workerOf }) => workerOf === name).flatMap((worker) => programOf(world, worker.name))];
}

/** How many nodes run beside a program. */
function othersThan({ lives }: World, program: readonly string[]): number {
  return [...lives.keys()].filter((name) => !program.includes(name)).length;
}

const isUp = (world: World) => (name: string) => world.lives.has(name);

export const faults: Partial<Record<ActionName, Fault>> = {
  cut: (world, action) => world.heals.push(world.wire.cut(...two(world, action))),
  partition(world, { b, c }) {
    const groups: string[][] = [[], [], []];
    world.roles.forEach(({ name }, i) => groups[((b >> (i % 13)) + (c % 2) * i) % (2 + (c % 2))]?.push(name));
    world.heals.push(world.wire.partition(groups));
  },
  silence: (world, action) => world.heals.push(world.wire.silence(...two(world, action), action.c % 2 === 0)),
  refuse: (world, action) => world.heals.push(world.wire.refuse(...two(world, action))),
  tear(world, action) {
    world.wire.tear(...two(world, action));
  },
  corrupt(world, action) {
    // in octets of CBOR a change may go unnoticed, as no checksum of TCP would let it
    if (world.isText) world.wire.corrupt(...two(world, action));
  },
  forget(world, action) {
    world.wire.forget(...two(world, action));
  },
  slow(world, action) {
    world.wire.slow(...two(world, action), pick(RATES, action.c) ?? 1);
  },
  throttle(world, { a, c }) {
    world.wire.throttle(oneOf(world, a, () => true) ?? '', pick(RATES, c) ?? 1);
  },
  delay(world, action) {
    world.wire.delay(...two(world, action), { min: 0, max: action.c % 200 });
  },
  healOne(world, { a }) {
    const [heal] = world.heals.splice(a % Math.max(1, world.heals.length), 1);
    heal?.();
  },
  /** A connection breaks, in the middle of a write if there is one, and there may be another before anybody gives up. */
  blip(world, action) {
    const [a, b] = two(world, action);
    const knows = (one: string, other: string): boolean => world.lives.get(one)?.node.nodeIsUp(other) === true;
    if (!knows(a, b) || !knows(b, a)) return;
    if (action.c % 3 > 0) world.wire.tear(a, b);
    else world.wire.cut(a, b)();
  },
  heal(world) {
    world.heals.length = 0;
    world.wire.heal();
  },
  crash(world, { a }) {
    crash(world, oneOf(world, a, isUp(world)), false);
  },
  vanish(world, { a }) {
    crash(world, oneOf(world, a, isUp(world)), true);
  },
  async restart(world, { a }) {
    const name = oneOf(world, a, (one) => mayStart(world, one));
    if (name !== undefined) await world.network.restart(name);
  },
  async leave(world, { a }) {
    const name = oneOf(world, a, isUp(world));
    if (name === undefined) return;
    const program = programOf(world, name);
    if (othersThan(world, program) === 0) return;
    // what it had sent may still arrive, from a life that has ended
    endAll(world, program);
    await world.network.leave(name);
  },
  async twin(world, { a, b }) {
    const victim = oneOf(world, a, isUp(world));
    const seed = oneOf(world, b, (name) => name !== victim && world.roles.some((role) => role.name === name && role.kind === 'seed'));
    if (victim === undefined || seed === undefined || world.extras.size > 0) return;
    world.twinned.add(victim);
    await world.extra('twin', { nodeid: victim, seeds: [`memory://${seed}`] });
  },
  untwin: leaveExtras,
  freeze(world, { a }) {
    const name = oneOf(world, a, isUp(world));
    if (name !== undefined) freeze(world, name);
  },
  thaw(world) {
    thaw(world, world.frozen);
  },
  /** A program is there again before all have noticed that it was gone. */
  async bounce(world, { a, b, c }) {
    const name = oneOf(world, a, isUp(world));
    if (name === undefined || !crash(world, name, c % 2 === 0)) return;
    soon(world, b);
    for (const one of programOf(world, name)) if (mayStart(world, one)) await world.network.restart(one);
  },
  /** A connection is lost at one end, or at both, and there again before all have noticed. */
  flap(world, action) {
    const hosts = two(world, action);
    const heal = action.c % 3 === 0 ? world.wire.cut(...hosts) : world.wire.silence(...hosts, action.c % 3 === 1);
    soon(world, action.c);
    heal();
  },
  /** A program stands still while others try, or begin, to give it up. */
  stall(world, { a, b }) {
    const name = oneOf(world, a, isUp(world));
    if (name === undefined || world.frozen.has(name)) return;
    freeze(world, name);
    soon(world, b);
    thaw(world, [name]);
  },
  leap(world, { a, c }) {
    const name = oneOf(world, a, isUp(world));
    if (name === undefined) return;
    world.network.leap(name, c);
    // somebody sets the wall clock too, back by an hour or forwards
    world.network.setWall(name, c % 2 === 0 ? -3_600_000 : 3_600_000);
  },
  garbage(world, { a, b }) {
    const target = parseAddress(`memory://${oneOf(world, a, () => true) ?? ''}`);
    world.wire.transport('nobody').connect(target).subscribe({
      next: (duplex) => {
        duplex.write(pick(garbage, b) ?? '');
        duplex.incoming$.subscribe({ error: () => undefined });
        world.clock.after(b % 2 === 0 ? 0 : GARBAGE_STAYS, () => { duplex.close(); });
      },
      error: () => undefined,
    });
  },
  async foreign(world, { a, b }) {
    const seed = oneOf(world, a, (name) => world.roles.some((role) => role.name === name && role.kind === 'seed'));
    if (seed === undefined || world.extras.size > 0) return;
    const tap = await world.extra('foreign', { seeds: [`memory://${seed}`], framings: ['json'] });
    world.clock.runFor(4 * world.setup.delay + 10);
    for (let i = 0; i <= b % 3; i++) tap.inject(pick(malformed, b + i) ?? '');
  },
};

function freeze({ frozen, network }: World, name: string): void {
  frozen.add(name);
  network.freeze(name);
}

function thaw({ frozen, stood, clock, network }: World, names: Iterable<string>): void {
  for (const name of names) {
    network.thaw(name);
    stood.set(name, clock.now());
    frozen.delete(name);
  }
}

/** Lets time go by: up to that in which a loss is noticed, and a little more. */
function soon({ clock, setup }: World, choice: number): void {
  clock.runFor(choice % Math.round(NOTICED * setup.monitorTimeout));
}

function endAll(world: World, program: readonly string[]): void {
  for (const name of program) {
    const life = world.lives.get(name);
    if (life !== undefined) world.end(life);
  }
}

/** False: there would be nobody left. A thread never goes in silence. */
function crash(world: World, name: string | undefined, silent: boolean): boolean {
  if (name === undefined) return false;
  const program = programOf(world, name).filter(isUp(world));
  if (othersThan(world, program) === 0) return false;
  const isThread = world.roles.some((role) => role.name === name && role.workerOf !== undefined);
  endAll(world, program);
  world.network.crash(name, { silent: silent && !isThread });
  if (silent && !isThread) for (const one of program) world.vanished.set(one, world.clock.now());
  return true;
}

async function leaveExtras(world: World): Promise<void> {
  for (const name of world.extras) await world.network.leave(name);
  world.extras.clear();
}

/** Ends all faults: what was slow is fast, what stood goes on, and most of who crashed is there again. */
export async function healAll(world: World): Promise<void> {
  const { wire, network, roles, lives } = world;
  const names = roles.map(({ name }) => name);
  wire.heal();
  thaw(world, world.frozen);
  await leaveExtras(world);
  for (const [i, a] of names.entries()) {
    wire.throttle(a, Infinity);
    for (const b of names.slice(i + 1)) {
      wire.slow(a, b, Infinity);
      wire.delay(a, b, { min: 1, max: world.setup.delay });
    }
  }
  for (const [i, { name, kind }] of roles.entries()) {
    // some slaves stay away: then their keys have to be gone
    if (mayStart(world, name) && (kind !== 'slave' || i % 2 === 0 || lives.size < 2)) await network.restart(name);
  }
}
