import type { Contender, Running } from './measure.js';
import type { EndOrder, EndRequest, Trips } from './pair-end.js';
import { startHelper, type Helper } from './processes.js';
import type { SystemOptions } from './system.js';

export interface PairOptions extends SystemOptions {
  /** The module of `systems/`; the contender's id if there is none. */
  readonly system?: string;
  /** A process between the two. */
  readonly between?: boolean;
  /** The CPUs of the end that listens, and of the one that connects. */
  readonly cpus?: readonly [number, number];
  readonly absent?: string | undefined;
}

interface Pair {
  readonly listening: Helper;
  readonly connected: Helper;
}

/** Messages one way between two processes, in the unit of messages a second: counted where they arrive. */
export function oneWay(id: string, name: string, direction: 'up' | 'down', options: PairOptions = {}): Contender {
  return ofPair(id, name, options, async ({ listening, connected }, count) => {
    const [from, to] = direction === 'up' ? [connected, listening] : [listening, connected];
    await tell(to, { kind: 'expect', count });
    const [rate] = await Promise.all([tell(to, { kind: 'counted' }), tell(from, { kind: 'send', count })]);
    return rate as number;
  });
}

/** Round trips between two processes, so many at a time: one at a time gives the median in µs, more give trips a second. */
export function roundTrips(id: string, name: string, outstanding: number, options: PairOptions = {}): Contender {
  return ofPair(id, name, options, async ({ connected }, count) => {
    const trips = (await tell(connected, { kind: 'call', count, outstanding })) as Trips;
    return outstanding === 1 ? trips.p50 : trips.perSecond;
  });
}

/** Round trips, one at a time: 99 of 100 are no slower, in µs. */
export function slowTrips(id: string, name: string, options: PairOptions = {}): Contender {
  return ofPair(id, name, options, async ({ connected }, count) => ((await tell(connected, { kind: 'call', count, outstanding: 1 })) as Trips).p99);
}

const tell = (helper: Helper, request: EndRequest): Promise<unknown> => helper.ask(request);

function ofPair(id: string, name: string, options: PairOptions, run: (pair: Pair, count: number) => Promise<number>): Contender {
  return { id, name, absent: options.absent, open: () => open(options.system ?? id, options, run) };
}

async function open(
  system: string,
  { between = false, cpus, ...options }: PairOptions,
  run: (pair: Pair, count: number) => Promise<number>,
): Promise<Running> {
  const helpers: Helper[] = [];
  const start = async (role: EndOrder['role'], address: string): Promise<{ helper: Helper; address: string }> => {
    const order: EndOrder = { system, role, address, options };
    const helper = await startHelper('harness/pair-end.js', order, { cpu: cpus?.[role === 'connect' ? 1 : 0] });
    helpers.push(helper);
    return { helper, address: (await tell(helper, { kind: 'address' })) as string };
  };
  // the one that connects ends first, and the one that listens has nothing to complain about
  const close = async (): Promise<void> => {
    for (const helper of helpers.toReversed()) await helper.close();
  };
  try {
    const listening = await start('listen', '');
    const nearest = between ? await start('pass', listening.address) : listening;
    const connected = await start('connect', nearest.address);
    const pair: Pair = { listening: listening.helper, connected: connected.helper };
    return { run: (count) => run(pair, count), close };
  } catch (error) {
    await close();
    throw error;
  }
}
