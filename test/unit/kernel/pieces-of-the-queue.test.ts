import { describe, expect, it } from 'vitest';
import { defaultLimits } from '../../../src/env/limits.js';
import { createArrivals } from '../../../src/kernel/core/arrivals.js';
import { createBacklog } from '../../../src/kernel/core/backlog.js';
import { createDeliveryBuffer } from '../../../src/kernel/core/delivery-buffer.js';
import { createIntake } from '../../../src/kernel/core/intake.js';
import { describeReason, unhandledReason } from '../../../src/kernel/core/message.js';
import type { PortRecord } from '../../../src/kernel/core/port-record.js';
import { createRemoteMonitors, fireAll } from '../../../src/kernel/core/remote-monitors.js';
import { createStopwatch } from '../../../src/kernel/core/stopwatch.js';
import { sendWithReason } from '../../../src/kernel/core/tell.js';
import { jsonFraming } from '../../../src/wire/json.js';
import { MessageTooLarge } from '../../../src/wire/errors.js';
import { local } from './local.js';

describe('the stopwatch of a run', () => {
  /** How many deliveries of so many ms each have their turn, and how often the clock was looked at. */
  const run = (ms: (delivery: number) => number, most = 100_000) => {
    let now = 0;
    let looks = 0;
    const stopwatch = createStopwatch({ monotonic: () => { looks++; return now; } }, 10);
    stopwatch.start();
    let count = 0;
    for (;;) {
      now += ms(count++);
      if (stopwatch.isOver() || count === most) return { count, looks, now };
    }
  };

  it.each([[5, 2], [10, 1], [50, 1], [3, 4]])('slow deliveries, of %i ms: %i of them', (ms, deliveries) => {
    expect(run(() => ms).count).toBe(deliveries);
  });

  it('looks at the clock once in 8 deliveries where all are fast, after 1, 2 and 4', () => {
    expect(run(() => 0, 8_007).looks).toBe(1 + 3 + 1_000);
  });

  it('looks at each of the 1,000 after a slow one, then at fewer', () => {
    // slow at first
    expect(run((delivery) => (delivery === 0 ? 1 : 0), 1_001).looks).toBe(1 + 1_001);
    const { looks } = run((delivery) => (delivery === 0 ? 1 : 0), 1_001 + 800);
    expect(looks).toBeGreaterThan(1 + 1_001 + 95);
    expect(looks).toBeLessThan(1 + 1_001 + 110);
    // what is not slow makes it no more careful
    expect(run((delivery) => (delivery === 0 ? 0.9 : 0), 1_000).looks).toBeLessThan(200);
  });

  it('goes on with a run of the same turn, and has what is left of its time', () => {
    let now = 0;
    const stopwatch = createStopwatch({ monotonic: () => now }, 10);
    stopwatch.start();
    now = 6;
    expect(stopwatch.isOver()).toBe(false);
    stopwatch.stop();
    now = 6.1;
    expect(stopwatch.goOn()).toBe(true);
    now = 9.9;
    expect(stopwatch.isOver()).toBe(false);
    now = 10;
    expect(stopwatch.isOver()).toBe(true);
    stopwatch.stop();
    now = 10.05;
    expect(stopwatch.goOn()).toBe(false);
    stopwatch.stop();
    now = 10.3;
    expect(stopwatch.goOn()).toBe(true);
    now = 20.2;
    expect(stopwatch.isOver()).toBe(false);
  });
});

describe('what waits to be delivered', () => {
  it('comes out in order, however much comes and goes', () => {
    const buffer = createDeliveryBuffer();
    let pushed = 0;
    let taken = 0;
    for (let round = 0; round < 50; round++) {
      for (let i = 0; i < 37 * (round % 20); i++) buffer.push(`t${pushed}`, pushed++);
      expect(buffer.length).toBe(pushed - taken);
      for (let i = 0; i < 29 * (round % 23) && buffer.length > 0; i++) {
        expect([buffer.shift(), buffer.item]).toEqual([`t${taken}`, taken]);
        taken++;
      }
    }
    while (buffer.length > 0) expect(buffer.shift()).toBe(`t${taken++}`);
    expect(taken).toBe(pushed);
  });

  it.each([1, 255, 256, 257, 1_000])('is nothing after clear(), with %i before', (count) => {
    const buffer = createDeliveryBuffer();
    for (let i = 0; i < count; i++) buffer.push('old', i);
    buffer.shift();
    buffer.clear();
    expect([buffer.length, buffer.item]).toEqual([0, undefined]);
    for (let i = 0; i < count; i++) buffer.push('new', i);
    for (let i = 0; i < count; i++) expect([buffer.shift(), buffer.item]).toEqual(['new', i]);
    expect(buffer.length).toBe(0);
  });
});

describe('what waits for a connection', () => {
  const message = ['x'.repeat(20)];
  const octets = jsonFraming.encode('p', message).length;

  it('counts, for its node and for all, until it is taken', () => {
    const all = { size: 0 };
    const [one, other] = [createBacklog(defaultLimits, all), createBacklog(defaultLimits, all)];
    one.push('p', message);
    one.push('p', message);
    other.push('p', message);
    expect([one.size, other.size, all.size]).toEqual([2 * octets, octets, 3 * octets]);
    expect(one.takeAll()).toEqual([['p', message], ['p', message]]);
    expect(one.takeAll()).toEqual([]);
    expect([one.size, other.size, all.size]).toEqual([0, octets, octets]);
    one.push('p', message);
    expect([one.size, all.size]).toEqual([octets, 2 * octets]);
  });

  it('is too much from the first octet beyond the limits', () => {
    const excessOf = (queueSize: number, searchQueueSize: number): string | undefined => {
      const backlog = createBacklog({ ...defaultLimits, queueSize, searchQueueSize }, { size: 0 });
      backlog.push('p', message);
      return backlog.excess?.replace(/:.*/, '');
    };
    expect(excessOf(octets, octets)).toBeUndefined();
    expect(excessOf(octets - 1, octets)).toBe('the queue is too long');
    expect(excessOf(octets, octets - 1)).toBe('the queues of all nodes that are looked for are too long');
  });
});

