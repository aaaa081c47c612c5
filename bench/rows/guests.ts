import type { Contender } from '../harness/measure.js';
import { oneWay, roundTrips, slowTrips, type PairOptions } from '../harness/pair.js';
import type { Row } from '../harness/row.js';
import { solo, type SoloOrder } from '../harness/solo.js';
import type { GateSettings } from '../solo/gate.js';
import type { Visitor } from '../solo/visitors.js';

const DIRECT: PairOptions = { system: 'guests', webSocket: true };
const BEHIND: PairOptions = { ...DIRECT, between: true };
const NODE: PairOptions = { system: 'rxmp', webSocket: true };

/** What a gate costs, beside nodes that are no guests, over WebSocket (guests.md). */
export function guestRows(isQuick: boolean): readonly Row[] {
  const guests = isQuick ? 50 : 500;
  const trips = isQuick ? 500 : 4_000;
  const each = (id: string, name: string, what: GateSettings['what'], visitor: Visitor): Contender => {
    const order: SoloOrder = { module: 'gate', settings: { what, visitor } satisfies GateSettings };
    if (what === 'rss') return solo(id, name, 'fresh', order, { operations: guests });
    return solo(id, name, order.module, order.settings, { operations: guests, gc: true });
  };
  const kinds = (what: GateSettings['what']): readonly Contender[] => [
    each('rxmp', 'guest', what, 'guest'),
    each('caller', 'guest that has called a node behind the gate', what, 'caller'),
    each('node', 'node of the network', what, 'node'),
  ];
  const flood = (id: string, name: string, isFlooded: boolean): Contender => solo(id, name, 'flooded', isFlooded, { operations: trips });
  return [
    { id: 'guests.heap', what: `heap of a gate, for each of ${guests} that are connected`, unit: 'octets', better: 'less', contenders: kinds('heap'), goals: [], check: 'node' },
    { id: 'guests.rss', what: `memory of the process of a gate, for each of ${guests} that are connected`, unit: 'octets', better: 'less', contenders: kinds('rss'), goals: [] },
    { id: 'guests.cpu', what: `time of processors of a gate, for each of ${guests} that come`, unit: 'ms', better: 'less', contenders: kinds('cpu'), goals: [] },
    {
      id: 'guests.cal',
      what: 'one round trip at a time, median',
      unit: 'µs',
      better: 'less',
      contenders: [roundTrips('gate', 'guest and gate', 1, DIRECT), roundTrips('behind', 'guest and node behind its gate', 1, BEHIND), roundTrips('node', 'two nodes', 1, NODE)],
      goals: [],
    },
    {
      id: 'guests.cal.slow',
      what: 'one round trip at a time: 99 of 100 are no slower',
      unit: 'µs',
      better: 'less',
      contenders: [slowTrips('gate', 'guest and gate', DIRECT), slowTrips('behind', 'guest and node behind its gate', BEHIND), slowTrips('node', 'two nodes', NODE)],
      goals: [],
    },
    {
      id: 'guests.oneway',
      what: 'one way, 100 octets, where a guest is not slowed down',
      unit: 'messages/s',
      better: 'more',
      contenders: [oneWay('gate', 'guest to gate', 'up', DIRECT), oneWay('behind', 'guest to node behind its gate', 'up', BEHIND), oneWay('node', 'node to node', 'up', NODE)],
      goals: [],
    },
    {
      id: 'guests.flood',
      what: 'round trips of 20 guests with their gate, one at a time: 99 of 100 are no slower',
      unit: 'µs',
      better: 'less',
      contenders: [flood('flood', 'while another guest sends all that it can', true), flood('quiet', 'nothing else', false)],
      goals: [{ of: 'flood', by: 'quiet', atMost: 3 }],
    },
  ];
}
