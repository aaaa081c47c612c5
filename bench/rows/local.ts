import { erlang } from '../harness/erlang.js';
import type { Row } from '../harness/row.js';
import { solo } from '../harness/solo.js';

export const localRows = (): readonly Row[] => [
  {
    id: 'local',
    what: 'local snd to a tagged handler, round over 1,000 ports',
    unit: 'messages/s',
    better: 'more',
    contenders: [
      solo('rxmp', 'rxmp', 'local', 'rxmp'),
      solo('raw', 'Map.get + Subject.next', 'local', 'raw'),
      erlang('Erlang', 'local'),
    ],
    goals: [
      { of: 'rxmp', by: 'raw', atLeast: 0.7 },
      { of: 'rxmp', by: 'erlang', atLeast: 1.5 },
    ],
    check: 'raw',
  },
];
