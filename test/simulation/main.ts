/**
 * `npm run sim`: plays runs of the simulator.
 *
 *     --runs N      so many, from --from (default 300, from 1); over both cores
 *     --seed N      this one; when it fails, its actions are made few and printed
 *     --trace       with --seed: all that happens
 *     --nodes N     how joining grows with the network, up to so many nodes
 */
import { parseArgs } from 'node:util';
import { SingleBar } from 'cli-progress';
import { planOf } from './plan.js';
import { play } from './play.js';
import { measureJoins } from './scale.js';
import { shrink, textOf } from './shrink.js';
import { addTo, createTotal, describeTotal } from './total.js';
import { work } from './work.js';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '300' },
    from: { type: 'string', default: '1' },
    workers: { type: 'string', default: '2' },
    seed: { type: 'string' },
    nodes: { type: 'string' },
    trace: { type: 'boolean', default: false },
  },
});
/** How long a failing run is made shorter, ms. */
const SHRINKING = 120_000;

if (values.nodes !== undefined) await measureJoins(Number(values.nodes), (line) => { console.log(line); });
else if (values.seed !== undefined) process.exitCode = (await replay(Number(values.seed))) ? 0 : 1;
else process.exitCode = await many(Number(values.from), Number(values.runs), Number(values.workers));

async function replay(seed: number): Promise<boolean> {
  const plan = planOf(seed);
  console.log(`seed ${seed}: ${plan.actions.length} actions, ${JSON.stringify(plan.setup)}`);
  const played = await play(plan, { trace: values.trace ? (line) => { console.log(line); } : undefined });
  const total = createTotal();
  addTo(total, seed, played);
  console.log(describeTotal(total));
  if (played.violation === undefined) return true;
  console.log(`\nseed ${seed}: ${played.violation.message}\n\nmaking it shorter, up to ${SHRINKING / 1_000} s ...`);
  console.log(textOf(await shrink(plan, played.violation.rule, SHRINKING)));
  return false;
}

async function many(from: number, runs: number, workers: number): Promise<number> {
  const total = createTotal();
  const bar = new SingleBar({ format: '{bar} {value}/{total} runs, {violations} violations, {eta_formatted} left', noTTYOutput: true, notTTYSchedule: 30_000 });
  bar.start(runs, 0, { violations: 0 });
  const shares = Array.from({ length: workers }, (_, i) => ({ from: from + i, to: from + runs, step: workers }));
  await Promise.all(shares.map((share) => work(new URL('./worker.js', import.meta.url), share, (seed, played) => {
    addTo(total, seed, played);
    if (played.violation !== undefined) console.log(`\nseed ${seed}: ${played.violation.message}`);
    bar.update(total.runs, { violations: total.violations.length });
    return false;
  })));
  bar.stop();
  console.log(describeTotal(total));
  const [first] = total.violations;
  if (first !== undefined) console.log(`\nreplay one with: npm run sim -- --seed ${first} --trace`);
  return total.violations.length === 0 ? 0 : 1;
}
