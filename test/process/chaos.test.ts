import { randomInt } from 'node:crypto';
import { seededRandom } from 'rxmp/testing';
import { beforeAll, describe, expect } from 'vitest';
import { createChaosNetwork, FAMILIES, monitorTimeout, TCP_PAIR, WEB_PAIR, type ChaosNetwork, type ChaosState } from './chaos-network.js';
import { createSchedule, describeFault, type Fault } from './chaos-schedule.js';
import { createChanges, createModel } from './database-model.js';
import { untilCalm } from './database-nodes.js';
import { createSteps } from './steps.js';

const STEP = 60_000;
/** Changes of a node between two faults. */
const CHANGES = 10;
/** How many messages of a stream have to come through a slow connection before it is fast again. */
const TRICKLED = 20;
/** What passes a slow connection, octets per ms: a little more than all streams between two nodes need. */
const SLOW = 25;
/** A message that takes twice the time in which silence is noticed. */
const POURED = 2 * monitorTimeout * SLOW;

const seed = Number(process.env['RXMP_SEED'] ?? randomInt(2 ** 31));
const hint = `the same faults again: RXMP_SEED=${seed}`;
const random = seededRandom(seed);
const changes = createChanges(random, FAMILIES);
const model = createModel();
let network: ChaosNetwork;

const others = (id: string): readonly string[] => network.ids.filter((other) => other !== id);
const statesOf = (ids: readonly string[]): Promise<ChaosState[]> => Promise.all(ids.map((id) => network.state(id)));

/** Waits until all of these nodes are as they should be. `wrong` says what is not. */
const until = (what: string, ids: readonly string[], wrong: (states: readonly ChaosState[]) => string | undefined): Promise<void> =>
  untilCalm(`${what} (${hint})`, async () => wrong(await statesOf(ids)), 1);

async function start(id: string): Promise<void> {
  await network.start(id);
  model.forget(id);
  await churn([id]);
}

/** The nodes change their own parts of the database. */
async function churn(ids: readonly string[]): Promise<void> {
  await Promise.all(
    ids.map((id) => {
      const some = changes.some(id, CHANGES);
      model.apply(id, some);
      return network.ask(id, 'apply', some);
    }),
  );
}

/** Each of these nodes is connected with all others of them. */
const untilConnected = (ids: readonly string[] = network.ids): Promise<void> =>
  until('connections', ids, (states) => {
    const lonely = states.findIndex(({ up }, i) => !ids.every((id) => id === ids[i] || up.includes(id)));
    return lonely < 0 ? undefined : `${ids[lonely]} is only connected with ${states[lonely]!.up.join()}`;
  });

/** All of these nodes show the same: the union of what they have set (D7). */
const untilUnited = (ids: readonly string[]): Promise<void> =>
  until(`the union of ${ids.join()}`, ids, (states) => {
    for (const family of FAMILIES) {
      for (const [i, { stores }] of states.entries()) {
        const text = stores[family];
        if (typeof text !== 'string' || text !== states[0]!.stores[family]) return `${ids[i]} shows ${family} as ${text}, not as ${ids[0]} does`;
        const trouble = model.trouble(family, ids, new Map(JSON.parse(text) as [string, unknown][]));
        if (trouble !== undefined) return `${ids[i]}: ${trouble}`;
      }
    }
    return undefined;
  });

/** When each of these nodes has lost another one, since a moment; ms since the epoch. */
async function untilLost(pairs: readonly (readonly [observer: string, lost: string])[], since: number): Promise<readonly number[]> {
  const downOf = ({ downs }: ChaosState, lost: string): number | undefined =>
    downs.find(([node, time]) => node === lost && time >= since)?.[1];
  const ids = pairs.map(([observer]) => observer);
  await until('the loss', ids, (states) => {
    const blind = states.findIndex((state, i) => downOf(state, pairs[i]![1]) === undefined);
    return blind < 0 ? undefined : `${ids[blind]} has not lost ${pairs[blind]![1]}`;
  });
  return (await statesOf(ids)).map((state, i) => downOf(state, pairs[i]![1])!);
}

/** S16: the observers notice in time. By as much as the machine has kept a process waiting, it may come later. */
async function expectNoticed(pairs: readonly (readonly [observer: string, lost: string])[], fault: () => void): Promise<void> {
  const observers = [...new Set(pairs.map(([observer]) => observer))];
  const lags = (): Promise<number[]> => Promise.all(observers.map((id) => network.ask<number>(id, 'lag')));
  await lags();
  const since = Date.now();
  fault();
  const times = await untilLost(pairs, since);
  const late = Math.max(...(await lags()));
  expect(Math.max(...times) - since, hint).toBeLessThanOrEqual(monitorTimeout + late);
}

