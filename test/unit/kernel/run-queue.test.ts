import { describe, expect, it } from 'vitest';
import { defaultLimits, type Limits } from '../../../src/env/limits.js';
import { createRunQueue } from '../../../src/kernel/core/run-queue.js';
import type { PortRecord } from '../../../src/kernel/core/port-record.js';
import { seededRandom } from '../../../src/testing/random.js';
import { VirtualClock } from '../../../src/testing/virtual-clock.js';
import { recordedLog } from '../../../marbles/world.js';

/** A queue whose only port does what is sent to it. */
function build(limits: Partial<Limits> = {}) {
  const clock = new VirtualClock();
  const env = { clock, random: seededRandom(1), log: recordedLog(), limits: { ...defaultLimits, ...limits } };
  const queue = createRunQueue(env, (_port, [code]) => {
    (code as () => void)();
  });
  const port = {} as PortRecord;
  return { clock, queue, send: (code: () => void) => { queue.post(port, [code]); } };
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
    clock.step();
    expect(order).toHaveLength(20);
    clock.run();
    expect(order).toEqual(Array.from({ length: 26 }, (_, n) => n));
  });

  it('yields after a bounded time', () => {
    const { clock, send } = build({ runTime: 5 });
    let count = 0;
    const slow = (): void => {
      if (++count % 256 === 0) clock.runUntil(clock.now() + 3);
      if (count < 10_000) send(slow);
    };
    send(slow);
    expect(count).toBeLessThan(1_000);
    clock.run();
    expect(count).toBe(10_000);
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
