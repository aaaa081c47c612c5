import { oneWay, roundTrips } from '../harness/pair.js';
import type { Row } from '../harness/row.js';

const RELAYED = { system: 'relayed', between: true } as const;

/** A connection through a relay beside a direct one (V8). */
export const relayedRows = (): readonly Row[] => [
  {
    id: 'relayed.oneway',
    what: 'one way over TCP, 100 octets, through a relay in a process of its own',
    unit: 'messages/s',
    better: 'more',
    contenders: [oneWay('relayed', 'through a relay', 'up', RELAYED), oneWay('rxmp', 'direct', 'up')],
    goals: [{ of: 'relayed', by: 'rxmp', atLeast: 0.5 }],
  },
  {
    id: 'relayed.cal',
    what: 'one round trip at a time through a relay, median',
    unit: 'µs',
    better: 'less',
    contenders: [roundTrips('relayed', 'through a relay', 1, RELAYED), roundTrips('rxmp', 'direct', 1)],
    goals: [{ of: 'relayed', by: 'rxmp', atMost: 2.5 }],
  },
];
