import { erlang } from '../harness/erlang.js';
import type { Contender } from '../harness/measure.js';
import type { Row } from '../harness/row.js';
import { solo } from '../harness/solo.js';
import type { LocalSettings } from '../solo/local.js';

const PORTS = 1_000;

/** Local messages, round over so many ports. */
export const local = (id: string, name: string, kind: LocalSettings['kind'], ports: number): Contender =>
  solo(id, name, 'local', { kind, ports } satisfies LocalSettings);

export const localRows = (): readonly Row[] => [
  {
    id: 'local',
    what: 'local snd to a tagged handler, round over 1,000 ports',
    unit: 'messages/s',
    better: 'more',
    contenders: [
      local('rxmp', 'rxmp', 'rxmp', PORTS),
      local('raw', 'Map.get + Subject.next', 'raw', PORTS),
      erlang('Erlang', 'local'),
    ],
    goals: [
      { of: 'rxmp', by: 'raw', atLeast: 0.7 },
      { of: 'rxmp', by: 'erlang', atLeast: 1.5 },
    ],
    check: 'raw',
  },
];
