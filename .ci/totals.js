// Prints the totals of the last vitest run as `N passed, N failed`; exits with 1 when there are none, or failures.
import { readFileSync } from 'node:fs';

const file = new URL('../node_modules/.cache/vitest.json', import.meta.url);
let totals;
try {
  totals = JSON.parse(readFileSync(file, 'utf8'));
} catch {
  console.log('vitest did not run: nothing passed');
  process.exit(1);
}
const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, success } = totals;
const skipped = numPendingTests + numTodoTests;
console.log(`${numPassedTests} passed, ${numFailedTests} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exit(success && numPassedTests > 0 ? 0 : 1);
