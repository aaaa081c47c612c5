import type { Row } from '../harness/row.js';
import { solo } from '../harness/solo.js';
import type { StreamSettings } from '../solo/streams.js';

/** Of so many round trips one in a hundred is still some. */
const TRIPS = 2_000;
const MEGABYTES = 200;

/** Streams between two processes, and what they cost messages (V15). */
export const streamRows = (): readonly Row[] => [
  {
    id: 'stream.rate',
    what: `a stream of ${MEGABYTES} MB over TCP`,
    unit: 'MB/s',
    better: 'more',
    contenders: [rate('direct', 'a connection of its own'), rate('channel', 'through the connection of the nodes'), rate('raw', 'bare TCP')],
    goals: [],
  },
  {
    id: 'stream.beside',
    what: 'round trips, a thousand a second, beside a stream that carries as much as goes: 99 of 100 are no slower',
    unit: 'µs',
    better: 'less',
    contenders: [trips('direct', 'a connection of its own'), trips('channel', 'through the connection of the nodes'), trips('raw', 'bare TCP in its place'), trips('none', 'no stream')],
    goals: [{ of: 'direct', by: 'none', atMost: 2 }],
  },
];

const rate = (way: StreamSettings['way'], name: string) => solo(way, name, 'streams', { way, measure: 'rate' } satisfies StreamSettings, { operations: MEGABYTES });

const trips = (way: StreamSettings['way'], name: string) => solo(way, name, 'streams', { way, measure: 'trips' } satisfies StreamSettings, { operations: TRIPS });
