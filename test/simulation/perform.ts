import { faults } from './break.js';
import { isOver, type Life, type Port, type Watch } from './model.js';
import { pick } from './pick.js';
import type { Action, ActionName } from './plan.js';
import { deluded } from './rest.js';
import { violated } from './violation.js';
import { FAMILIES, LISTENERS, MESH, type World } from './world.js';

const KEYS = ['k0', 'k1', 'k2', 'k3', '__proto__', 'constructor', '12', 'x y'];
const READ = [...FAMILIES, MESH, LISTENERS];
const QUERIES = ['dbFamily', 'dbKeys', 'dbValues'] as const;
/** So many of the last monitors take part. */
const MONITORS = 15;
/** No way takes longer, ms. */
export const LONGEST_DELAY = 200;
/** After this time a call gives up, ms. */
const CALL_TIMEOUT = 700;

/** The last monitors that have not fired, of nodes that can do something. */
const openMonitors = ({ monitors, frozen }: World): readonly Watch[] =>
  monitors.filter((watch) => !isOver(watch) && watch.life.alive && !frozen.has(watch.life.host)).slice(-MONITORS);

type Step = (world: World, life: Life, port: Port, action: Action) => unknown;

const steps: Partial<Record<ActionName, Step>> = {
  send(world, life, port, { b, c }) {
    // most go where a monitor watches: there a loss must not be silent
    const watched = c % 4 > 0 ? pick(openMonitors(world), b) : undefined;
    const from = watched?.life ?? life;
    const to = watched?.port ?? port;
    // several at once: they leave in one write
    for (let i = 0; i <= c % 3; i++) world.send(from, to);
  },
  echo(world, life, port, { c }) {
    const answer = life.node.cal(port.id, 'echo', c, ...(c % 2 === 0 ? [{ timeout: CALL_TIMEOUT }] : []));
    world.calls.ask(life, `call ${c} of ${port.id}`, answer, (reply) => {
      if (JSON.stringify(reply) !== JSON.stringify([c])) violated('S1', `the call ${c} was answered with ${JSON.stringify(reply)}`);
    });
  },
  monitor(world, life, port) {
    world.monitor(life, port);
  },
  unmonitor(world, _life, _port, { b }) {
    pick(openMonitors(world), b)?.cancel();
  },
  link(world, life, port, { c }) {
    const own = pick(world.ports.filter(({ life: owner, dead }) => owner === life && dead === undefined), c);
    if (own === undefined || own === port) return;
    world.deaths.link(port, own);
    life.node.mon(port.id, own.id);
  },
  port(world, life) {
    world.makePort(life);
  },
  spawn(world, life, _port, { c }) {
    const on = pick(world.roles, c);
    if (on !== undefined) world.spawn(life, on.name);
  },
  kill(world, life, port, { c }) {
    life.node.kil(port.id, ...world.deaths.kill(port, c % 3 === 0));
  },
  boom(world, life, port) {
    life.node.snd(port.id, world.deaths.boom(port));
  },
  set(_world, life, _port, { b, c }) {
    const family = c % 2 === 0 ? 'fam' : 'other';
    const key = pick(KEYS, b) ?? '';
    const value = c % 5 === 0 ? 'same' : { by: life.host, n: c };
    life.node.dbSet(family, key, value);
    const held = life.shard.get(family) ?? new Map<string, unknown>();
    life.shard.set(family, held.set(key, value));
  },
  del(_world, life, _port, { b, c }) {
    const family = c % 2 === 0 ? 'fam' : 'other';
    const key = pick(KEYS, b) ?? '';
    life.node.dbDel(family, key);
    life.shard.get(family)?.delete(key);
  },
  reg(world, life, _port, { c }) {
    const own = pick(world.ports.filter(({ life: owner, dead }) => owner === life && dead === undefined), c);
    if (own === undefined) return;
    life.node.dbReg('reg', own.id, c);
    const held = life.shard.get('reg') ?? new Map<string, unknown>();
    life.shard.set('reg', held.set(own.id, c));
  },
  watch(world, life, _port, { c }) {
    world.watch(life, pick(READ, c) ?? 'fam');
  },
  unwatch(world, _life, _port, { b }) {
    const fold = pick([...world.folds].filter(({ life }) => !world.frozen.has(life.host)), b);
    if (fold !== undefined) world.unwatch(fold);
  },
  ask(world, life, _port, { b, c }) {
    const family = pick(READ, c) ?? 'fam';
    const query = pick(QUERIES, b) ?? 'dbKeys';
    world.calls.ask(life, `${query} of ${family}`, life.node[query](family), (answer) => {
      if (!(answer instanceof Map) && !Array.isArray(answer)) violated('S24', `${query} gave ${JSON.stringify(answer)}`);
    });
  },
  pause(world, _life, _port, { c }) {
    world.clock.runFor(c % 500);
  },
};

/** Does one step of a plan, and lets its time go by. */
export async function perform(world: World, action: Action): Promise<void> {
  const fault = faults[action.do];
  const life = pick([...world.lives.values()].filter(({ host }) => !world.frozen.has(host)), action.a);
  const port = pick(world.ports, action.b);
  world.note(() => `${action.do} ${life?.key ?? ''} ${port?.id ?? ''} ${action.c}`);
  if (fault !== undefined) await fault(world, action);
  // nobody else may know of a port that is not there yet
  else if (life !== undefined && port !== undefined && (port.life !== undefined || port.spawner === life)) steps[action.do]?.(world, life, port, action);
  world.clock.runFor(action.wait);
  noticed(world);
  world.check();
  const wrong = deluded(world);
  if (wrong !== undefined) violated('V12', wrong);
}

/** Who vanished is noticed within `monitorTimeout`, and given up when the link has waited for it; what was under way may take as long as the way (S16). */
function noticed({ vanished, stood, frozen, twinned, lives, clock, setup }: World): void {
  const late = clock.now() - setup.monitorTimeout - setup.resumeTime - LONGEST_DELAY;
  for (const [host, since] of vanished) {
    if (since > late || twinned.has(host)) continue;
    for (const { host: other, key, node, since: born } of lives.values()) {
      if (frozen.has(other) || (stood.get(other) ?? born) > since || node.nodeIsUp(host) !== true) continue;
      violated('S16', `${key} has not noticed for ${Math.round(clock.now() - since)} ms that ${host} is gone`);
    }
  }
}
