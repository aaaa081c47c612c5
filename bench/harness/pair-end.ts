import { performance } from 'node:perf_hooks';
import { createCounter } from './counter.js';
import { percentile, summary } from './measure.js';
import { answerRequests, orderOf } from './processes.js';
import type { End, Listening, System, SystemOptions } from './system.js';

/** One of the processes of a pair. */
export interface EndOrder {
  readonly system: string;
  readonly role: 'listen' | 'pass' | 'connect';
  /** Of whoever listens. */
  readonly address: string;
  readonly options: SystemOptions;
}

export type EndRequest =
  /** Answered with the address, once there is one. */
  | { readonly kind: 'address' }
  /** Answered at once; `counted` waits for the last. */
  | { readonly kind: 'expect'; readonly count: number }
  | { readonly kind: 'counted' }
  /** Answered when all is on its way. */
  | { readonly kind: 'send'; readonly count: number }
  /** Answered with {@link Trips}. */
  | { readonly kind: 'call'; readonly count: number; readonly outstanding: number };

export interface Trips {
  readonly perSecond: number;
  /** Half the trips, and 99 of 100, are no slower; in µs. Of one trip at a time only. */
  readonly p50: number;
  readonly p99: number;
}

/** Messages of one turn of the event loop. */
const BATCH = 500;

const order = orderOf<EndOrder>();
const { system } = (await import(`../systems/${order.system}.js`)) as { readonly system: System };
const counter = createCounter();
let rate: Promise<number> | undefined;
let sent = 0;

const place = await open();
const end = async (): Promise<End> => {
  if ('send' in place) return place;
  if (place.end === undefined) throw new Error(`what listens in ${order.system} cannot send`);
  return await place.end;
};
answerRequests<EndRequest>(answer, () => place.close());

async function open(): Promise<Listening | End> {
  switch (order.role) {
    case 'listen':
      return await system.listen(counter, order.options);
    case 'pass':
      if (system.pass === undefined) throw new Error(`${order.system} has nothing between its ends`);
      return await system.pass(order.address);
    case 'connect':
      return await system.connect(order.address, counter, order.options);
  }
}

async function answer(request: EndRequest): Promise<unknown> {
  switch (request.kind) {
    case 'address':
      return 'address' in place ? place.address : '';
    case 'expect':
      rate = counter.expect(request.count).perSecond;
      return undefined;
    case 'counted':
      return await rate;
    case 'send':
      await send(await end(), request.count);
      return undefined;
    case 'call':
      return await call(await end(), request.count, request.outstanding);
  }
}

async function send(to: End, count: number): Promise<void> {
  for (const last = sent + count; sent < last; ) {
    let isBelow = true;
    for (const stop = Math.min(sent + BATCH, last); sent < stop; sent++) isBelow = to.send(sent);
    if (!isBelow) await to.drained();
    await new Promise(setImmediate);
  }
}

async function call(to: End, count: number, outstanding: number): Promise<Trips> {
  const times: number[] = [];
  const start = performance.now();
  await new Promise<void>((resolve, reject) => {
    let asked = 0;
    let answers = 0;
    let since = start;
    const ask = to.caller?.(() => {
      const now = performance.now();
      if (outstanding === 1) times.push((now - since) * 1000);
      since = now;
      if (++answers === count) resolve();
      else if (asked < count) ask?.(asked++);
    });
    if (ask === undefined) reject(new Error(`${order.system} has no requests`));
    else while (asked < Math.min(outstanding, count)) ask(asked++);
  });
  return { perSecond: (count / (performance.now() - start)) * 1000, p50: summary(times).median, p99: percentile(times, 0.99) };
}
