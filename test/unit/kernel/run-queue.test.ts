import { describe, expect, it } from 'vitest';
import { defaultLimits, type Limits } from '../../../src/env/limits.js';
import { createRunQueue } from '../../../src/kernel/core/run-queue.js';
import type { PortRecord } from '../../../src/kernel/core/port-record.js';
import { seededRandom } from '../../../src/testing/random.js';
import { VirtualClock } from '../../../src/testing/virtual-clock.js';
import { recordedLog } from '../../../marbles/world.js';

/** A clock on which a handler can take its time. */
class BusyClock extends VirtualClock {
  #ahead = 0;

  override monotonic(): number {
    return super.monotonic() + this.#ahead;
  }

  advance(ms: number): void {
    this.#ahead += ms;
  }
}

/** A queue whose only port does what is sent to it. */
function build(limits: Partial<Limits> = {}) {
  const clock = new BusyClock();
  const env = { clock, random: seededRandom(1), log: recordedLog(), limits: { ...defaultLimits, ...limits } };
  const congestion: boolean[] = [];
  const queue = createRunQueue(env, {
    dispatch: (_port, [code]) => { (code as () => void)(); },
    congested: (on) => congestion.push(on),
  });
  const port = {} as PortRecord;
  return { clock, queue, congestion, send: (code: () => void) => { queue.post(port, [code]); } };
}

describe('S7: local delivery', () => {
  it('from outside delivers before the call returns', () => {
    const { send } = build();
    const order: number[] = [];
    send(() => order.push(1));
    order.push(2);
    expect(order).toEqual([1, 2]);
  });

  it('from inside delivers after the running code, in order of sending', () => {
    const { send, queue } = build();
    const order: string[] = [];
    send(() => {
      send(() => {
        order.push('a');
        send(() => order.push('d'));
      });
      queue.run(() => order.push('b'));
      send(() => order.push('c'));
      order.push('first');
    });
    expect(order).toEqual(['first', 'a', 'b', 'c', 'd']);
  });

  it('needs no stack: 1,000,000 messages, each sent by the one before', () => {
    const { clock, send } = build();
    let count = 0;
    let depth = 0;
    let deepest = 0;
    const again = (): void => {
      deepest = Math.max(deepest, ++depth);
      if (++count < 1_000_000) send(again);
      depth--;
    };
    send(again);
    clock.run();
    expect([count, deepest]).toEqual([1_000_000, 1]);
  });

  it('yields to the event loop after a bounded number of messages, and keeps the order with what comes meanwhile', () => {
    const { clock, send } = build({ runMessages: 10 });
    const order: number[] = [];
    send(() => {
      for (let n = 0; n < 25; n++) send(() => order.push(n));
    });
    expect(order).toHaveLength(10);
    // from outside, while a backlog waits: not delivered at once, but in turn
    send(() => order.push(25));
    expect(order).toHaveLength(10);
    // this turn of the event loop had its run: timers have their chance first
    clock.step();
    expect(order).toHaveLength(10);
    clock.step();
    expect(order).toHaveLength(20);
    clock.run();
    expect(order).toEqual(Array.from({ length: 26 }, (_, n) => n));
  });

  describe('yields after runTime and one handler', () => {
    /** Plays handlers that take so long; gives the longest time without the event loop. */
    const longest = (times: readonly number[]): number => {
      const { clock, send } = build({ runTime: 10 });
      let worst = 0;
      let turn = clock.monotonic();
      const work = (ms: number) => (): void => {
        clock.advance(ms);
        worst = Math.max(worst, clock.monotonic() - turn);
      };
      send(() => { for (const ms of times) send(work(ms)); });
      do turn = clock.monotonic(); while (clock.step());
      return worst;
    };

    it.each([0.001, 0.5, 3, 9, 50])('when each takes %d ms', (ms) => {
      expect(longest(Array.from({ length: 2_000 }, () => ms))).toBeLessThanOrEqual(10 + ms + 0.01);
    });

    it('when slow ones stand between fast ones', () => {
      expect(longest(Array.from({ length: 5_000 }, (_, i) => (i % 100 === 99 ? 20 : 0.001)))).toBeLessThanOrEqual(10 + 20 + 0.1);
    });

    it('when all are slow after many fast ones, at most eight handlers late, once', () => {
      const times = [...Array.from({ length: 5_000 }, () => 0.001), ...Array.from({ length: 500 }, () => 5)];
      expect(longest(times)).toBeLessThanOrEqual(10 + 8 * 5);
    });
  });

  it('S8: deaths that cause deaths without end yield too', () => {
    const { clock, queue } = build({ runTime: 10 });
    let deaths = 0;
    const die = (): void => {
      deaths++;
      clock.advance(1);
      queue.later(die);
    };
    queue.later(die);
    let turn = false;
    clock.turn(() => { turn = true; });
    while (!turn) clock.step();
    expect(deaths).toBeLessThan(40);
  });

  it('goes on after code that threw', () => {
    const { clock, send } = build();
    const order: number[] = [];
    expect(() => {
      send(() => {
        send(() => {
          throw new Error('bad');
        });
        send(() => order.push(1));
      });
    }).toThrow('bad');
    send(() => order.push(2));
    clock.run();
    expect(order).toEqual([1, 2]);
  });
});

