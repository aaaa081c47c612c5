import { it } from 'vitest';
import { playRuns } from './runs.js';

// 300 runs in four files, so that two workers share them
it('75 runs break no rule', { timeout: 600_000 }, () => playRuns(151, 75));
