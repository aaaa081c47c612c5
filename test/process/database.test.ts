import { randomInt } from 'node:crypto';
import { seededRandom } from 'rxmp/testing';
import { beforeAll, describe, expect } from 'vitest';
import { anchorOf, createChanges, createModel } from './database-model.js';
import { startDatabaseNode, untilCalm, type DatabaseNode, type DatabaseNodeOptions, type Look, type NodeState } from './database-nodes.js';
import { common, OTHERS, planNetwork, SEEDS, SLAVES_OF_A, SLAVES_OF_C } from './database-plan.js';
import { createSteps } from './steps.js';

/** Every node watches these from the beginning; LATE only when it looks. */
const WATCHED = ['users', 'users', 'rooms', 'a:b_1'];
const LATE = 'late';
const EMPTY = 'empty';
const FAMILIES = [...new Set(WATCHED), LATE];
const CHANGES = 40;
const STEP = 60_000;

const seed = Number(process.env['RXMP_SEED'] ?? randomInt(2 ** 31));
const hint = `the same updates again: RXMP_SEED=${seed}`;
const changes = createChanges(seededRandom(seed), FAMILIES);
const model = createModel();
let options: Map<string, DatabaseNodeOptions>;
const living = new Map<string, DatabaseNode>();

const globals = new Set(SEEDS);

/** Starts nodes, and has each of them watch and set its anchors. */
const start = (ids: readonly string[]): Promise<unknown> =>
  Promise.all(
    ids.map(async (id) => {
      const node = await startDatabaseNode({ ...options.get(id), nodeid: id });
      living.set(id, node);
      for (const family of [...WATCHED, EMPTY, "'g", "'l", "'w"]) await node.ask('watch', family);
      const anchors = changes.anchors(id);
      model.forget(id);
      model.apply(id, anchors);
      await node.ask('apply', anchors, true);
    }),
  );

/** SIGKILL. */
const end = (ids: readonly string[]): Promise<unknown> =>
  Promise.all(
    ids.map(async (id) => {
      const node = living.get(id);
      living.delete(id);
      await node?.end();
    }),
  );

const all = <T>(ids: readonly string[], ask: (node: DatabaseNode) => Promise<T>): Promise<T[]> =>
  Promise.all(ids.map((id) => ask(living.get(id)!)));

/** The nodes change their own parts, as chance has it. */
async function churn(ids: readonly string[] = [...living.keys()], count = CHANGES): Promise<void> {
  await all(ids, (node) => {
    const some = changes.some(node.id, count);
    model.apply(node.id, some);
    return node.ask('apply', some, changes.isBurst());
  });
}

/** From now on no monitor may lose an anchor of these nodes; but those of `except` may. */
async function holdSteady(ids: readonly string[], except?: string): Promise<void> {
  await all([...living.keys()], (node) =>
    node.ask('steady', Object.fromEntries(FAMILIES.map((family) => [family, node.id === except ? [] : ids.map(anchorOf)]))),
  );
}

const withBinds = (ids: readonly string[], isWeb: boolean): readonly string[] =>
  ids.filter((id) => options.get(id)?.binds?.some((bind) => bind.startsWith('ws:') === isWeb));

/** Whether a text is the union of what the nodes have set; else what is wrong. */
function troubleIn(family: string, ids: readonly string[], text: string): string | undefined {
  const shown = new Map(JSON.parse(text) as [string, unknown][]);
  const own: Readonly<Record<string, readonly string[]>> = {
    "'g": ids.filter((id) => globals.has(id)),
    "'l": withBinds(ids, false),
    "'w": withBinds(ids, true),
  };
  const expected = own[family];
  if (expected === undefined) return model.trouble(family, ids, shown);
  const [is, should] = [[...shown.keys()].sort().join(), [...expected].sort().join()];
  return is === should ? undefined : `${family} has ${is}, not ${should}`;
}

function troubleOf(ids: readonly string[], states: readonly NodeState[]): string | undefined {
  const [first] = states;
  for (const [family, text] of Object.entries(first!.stores)) {
    if (text === null) return `${ids[0]} knows nothing of ${family}`;
    const other = states.findIndex(({ stores }) => stores[family] !== text);
    const trouble = troubleIn(family, ids, text);
    if (trouble !== undefined) return trouble;
    if (other >= 0) return `${ids[other]} shows ${family} as ${states[other]!.stores[family]}, ${ids[0]} as ${text}`;
  }
  for (const [i, { up }] of states.entries()) {
    const id = ids[i]!;
    const others = ids.filter((one) => globals.has(one) && one !== id);
    const connected = others.filter((one) => up.includes(one));
    // S22: globals with all others; slaves with one at least
    if (connected.length < (globals.has(id) ? others.length : 1)) return `${id} is only connected with ${up.join()}`;
  }
  return undefined;
}

