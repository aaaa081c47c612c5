import { describe, expect, it } from 'vitest';
import { defaultLimits } from '../../src/env/limits.js';
import { framings } from '../../src/wire/framing.js';
import type { ActionName, Plan, Setup } from './plan.js';
import { play } from './play.js';

/** What the simulator has found, each by the actions that were left after shrinking. */
type Row = readonly [name: ActionName, a: number, b: number, c: number, wait: number];

const planOf = (seed: number, setup: Setup, rows: readonly Row[]): Plan => ({
  seed,
  setup,
  actions: rows.map(([name, a, b, c, wait]) => ({ do: name, a, b, c, wait })),
});

/**
 * Seed 411. A bracket of a JSON message was corrupted: the decoder took all that came after it for the inside of the same
 * message, up to `limits.messageSize`, while each chunk counted as a sign of life. The connection looked healthy for ever
 * and carried nothing.
 */
const lostBracket = planOf(
  411,
  {
    ...{ seeds: 2, globals: 0, slaves: 19, privateEvery: 3, workers: 0, framings: [['json']], delay: 40, monitorTimeout: 4_000, resumeTime: 0 },
    ...{ piece: 1_000_000, calm: false, reacts: false },
  },
  [
    ['send', 0, 0, 0, 230], ['send', 23, 8, 9988, 28], ['kill', 13, 6, 6159, 0], ['watch', 261, 11, 4010, 20], ['freeze', 8563, 1, 3, 0],
    ['set', 9613, 2688, 1532, 23], ['set', 4201, 9, 11, 0], ['send', 8610, 1843, 5, 3], ['pause', 6512, 9350, 7, 28],
    ['pause', 8344, 8, 3878, 0], ['leave', 1075, 2, 1, 0], ['send', 9993, 4, 8, 5], ['echo', 9992, 7557, 6, 27], ['set', 5430, 9794, 10, 0],
    ['link', 3315, 1508, 5127, 0], ['send', 1, 7303, 9995, 27], ['send', 642, 1772, 9993, 0], ['reg', 5921, 3140, 8051, 4],
    ['refuse', 9997, 9996, 7834, 153], ['monitor', 6008, 9994, 8252, 3], ['kill', 3052, 275, 1131, 0], ['corrupt', 0, 13, 9995, 0],
    ['restart', 8907, 5754, 9996, 0], ['set', 2612, 8313, 8, 0], ['crash', 3753, 9072, 0, 0], ['monitor', 8163, 11, 3215, 0],
    ['del', 8, 9997, 3175, 10], ['send', 7788, 9996, 5581, 20], ['crash', 9996, 3192, 7, 0], ['pause', 5395, 3, 7305, 30],
    ['set', 9995, 0, 4, 25], ['reg', 5381, 1454, 7131, 0], ['monitor', 0, 6907, 0, 0], ['set', 4, 2871, 7137, 15], ['set', 7, 4, 9997, 15],
    ['unmonitor', 9051, 7998, 2, 0], ['echo', 3752, 8, 10, 24], ['set', 1949, 3809, 2134, 29], ['send', 3942, 2, 326, 20],
    ['send', 1485, 3, 9991, 0], ['watch', 8937, 8, 9100, 0], ['send', 7799, 3876, 11, 37], ['send', 10, 4, 5, 0], ['del', 8540, 262, 9990, 16],
    ['foreign', 10, 4007, 0, 0], ['set', 11, 9348, 6376, 0], ['send', 4844, 9997, 7, 0], ['send', 7, 9991, 11, 11],
  ],
);

/**
 * Seed 116. A worker of a slave that had no master watched a family, and no more, and again: the slave had nothing to answer the first time,
 * so the worker took its answer to the second for that to the first, and never knew the family.
 */
const lateAnswer = planOf(
  116,
  {
    ...{ seeds: 4, globals: 1, slaves: 5, privateEvery: 0, workers: 2, framings: [['json']], delay: 1, monitorTimeout: 4_000, resumeTime: 0 },
    ...{ piece: 200, calm: false, reacts: true },
  },
  [['crash', 5229, 0, 0, 1], ['crash', 4752, 0, 0, 0], ['partition', 0, 0, 57, 1], ['restart', 0, 0, 0, 0], ['watch', 1573, 0, 9248, 26], ['unwatch', 161, 4836, 5153, 1]],
);

describe('what the simulator has found stays mended', () => {
  it('a corrupted bracket ends the connection (S2, D9)', { timeout: 60_000 }, async () => {
    expect((await play(lostBracket)).violation).toBeUndefined();
  });

  it('each question for a family gets its answer, also through a slave (S28)', async () => {
    expect((await play(lateAnswer)).violation).toBeUndefined();
  });

  it.each(['["a",["b"\u0000\n["c"]\n', '["a",\u0000\n', '["a","b\u0000\n["c"]\n', '["a","b\n["c","d\n'])(
    'by the first octet that can be in no message: %j',
    (text) => {
      const decoder = framings.get('json')!.decoder(defaultLimits);
      expect(() => {
        decoder.push(text, () => undefined);
      }).toThrow('a message is not JSON: it has the control character');
    },
  );
});
