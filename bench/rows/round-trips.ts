import { erlang } from '../harness/erlang.js';
import type { Contender } from '../harness/measure.js';
import { roundTrips, type PairOptions } from '../harness/pair.js';
import { missingPackage } from '../harness/peers.js';
import { twoCpus } from '../harness/processes.js';
import type { Row } from '../harness/row.js';
import { natsMissing, socketIoMissing } from './one-way.js';

/** Requests and answers of 100 octets between two processes. */
export function roundTripRows(): readonly Row[] {
  const cpus = twoCpus();
  const unpinned = typeof cpus === 'string' ? cpus : undefined;
  const [one, other] = typeof cpus === 'string' ? [0, 0] : cpus;
  return [
    latency('cal.1.core', 'one round trip at a time, both processes on one CPU', contenders(1, { cpus: [one, one], absent: unpinned })),
    latency('cal.1.cores', 'one round trip at a time, each process on a CPU of its own', contenders(1, { cpus: [one, other], absent: unpinned })),
    {
      id: 'cal.64',
      what: '64 round trips at a time, two processes',
      unit: 'trips/s',
      better: 'more',
      contenders: contenders(64, {}),
      goals: [{ of: 'rxmp', by: 'raw', atLeast: 0.7 }],
      check: 'raw',
    },
  ];
}

const latency = (id: string, what: string, all: readonly Contender[]): Row => ({
  id,
  what: `${what}, median`,
  unit: 'µs',
  better: 'less',
  contenders: all,
  goals: [{ of: 'rxmp', by: 'raw', atMost: 1.5 }],
  check: 'raw',
});

function contenders(outstanding: number, options: Pick<PairOptions, 'cpus' | 'absent'>): readonly Contender[] {
  const of = (id: string, name: string, more: PairOptions = {}): Contender =>
    roundTrips(id, name, outstanding, { ...options, ...more, absent: options.absent ?? more.absent });
  return [
    of('rxmp', 'rxmp, cal'),
    of('raw', 'raw TCP, JSON arrays by turn'),
    of('prototype', 'prototype with ports'),
    of('nats', 'NATS, request', { absent: natsMissing() }),
    erlang('Erlang, gen_server:call', 'call', { outstanding, ...options }),
    of('socket.io', 'socket.io, acknowledgement', { system: 'socket-io', absent: socketIoMissing() }),
    of('moleculer', 'moleculer, call', { absent: missingPackage('moleculer') }),
  ];
}
