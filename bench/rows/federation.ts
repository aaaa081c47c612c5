import { oneWay } from '../harness/pair.js';
import type { Row } from '../harness/row.js';
import { solo } from '../harness/solo.js';

const OBSERVERS = [1, 100, 10_000] as const;

export const federationRows = (): readonly Row[] => [
  {
    id: 'scope',
    what: 'a scope: assert and take back, while so many others observe what does not match',
    unit: 'pairs/s',
    better: 'more',
    contenders: OBSERVERS.map((observers) => solo(String(observers), `${observers.toLocaleString('en')} observers`, 'observers', observers)),
    // patterns that can't match cost nothing: a third is left for caches that are too small
    goals: [{ of: '10000', by: '1', atLeast: 2 / 3 }],
  },
  {
    id: 'federation',
    what: 'assert and take back, seen by an observer in another process',
    unit: 'pairs/s',
    better: 'more',
    contenders: [oneWay('rxmp', 'one link', 'up', { system: 'federation' }), oneWay('chain', 'a chain of three', 'up', { system: 'federation', between: true })],
    goals: [],
  },
];