describe('connections that are read, or not for a while', () => {
  const link = (name: string, events: string[]) => ({ pause: () => events.push(`pause ${name}`), resume: () => events.push(`resume ${name}`) });

  it('all of them, and those that come meanwhile; not those that are gone', () => {
    const events: string[] = [];
    const intake = createIntake<ReturnType<typeof link>>();
    const [a, b, c] = ['a', 'b', 'c'].map((name) => link(name, events)) as [ReturnType<typeof link>, ReturnType<typeof link>, ReturnType<typeof link>];
    intake.add(a);
    intake.add(b);
    intake.congested(true);
    intake.add(c);
    intake.remove(b);
    expect([events, intake.size]).toEqual([['pause a', 'pause b', 'pause c'], 2]);
    intake.congested(false);
    expect(events.slice(3)).toEqual(['resume a', 'resume c']);
    intake.remove(a);
    expect(intake.size).toBe(1);
    intake.remove(c);
    expect(intake.size).toBe(0);
  });

  it('no more of them once the first has brought too much again', () => {
    const events: string[] = [];
    const intake = createIntake<ReturnType<typeof link>>();
    const greedy = { pause: () => events.push('pause greedy'), resume: () => { events.push('resume greedy'); intake.congested(true); } };
    intake.add(greedy as never);
    intake.add(link('b', events));
    intake.congested(true);
    events.length = 0;
    intake.congested(false);
    expect(events).toEqual(['resume greedy', 'pause greedy']);
  });
});

describe('ports by the names that come', () => {
  const record = (id: string): PortRecord => ({ id }) as PortRecord;

  it('are found as long as they live, however many', () => {
    const records = new Map<string, PortRecord>();
    const arrivals = createArrivals('a#', 'c', records);
    for (let i = 0; i < 10_002; i++) records.set(`a#p${i}`, record(`a#p${i}`));
    for (let round = 0; round < 2; round++) for (let i = 0; i < 10_002; i++) expect(arrivals.find(`p${i}`)).toBe(records.get(`a#p${i}`));
    records.delete('a#p1');
    arrivals.forget('a#p1');
    expect(arrivals.find('p1')).toBeUndefined();
    records.set('a#c1', record('a#c1'));
    expect(arrivals.find('c1')?.id).toBe('a#c1');
    records.delete('a#c1');
    expect(arrivals.find('c1')).toBeUndefined();
  });
});

describe('reasons', () => {
  it('whose details can’t travel are told by a text; one without a kind, and other errors, are thrown', () => {
    const failing = (error: Error) => {
      const sent: unknown[] = [];
      sendWithReason((reason) => {
        sent.push(reason);
        if (sent.length === 1) throw error;
      }, ['died', 'of this']);
      return sent;
    };
    expect(failing(new TypeError('no way'))).toEqual([['died', 'of this'], ['died', 'its details can\'t be sent: no way']]);
    expect(failing(new MessageTooLarge('big'))[1]).toEqual(['died', 'its details can\'t be sent: big']);
    expect(() => failing(new Error('else'))).toThrow('else');
    expect(() => { sendWithReason(() => { throw new TypeError('no way'); }, []); }).toThrow('no way');
  });

  it.each([
    ['tag', 'tag'], [5, '5'], [true, 'true'], [null, ''], [undefined, ''], [{}, 'object'], [Uint8Array.of(65, 66), 'AB'],
    ['x'.repeat(31), 'x'.repeat(30)], ['a\u007fä~ ', 'a..~ '],
  ])('name the tag %j that nobody receives', (tag, shown) => {
    expect(unhandledReason(tag)).toEqual(['unhandled_message', `no callback found for message '${shown}'`]);
  });

  it('are one line for people', () => {
    expect(describeReason([])).toBe('killed normally');
    expect(describeReason(['kind', 'detail', { a: 1 }])).toBe('kind: detail: {"a":1}');
  });
});

describe('monitors of another node’s ports', () => {
  it('of which the request can’t be sent are not there', () => {
    const stopped: string[] = [];
    let fails = true;
    const monitors = createRemoteMonitors({
      start() {
        if (fails) throw new TypeError('no way');
      },
      stop: (port) => stopped.push(port),
    });
    expect(() => monitors.add('p', { fire: () => undefined })).toThrow('no way');
    expect([monitors.isEmpty, monitors.takeAll()]).toEqual([true, []]);
    fails = false;
    const fired: unknown[] = [];
    const takeBack = monitors.add('p', { fire: (reason) => fired.push(reason) });
    expect(monitors.isEmpty).toBe(false);
    fireAll(monitors.take('p'), (monitor, reason) => void monitor.fire(reason), ['gone']);
    expect([fired, monitors.isEmpty, monitors.take('p')]).toEqual([[['gone']], true, []]);
    takeBack();
    expect(stopped).toEqual([]);
  });
});

describe('a port', () => {
  it('can’t lose its subscribers and live: unsubscribe() kills it normally', async () => {
    const { node, clock } = await local();
    const port = node.port(() => undefined);
    const deaths: unknown[] = [];
    node.mon(port, (...reason) => deaths.push(reason));
    (port as { unsubscribe(): void }).unsubscribe();
    clock.runFor(0);
    expect(deaths).toEqual([[]]);
  });
});
