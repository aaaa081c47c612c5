import { expect, it } from 'vitest';
import { compare, summary, type Contender } from '../../../bench/harness/measure.js';

const EFFORT = { rounds: 3, ms: 1, warmUp: 0 };

it('contenders run in turn after a warm-up, and are closed', async () => {
  const calls: string[] = [];
  const contender = (id: string): Contender => ({
    id,
    name: id,
    operations: 7,
    open: () => ({
      run(operations) {
        calls.push(`${id}${operations}`);
        return calls.length;
      },
      close: () => calls.push(`${id} closed`),
    }),
  });
  const results = await compare([contender('a'), contender('b')], EFFORT);
  expect(calls).toEqual(['a7', 'b7', 'a7', 'b7', 'a7', 'b7', 'a7', 'b7', 'a closed', 'b closed']);
  expect(results).toEqual([
    { id: 'a', name: 'a', samples: [3, 5, 7], min: 3, median: 5, max: 7 },
    { id: 'b', name: 'b', samples: [4, 6, 8], min: 4, median: 6, max: 8 },
  ]);
});

it('a run is as long as asked, whatever an operation takes', async () => {
  const asked: number[] = [];
  const spin: Contender = {
    id: 'spin',
    name: 'spin',
    open: () => ({
      run(operations) {
        asked.push(operations);
        const end = performance.now() + operations / 100;
        while (performance.now() < end);
        return operations;
      },
    }),
  };
  await compare([spin], { rounds: 1, ms: 20, warmUp: 0 });
  const last = asked.at(-1) ?? 0;
  expect(asked[0]).toBe(1);
  expect(last).toBeGreaterThan(200); // 2,000 on a machine that does nothing else
  expect(last).toBeLessThanOrEqual(2_100);
});

it('one that is absent is told with its reason, and not opened', async () => {
  const absent: Contender = { id: 'peer', name: 'Peer', absent: 'not installed', open: () => Promise.reject(new Error('opened')) };
  expect(await compare([absent], EFFORT)).toEqual([{ id: 'peer', name: 'Peer', absent: 'not installed' }]);
});

it('one that cannot be opened fails the row, and the others are closed', async () => {
  let closed = 0;
  const good: Contender = { id: 'good', name: 'good', open: () => ({ run: () => 1, close: () => closed++ }) };
  const bad: Contender = { id: 'bad', name: 'bad', open: () => Promise.reject(new Error('no way')) };
  await expect(compare([good, bad, good], EFFORT)).rejects.toThrow('no way');
  expect(closed).toBe(2);
});

it('the median of an even number is one of them', () => {
  expect(summary([4, 1, 3, 2])).toEqual({ min: 1, median: 2, max: 4 });
});
