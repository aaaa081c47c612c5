import { expect, it } from 'vitest';
import { trial } from '../../examples/partition/trial.js';

it('the example: a service finds one leader again after a partition', async () => {
  const trials = [await trial(1), await trial(6), await trial(15)];
  expect(trials.map(({ leaders }) => leaders)).toEqual([2, 2, 2]);
  for (const { healed } of trials) expect(healed).toBeLessThan(10_000);
  expect(await trial(6)).toEqual(trials[1]);
});
