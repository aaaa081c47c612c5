// Prints the totals of the last vitest runs, `npm test`, `npm run test:nginx`, `npm run test:browser` and `npm run platforms`, as `N passed, N failed`; exits with 1 when the
// first did not run, or when anything has failed.
import { existsSync, readFileSync } from 'node:fs';

const file = (name) => new URL(`../node_modules/.cache/${name}.json`, import.meta.url);
if (!existsSync(file('vitest'))) {
  console.log('vitest did not run: nothing passed');
  process.exit(1);
}
const runs = ['vitest', 'nginx', 'browser', 'platforms'].filter((name) => existsSync(file(name))).map((name) => JSON.parse(readFileSync(file(name), 'utf8')));
const sum = (count) => runs.reduce((total, run) => total + count(run), 0);
const passed = sum((run) => run.numPassedTests);
const skipped = sum((run) => run.numPendingTests + run.numTodoTests);
console.log(`${passed} passed, ${sum((run) => run.numFailedTests)} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exit(runs.every((run) => run.success && run.numPassedTests > 0) ? 0 : 1);