/** Does one fault, waits until it was noticed, and ends it. `observers` are the nodes that can be asked meanwhile. */
async function perform(fault: Fault, observers: readonly string[]): Promise<void> {
  if ('node' in fault) {
    const { kind, node } = fault;
    const pairs = observers.map((id) => [id, node] as const);
    if (kind === 'freeze') {
      await expectNoticed(pairs, () => { network.freeze(node); });
      network.thaw(node);
      return;
    }
    const since = Date.now();
    await network.kill(node);
    await untilLost(pairs, since);
    await start(node);
    return;
  }
  const { kind, from, to } = fault;
  const both = [[from, to], [to, from]] as const;
  if (kind === 'trickle') {
    network.trickle(from, to, SLOW);
    const countOf = (state: ChaosState): number => state.inbox[from]?.count ?? 0;
    const before = countOf(await network.state(to));
    await until('slow messages', [to], ([state]) => (countOf(state!) >= before + TRICKLED ? undefined : `${to} got none from ${from}`));
  } else if (kind === 'cut') {
    const since = Date.now();
    network.cut(from, to);
    await untilLost(both, since);
  } else {
    await expectNoticed(both, () => { network.silence(from, to); });
  }
  network.heal(from, to);
}

const step = createSteps(STEP);

describe('five processes that stream to each other without a pause, over TCP and WebSocket', () => {
  beforeAll(async () => {
    process.stdout.write(`chaos.test.ts: ${hint}\n`);
    network = await createChaosNetwork();
    await Promise.all(network.ids.map(start));
    await untilConnected();
    await untilUnited(network.ids);
  }, STEP);

  step('S16: a connection that is half open, one way or the other, is noticed at both ends within monitorTimeout', async () => {
    for (const forth of [true, false]) {
      await Promise.all(
        [TCP_PAIR, WEB_PAIR].map(async ([worker, hub]) => {
          const [from, to] = forth ? [worker, hub] : [hub, worker];
          await expectNoticed([[from, to], [to, from]], () => { network.silence(from, to); });
          network.heal(from, to);
        }),
      );
      await untilConnected();
    }
  });

  step('S16: a connection that is slow is none that is dead, though one message takes longer than monitorTimeout', async () => {
    const pairs = [TCP_PAIR, WEB_PAIR];
    const lossesOf = async (): Promise<unknown> =>
      (await statesOf(pairs.map(([worker]) => worker))).map(({ downs }, i) => downs.filter(([node]) => node === pairs[i]![1]));
    const before = await lossesOf();
    const since = performance.now();
    for (const [worker, hub] of pairs) {
      network.trickle(hub, worker, SLOW);
      await network.ask(hub, 'pour', worker, POURED);
    }
    await until('the message', pairs.map(([worker]) => worker), (states) => {
      const i = states.findIndex(({ poured }) => poured < POURED);
      return i < 0 ? undefined : `${pairs[i]![0]} has ${states[i]!.poured} octets, and has lost ${JSON.stringify(states[i]!.downs)}`;
    });
    expect(performance.now() - since).toBeGreaterThan(1.5 * monitorTimeout);
    expect(await lossesOf(), hint).toEqual(before);
    for (const [worker, hub] of pairs) network.heal(hub, worker);
  });

  step('S25, D7: a network in two parts shows in each part what is there, and all of it when it is one again', async () => {
    const parts = [['h1', 'w1'], ['h2', 'w2', 'w3']] as const;
    const ways = parts[0].flatMap((a) => parts[1].map((b) => [a, b] as const));
    for (const [a, b] of ways) network.cut(a, b);
    await churn(network.ids);
    await Promise.all(parts.map(untilUnited));
    for (const [a, b] of ways) network.heal(a, b);
    await churn(network.ids);
    await untilConnected();
    await untilUnited(network.ids);
  });

  step('S2, S11, D7: nothing is lost unnoticed, whatever happens, and the database is one when all is over', async () => {
    for (const faults of createSchedule(random, network.ids)) {
      await untilConnected();
      process.stdout.write(`chaos.test.ts: ${faults.map(describeFault).join(', ')}\n`);
      const away = faults.flatMap((fault) => ('node' in fault ? [fault.node] : []));
      const observers = network.ids.filter((id) => !away.includes(id));
      await Promise.all([churn(observers), ...faults.map((fault) => perform(fault, observers))]);
    }
    await untilConnected();
    await churn(network.ids);
    await untilUnited(network.ids);
  });

  step('S1, S2: what was sent since the last monitor fired has all arrived, and no process has seen anything wrong', async () => {
    await Promise.all(network.ids.map((id) => network.ask(id, 'quiet')));
    await until('all messages', network.ids, (states) => {
      for (const [i, { run, streams }] of states.entries()) {
        const sender = network.ids[i]!;
        for (const peer of others(sender)) {
          const stream = streams.findLast((one) => one.peer === peer && one.alive);
          const last = states[network.ids.indexOf(peer)]!.inbox[sender];
          const [sent, got] = [`${run} ${stream?.age} ${stream && stream.n - 1}`, `${last?.run} ${last?.age} ${last?.n}`];
          if (sent !== got) return `${sender} has sent ${sent} to ${peer}, which has got ${got}`;
        }
      }
      return undefined;
    });
    const states = await statesOf(network.ids);
    expect(states.flatMap(({ violations, logged }, i) => [...violations, ...logged].map((text) => `${network.ids[i]}: ${text}`)), hint).toEqual([]);
    // all of this means something only if monitors have fired, and messages have come after that
    const losses = states.flatMap(({ streams }) => streams.filter(({ alive }) => alive).map((stream) => stream.losses));
    expect(Math.max(...losses), hint).toBeGreaterThan(0);
  });
});
