/** Tries the service in twenty networks that fall apart: `node dist/examples/partition/main.js`. */
import { trial } from './trial.js';

const TRIALS = 20;

let slowest = 0;
for (let seed = 1; seed <= TRIALS; seed++) {
  const { leaders, healed } = await trial(seed);
  slowest = Math.max(slowest, healed);
  console.log(`seed ${seed}: ${leaders} ${leaders === 1 ? 'leader' : 'leaders'} while split, one again after ${Math.round(healed)} ms`);
}
console.log(`all agreed after ${Math.round(slowest)} ms at most`);
