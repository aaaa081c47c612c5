import { solo } from '../harness/solo.js';
import type { Row } from '../harness/row.js';

/** A job on two workers beside the same on one (V19). */
export const workersRows = (): readonly Row[] => [
  {
    id: 'workers',
    what: 'a job that keeps processors busy, spread over workers, a piece of it',
    unit: 'ms',
    better: 'less',
    contenders: [solo('2', 'on 2 workers', 'workers', 2), solo('1', 'on 1 worker', 'workers', 1)],
    goals: [{ of: '2', by: '1', atMost: 0.6 }],
    checkGoals: true,
  },
];