describe('what arrives', () => {
  it('is delivered after all of the chunk was read, at once if nothing waits', () => {
    const { queue, send } = build();
    const order: string[] = [];
    queue.takeIn(() => {
      send(() => order.push('a'));
      send(() => order.push('b'));
      order.push('read');
    });
    expect(order).toEqual(['read', 'a', 'b']);
  });

  it('has one runTime for all chunks of a turn', () => {
    const { clock, queue, send } = build({ runTime: 10 });
    const chunk = (): void => { queue.takeIn(() => { send(() => { clock.advance(4); }); }); };
    for (let i = 0; i < 100; i++) chunk();
    // the third is the one that goes beyond it
    expect([clock.monotonic(), queue.length]).toEqual([12, 97]);
    clock.run();
    expect([clock.monotonic(), queue.length]).toEqual([400, 0]);
  });

  it('is read no further while more waits than localQueue, and again when it is half of that', () => {
    const { clock, queue, congestion, send } = build({ localQueue: 100, runMessages: 20 });
    queue.takeIn(() => { for (let i = 0; i < 130; i++) send(() => undefined); });
    expect([queue.length, congestion]).toEqual([110, [true]]);
    for (let turns = 0; turns < 3; turns++) clock.step();
    expect([queue.length, congestion]).toEqual([70, [true]]);
    clock.step();
    expect([queue.length, congestion]).toEqual([50, [true, false]]);
  });

  it('has its turn even where the queue never gets shorter', () => {
    const { clock, congestion, send } = build({ localQueue: 100, runMessages: 50 });
    const flood = (): void => { send(flood); };
    send(() => { for (let i = 0; i < 200; i++) flood(); });
    for (let turns = 0; turns < 20; turns++) clock.step();
    // all that waited has been delivered once, then more may come in
    expect(congestion.slice(0, 3)).toEqual([true, false, true]);
    expect(congestion.filter((on) => !on).length).toBeGreaterThan(3);
  });
});

describe('S8: later', () => {
  it('never runs inside the call, from inside or outside', () => {
    const { clock, send, queue } = build();
    const order: string[] = [];
    queue.later(() => order.push('later 1'));
    send(() => {
      queue.later(() => order.push('later 2'));
      send(() => order.push('message'));
    });
    order.push('returned');
    clock.run();
    expect(order).toEqual(['message', 'returned', 'later 1', 'later 2']);
  });

  it('next also holds back what is sent from now on', () => {
    const { clock, send, queue } = build();
    const order: string[] = [];
    queue.next(() => order.push('next'));
    send(() => order.push('message'));
    expect(order).toEqual([]);
    clock.run();
    expect(order).toEqual(['next', 'message']);
  });

  it('clear forgets what waits', () => {
    const { clock, send, queue } = build();
    const order: string[] = [];
    queue.next(() => order.push('next'));
    send(() => order.push('message'));
    queue.clear();
    clock.run();
    expect(order).toEqual([]);
    send(() => order.push('works again'));
    expect(order).toEqual(['works again']);
  });
});
