import { parseArgs } from 'node:util';
import { linkContender, observersContender } from './federation.js';
import { localContenders } from './local.js';
import { compare, type Result } from './measure.js';
import { oneWayContenders } from './one-way.js';
import { joinContender, watchContender } from './watch.js';
import { rawWatchContender } from './watch-raw.js';
import { portMemory } from './port-memory.js';
import { roundTripContenders } from './round-trips.js';
import { storeMemory } from './store-memory.js';
import { storeBenches } from './store.js';

/** `npm run bench`: rxmp beside the raw loops that bound it. `--quick` takes less of everything, `--json` prints JSON. */
const { values } = parseArgs({ options: { quick: { type: 'boolean' }, json: { type: 'boolean' } } });
const rounds = values.quick ? 3 : 5;
const size = values.quick ? 0.2 : 1;

interface Row {
  readonly what: string;
  readonly results: readonly Result[];
  /** Undefined: there is none, it is only told. */
  readonly goal?: number;
  /** The median of rxmp by the median of what stands beside it. */
  readonly ratio?: number;
}

const rows: Row[] = [];

const local = await localContenders(2_000_000 * size);
rows.push(row('local snd, 1,000 ports (messages/s)', 0.5, await compare(local.contenders, rounds)));
await local.close();

const messages = 1_000_000 * size;
rows.push(row(`one way, ${messages.toLocaleString('en')} messages of 100 octets, two processes (messages/s)`, 0.5,
  await compare(oneWayContenders(messages), rounds)));

for (const [outstanding, goal] of [[1, 1 / 1.5], [64, 0.7]] as const) {
  const trips = (outstanding === 1 ? 50_000 : 200_000) * size;
  rows.push(row(`round trips between two processes, ${outstanding} at a time (trips/s)`, goal, await compare(roundTripContenders(trips, outstanding), rounds)));
}
const ports = 1_000_000 * size;
rows.push({ what: `${ports.toLocaleString('en')} ports (octets each)`, results: await portMemory(ports, rounds) });

/** Updates a second of the store, looked at after each, at its smallest: a larger one may take three times as long. */
let smallest: number | undefined;
for (const { keys, contenders } of storeBenches(size)) {
  const results = await compare(contenders(), rounds);
  const [own] = results;
  if (own === undefined) continue;
  const what = `store of ${keys.toLocaleString('en')} keys (updates of one key/s)`;
  smallest ??= own.median;
  rows.push({ what: `${what}, beside the smallest`, goal: 1 / 3, results, ratio: own.median / smallest });
  rows.push({ what: `${what}, beside 10 µs each`, goal: 1, results: [own], ratio: own.median / 100_000 });
}
const keys = 1_000_000 * size;
rows.push({ what: `store of ${keys.toLocaleString('en')} keys (octets a key)`, results: storeMemory(keys, rounds) });

/** Updates a second that a watcher is to see (database.md). */
const WATCHED = 500_000;
for (const count of [1_000, 10_000, 100_000, 1_000_000].map((full) => Math.max(1_000, full * size))) {
  const what = `updates that a watcher in another process sees, ${count.toLocaleString('en')} keys (updates/s)`;
  const [own, ...others] = await compare([watchContender(count, messages), rawWatchContender(count, messages)], rounds);
  if (own !== undefined) rows.push({ what, goal: 1, results: [own, ...others], ratio: own.median / WATCHED });
}
const joining = 100_000 * size;
rows.push({ what: `a new slave gets ${joining.toLocaleString('en')} keys (keys/s)`, results: await compare([joinContender(joining)], rounds) });

const assertions = 200_000 * size;
const few = await compare([1, 100, 10_000].map((observers) => observersContender(observers, assertions)), rounds);
const [one, , many] = few;
// patterns that can't match cost nothing: a third is left for caches that are too small
rows.push({ what: 'a scope: assert and take back (pairs/s), with 10,000 observers beside 1', goal: 2 / 3, results: few, ratio: (many?.median ?? 0) / (one?.median ?? Number.NaN) });
const contenders = [linkContender(1, assertions / 4), linkContender(2, assertions / 4)];
rows.push({ what: 'federation: events that an observer in another process sees (events/s)', results: await compare(contenders, rounds) });

process.stdout.write(values.json ? `${JSON.stringify(rows, undefined, 2)}\n` : rows.map(describe).join('\n'));

function row(what: string, goal: number, results: readonly Result[]): Row {
  const [own, beside] = results;
  return { what, goal, results, ratio: (own?.median ?? Number.NaN) / (beside?.median ?? Number.NaN) };
}

function describe({ what, goal, results, ratio }: Row): string {
  const format = (value: number): string => Math.round(value).toLocaleString('en').padStart(12);
  const lines = results.map(({ name, min, median, max }) => `  ${name.padEnd(32)}${format(min)}${format(median)}${format(max)}`);
  const head = `  ${''.padEnd(32)}${['min', 'median', 'max'].map((text) => text.padStart(12)).join('')}`;
  const verdict = goal === undefined || ratio === undefined ? [] : [describeGoal(goal, ratio)];
  return [what, head, ...lines, ...verdict, ''].join('\n');
}

function describeGoal(goal: number, ratio: number): string {
  return `  ratio ${ratio.toFixed(2)}, goal at least ${goal.toFixed(2)}: ${ratio >= goal ? 'met' : 'NOT MET'}`;
}
