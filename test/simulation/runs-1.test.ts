import { it } from 'vitest';
import { playRuns } from './runs.js';

// 300 runs in two files, so that two workers share them
it('150 runs break no rule', { timeout: 600_000 }, () => playRuns({ from: 1, to: 301, step: 2 }));
