import { erlang } from '../harness/erlang.js';
import type { Contender } from '../harness/measure.js';
import type { Row } from '../harness/row.js';
import { solo } from '../harness/solo.js';
import type { MemoryKind } from '../solo/memory.js';

export function memoryRows(isQuick: boolean): readonly Row[] {
  const operations = isQuick ? 100_000 : 1_000_000;
  const of = (id: string, name: string, kind: MemoryKind): Contender => solo(id, name, 'memory', kind, { operations, gc: true });
  const count = operations.toLocaleString('en');
  return [
    {
      id: 'memory.port',
      what: `memory of a port with one handler, ${count} of them`,
      unit: 'octets',
      better: 'less',
      contenders: [
        of('rxmp', 'rxmp port', 'port'),
        of('raw', 'record with a closure', 'record'),
        of('subject', 'Subject with a subscriber', 'subject'),
        erlang('Erlang process', 'memory', { operations }),
      ],
      goals: [{ of: 'rxmp', atMost: 300 }],
      check: 'raw',
    },
    {
      id: 'memory.key',
      what: `memory of a key of a family, ${count} of them, without the key itself and its value`,
      unit: 'octets',
      better: 'less',
      contenders: [
        of('rxmp', 'store, never looked at', 'store'),
        of('snapshot', 'store with one snapshot', 'snapshot'),
        of('raw', 'mutable Map', 'map'),
      ],
      goals: [],
      check: 'raw',
    },
  ];
}
