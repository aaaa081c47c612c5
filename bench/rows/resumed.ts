import { oneWay, roundTrips } from '../harness/pair.js';
import type { Row } from '../harness/row.js';

/** A link that outlives its connections beside one that does not (V11). */
export const resumedRows = (): readonly Row[] => [
  {
    id: 'resumed.oneway',
    what: 'one way over TCP, 100 octets, over a link that can be resumed',
    unit: 'messages/s',
    better: 'more',
    contenders: [oneWay('resumed', 'with resumeTime', 'up'), oneWay('rxmp', 'without', 'up')],
    goals: [{ of: 'resumed', by: 'rxmp', atLeast: 0.97 }],
  },
  {
    id: 'resumed.cal',
    what: 'one round trip at a time over a link that can be resumed, median',
    unit: 'µs',
    better: 'less',
    contenders: [roundTrips('resumed', 'with resumeTime', 1), roundTrips('rxmp', 'without', 1)],
    goals: [{ of: 'resumed', by: 'rxmp', atMost: 1.1 }],
  },
];
