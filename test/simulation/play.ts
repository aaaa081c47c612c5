import { createHash } from 'node:crypto';
import type { Observable } from 'rxjs';
import { healAll } from './break.js';
import type { Life } from './model.js';
import { perform } from './perform.js';
import type { Plan, Setup } from './plan.js';
import { unrest } from './rest.js';
import { Violation, violated } from './violation.js';
import { createWorld, FAMILIES, HANDOVER_TIME, HANDSHAKE_TIME, LISTENERS, MESH, REGROUP_TIME, type World } from './world.js';

/** What a run was like. */
export interface Played {
  readonly actions: number;
  readonly messages: number;
  readonly arrived: number;
  readonly monitors: number;
  /** Virtual ms. */
  readonly time: number;
  /** Virtual ms from the end of all faults to rest. */
  readonly rest: number;
  readonly writes: number;
  readonly octets: number;
  /** Of all that has happened, if it was asked for. */
  readonly hash: string | undefined;
  readonly violation: Violation | undefined;
}

export interface PlayOptions {
  /** Is given a line for all that happens. */
  readonly trace?: ((line: string) => void) | undefined;
  /** Hashes all that happens. */
  readonly hash?: boolean;
}

/** How often one looks whether all is at rest, ms. */
const LOOK = 50;
/** Of what is at rest nothing may change, for so many times `monitorTimeout`. */
const STAYS = 2;
/** After this time nothing may be left of nodes that were closed, ms. */
const CLOSING_TIME = 300_000;

/**
 * The longest that a network may take to rest after everything has healed (D7), ms:
 * - who is lost is noticed within `monitorTimeout`, and given up when its link has waited; its id is free for a new connection a quarter of it later;
 * - a seed, and a global node, is tried again after at most `monitorTimeout` each, and each attempt, one that hangs
 *   since before the end of the faults included, ends with the time for handshakes, or that for connecting;
 * - then come the handover to a new global and the regrouping around it.
 */
export function restTime({ monitorTimeout, resumeTime, delay }: Setup): number {
  return 1.25 * monitorTimeout + resumeTime + 2 * (monitorTimeout + HANDSHAKE_TIME) + monitorTimeout + HANDOVER_TIME + REGROUP_TIME + 20 * delay;
}

/** Plays a plan. Never rejects for what the product does wrong: that is `violation`. */
export async function play(plan: Plan, { trace, hash = false }: PlayOptions = {}): Promise<Played> {
  const digest = hash ? createHash('sha256') : undefined;
  const note = (text: () => string): void => {
    if (trace === undefined && digest === undefined) return;
    const line = `${world.clock.now().toFixed(2)} ${text()}`;
    digest?.update(`${line}\n`);
    trace?.(line);
  };
  const world = createWorld(plan, note);
  const { messages, clock, wire } = world;
  let rest = 0;
  let violation: Violation | undefined;
  try {
    await world.start();
    if (plan.setup.calm) settle(world);
    for (const action of plan.actions) await perform(world, action);
    note(() => 'all faults end');
    await healAll(world);
    rest = settle(world);
    await everybodyAnswers(world);
    await close(world);
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    violation = error;
    note(() => error.message);
  }
  return {
    ...{ actions: plan.actions.length, messages: messages.counts.sent, arrived: messages.counts.arrived, monitors: messages.counts.fired },
    ...{ time: clock.now(), rest, ...wire.traffic, violation },
    hash: digest?.digest('hex'),
  };
}

/** Waits until all is as it has to be, and stays so; gives how long that took. */
function settle(world: World): number {
  const { clock, setup, lives } = world;
  for (const life of lives.values()) {
    const known = new Set([...world.folds].filter((fold) => fold.life === life).map(({ family }) => family));
    for (const family of [...FAMILIES, MESH, LISTENERS]) if (!known.has(family)) world.watch(life, family);
  }
  const start = clock.now();
  const end = start + restTime(setup);
  for (let wrong = unrest(world); wrong !== undefined; wrong = unrest(world)) {
    if (clock.now() >= end) throw new Violation(wrong.slice(0, wrong.indexOf(':')), `${wrong.slice(wrong.indexOf(':') + 2)}; ${restTime(setup)} ms after the end of all faults`);
    clock.runFor(LOOK);
    world.check();
  }
  const rest = clock.now() - start;
  world.note(() => `all is at rest after ${rest} ms`);
  clock.runFor(STAYS * setup.monitorTimeout);
  world.check();
  const wrong = unrest(world);
  if (wrong !== undefined) violated('D7', `what was at rest changed by itself: ${wrong}`);
  return rest;
}

/** Every node can call every other that listens, and gets an answer. */
async function everybodyAnswers(world: World): Promise<void> {
  const { lives, roles, calls, clock, setup } = world;
  const all = [...lives.values()];
  const errors: string[] = [];
  for (const [i, life] of all.entries()) {
    const other = all[(i + 1) % all.length];
    if (other === undefined || roles.some(({ name, isPrivate }) => name === other.host && isPrivate)) continue;
    const { id } = world.makePort(other);
    let answered = false;
    life.node.cal(id, 'echo', i).subscribe({ next: () => { answered = true; }, error: (error: unknown) => errors.push(`${life.key} could not call ${id}: ${String(error)}`) });
    clock.runFor(1);
    for (let waited = 0; !answered && errors.length === 0 && waited < 2 * setup.monitorTimeout; waited += LOOK) clock.runFor(LOOK);
    if (!answered) violated('S19', errors[0] ?? `${life.key} called ${id} and got no answer`);
  }
  for (const life of all) askAll(world, life);
  clock.runFor(setup.monitorTimeout);
  world.check();
  const open = calls.unrest();
  if (open !== undefined) violated('S21', open);
  return Promise.resolve();
}

/** Asks for families that do not change any more: the answers must be what those who watch them know (S24). */
function askAll({ calls, folds }: World, life: Life): void {
  for (const { life: watcher, family, entries } of folds) {
    if (watcher !== life || entries === undefined) continue;
    const { node } = life;
    const sorted = (list: readonly unknown[]): string => JSON.stringify(list.map((one) => JSON.stringify(one)).sort());
    const expect = (what: string, question: Observable<unknown>, list: (answer: unknown) => readonly unknown[], known: Iterable<unknown>): void => {
      calls.ask(life, `${what} of ${family}`, question, (answer) => {
        if (sorted(list(answer)) !== sorted([...known])) violated('S24', `${what} of ${family} told ${life.key} ${sorted(list(answer))}, but it knows ${sorted([...known])}`);
      });
    };
    expect('dbFamily', node.dbFamily(family), (answer) => [...(answer as Map<string, unknown>)], entries);
    expect('dbKeys', node.dbKeys(family), (answer) => answer as readonly unknown[], entries.keys());
    expect('dbValues', node.dbValues(family), (answer) => answer as readonly unknown[], entries.values());
  }
}

/** Nothing is left of nodes that were closed: no timer, no connection, no listener. */
async function close(world: World): Promise<void> {
  const { network, clock, wire, roles, lives } = world;
  for (const life of [...lives.values()]) world.end(life);
  for (const { name } of roles) await network.leave(name);
  const end = clock.now() + CLOSING_TIME;
  while (clock.pending > 0 && clock.now() < end) clock.runUntil(Math.min(clock.next, end));
  world.check();
  if (clock.pending > 0) violated('close', `${clock.pending} timers are left after every node was closed`);
  if (wire.connections > 0) violated('close', `${wire.connections} connections are left after every node was closed`);
  if (wire.listeners > 0) violated('close', `${wire.listeners} listeners are left after every node was closed`);
}