/** A node that was too slow for `monitorTimeout` was lost to others for a while, and so were its keys. */
function expectNoViolations(ids: readonly string[], states: readonly NodeState[]): void {
  const slow = states.flatMap(({ silences }) => silences).filter((id) => id !== 'gB');
  for (const [i, { violations }] of states.entries()) {
    expect(violations.filter((text) => slow.length === 0 || !text.endsWith('(S25)')), `${ids[i]}; ${hint}`).toEqual([]);
  }
}

/** Waits until all nodes show the same: the union of what they have set. */
async function untilUnited(ids: readonly string[] = [...living.keys()]): Promise<void> {
  await untilCalm(`the union of ${ids.join()} (${hint})`, async () => {
    const states = await all(ids, (node) => node.ask<NodeState>('state'));
    expectNoViolations(ids, states);
    return troubleOf(ids, states);
  });
}

/** A new monitor of a family that nobody watches, and all three queries, show the union too. */
async function expectLooksUnited(ids: readonly string[] = [...living.keys()]): Promise<void> {
  const looks = await all(ids, (node) => node.ask<Look>('look', LATE));
  const text = looks[0]!.monitored;
  expect(troubleIn(LATE, ids, text), hint).toBeUndefined();
  const entries = JSON.parse(text) as [string, unknown][];
  const order = (values: readonly unknown[]): unknown => values.map((value) => JSON.stringify(value)).sort();
  for (const { monitored, queried, keys, values } of looks) {
    expect({ monitored, queried }, hint).toEqual({ monitored: text, queried: text });
    expect(order(keys), hint).toEqual(order(entries.map(([key]) => key)));
    expect(order(values), hint).toEqual(order(entries.map(([, value]) => value)));
  }
}

const step = createSteps(STEP);

describe('a network of 3 globals and 12 slaves in processes of their own', () => {
  beforeAll(async () => {
    process.stdout.write(`database.test.ts: ${hint}\n`);
    options = await planNetwork();
    // as long as there is no other, it becomes the master of these, and it stays that
    await start(['gA']);
    await start(SLAVES_OF_A);
    await untilUnited();
    await start(['gB', 'gC', ...SLAVES_OF_C, ...OTHERS]);
  }, STEP);

  step('S24: shows the union of what all have set, everywhere the same', async () => {
    await churn();
    await untilUnited();
    await churn(undefined, 5 * CHANGES);
    await churn();
    await untilUnited();
    await expectLooksUnited();
  });

  step('S25: loses exactly the keys of a slave that is killed', async () => {
    await holdSteady([...living.keys()].filter((id) => id !== 's8'));
    await end(['s8']);
    await churn();
    await untilUnited();
    await expectLooksUnited();
  });

  step('S21, S25: goes on without a global that is killed, and with it when it is back', async () => {
    await holdSteady(['gA', 'gC', ...SLAVES_OF_A, 's7', 's9']);
    await Promise.all([end(['gB']), churn([...living.keys()].filter((id) => id !== 'gB'))]);
    await untilUnited();
    await expectLooksUnited();
    await holdSteady([...living.keys()]);
    await start(['gB']);
    await churn();
    await untilUnited();
  });

  step('S21, S28: slaves whose master is killed choose another, and miss nothing of their own meanwhile', async () => {
    await holdSteady(['gB', 'gC', 's7', 's9', ...OTHERS]);
    await end(['gA']);
    await churn();
    await untilUnited();
    await expectLooksUnited();
    await holdSteady([...living.keys()]);
    await start(['gA']);
    await churn();
    await untilUnited();
  });

  step('S16, D7: goes on without a global that is frozen, and unites again when it is thawed', async () => {
    // which other slaves have chosen gB by now is not known; gB itself has lost everybody when it wakes up
    await holdSteady(['gC', 's7', 's9'], 'gB');
    const others = [...living.keys()].filter((id) => id !== 'gB');
    living.get('gB')!.signal('SIGSTOP');
    try {
      await churn(others);
      await untilUnited(others);
      await expectLooksUnited(others);
    } finally {
      living.get('gB')!.signal('SIGCONT');
    }
    await churn();
    await untilUnited();
    await expectLooksUnited();
  });

  step('S21, S28: comes back when all seeds were killed, and start again', async () => {
    await holdSteady([]);
    await end(SEEDS);
    const slaves = [...living.keys()];
    await churn();
    // what is asked while nobody is there is answered later
    const looks = all(slaves, (node) => node.ask<Look>('look', LATE));
    await churn();
    await start(SEEDS);
    await churn();
    expect(await looks).toHaveLength(slaves.length);
    await untilUnited();
    await expectLooksUnited();
  });

  step('S21, S28: a slave that somebody has as seed becomes global, and no monitor misses anything', async () => {
    options.set('s13', { ...common, seeds: living.get('s5')!.addresses });
    await holdSteady([...living.keys()]);
    globals.add('s5');
    await Promise.all([start(['s13']), churn()]);
    await untilUnited();
    await expectLooksUnited();
  });

  step('has logged no error all the while', async () => {
    const states = await all([...living.keys()], (node) => node.ask<NodeState>('state'));
    expect(states.flatMap(({ logged }) => logged.filter((text) => text.startsWith('error')))).toEqual([]);
  });
});
