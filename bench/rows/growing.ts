import type { Contender } from '../harness/measure.js';
import type { Row } from '../harness/row.js';
import { solo } from '../harness/solo.js';
import type { Load } from '../solo/caller.js';
import type { GrowingSettings } from '../solo/growing.js';
import { local } from './local.js';

const MB = 2 ** 20;

/** What many of something cost beside few: as a rule no more than caches that are too small for them. */
export function growingRows(isQuick: boolean): readonly Row[] {
  const grows = (what: GrowingSettings['what'], text: string, unit: string, few: number, many: number): Row =>
    ofTwo(`many.${what}`, text, unit, few, many, (id, name, count) => solo(id, name, 'growing', { what, count } satisfies GrowingSettings));
  return [
    portsRow(isQuick ? 100_000 : 1_000_000),
    grows('tags', 'local messages to one port with many tags', 'messages/s', 10, 1_000),
    grows('monitors', 'many monitors of a port that is killed', 'monitors/s', 100, 10_000),
    ofTwo('many.connections', 'messages to a node over many connections', 'messages/s', 1, isQuick ? 50 : 500, (id, name, count) =>
      solo(id, name, 'connections', count),
    ),
    besideRow(isQuick),
  ];
}

/** Of so many ports none is in the processor's caches, nor is what stands beside them: that is the bound. */
function portsRow(ports: number): Row {
  const many = ports.toLocaleString('en');
  return {
    id: 'many.ports',
    what: 'local snd to a tagged handler, round over many ports',
    unit: 'messages/s',
    better: 'more',
    contenders: [
      local('many', many, 'rxmp', ports),
      local('few', '1,000', 'rxmp', 1_000),
      local('raw', `Map.get + Subject.next, ${many}`, 'raw', ports),
    ],
    goals: [{ of: 'many', by: 'raw', atLeast: 0.7 }],
  };
}

function ofTwo(
  id: string,
  what: string,
  unit: string,
  few: number,
  many: number,
  contender: (id: string, name: string, count: number) => Contender,
): Row {
  return {
    id,
    what,
    unit,
    better: 'more',
    contenders: [contender('many', many.toLocaleString('en'), many), contender('few', few.toLocaleString('en'), few)],
    goals: [{ of: 'many', by: 'few', atLeast: 1 / 3 }],
  };
}

/** Messages of one connection arrive one after the other: who comes behind a large one, or one for a slow port, waits. */
function besideRow(isQuick: boolean): Row {
  const beside = (id: string, name: string, load: Load, operations: number): Contender =>
    solo(id, name, 'beside', load, { operations: isQuick ? Math.ceil(operations / 5) : operations });
  return {
    id: 'beside',
    what: 'round trips, one at a time, beside other traffic of the same connection: 99 of 100 are no slower',
    unit: 'µs',
    better: 'less',
    contenders: [
      beside('nothing', 'nothing else', 'nothing', 2_000),
      beside('slow', 'a port that takes 0.1 ms a message, 5 messages before each', 'slow', 1_000),
      beside('large1', 'messages of 1 MB', MB, 200),
      ...(isQuick ? [] : [beside('large16', 'messages of 16 MB', 16 * MB, 30), beside('large63', 'messages of 63 MB', 63 * MB, 10)]),
    ],
    goals: [],
  };
}
