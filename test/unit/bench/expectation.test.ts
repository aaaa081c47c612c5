import { describe, expect, it } from 'vitest';
import { complaint, ratioOf } from '../../../bench/harness/expectation.js';
import type { Measured } from '../../../bench/harness/measure.js';
import { judged, type Row } from '../../../bench/harness/row.js';

const measured = (id: string, samples: readonly number[]): Measured => ({ id, name: id, samples, min: 0, median: samples[1] ?? 0, max: 0 });
const row = (more: Partial<Row> = {}): Row => ({
  id: 'row', what: 'a row', unit: 'messages/s', better: 'more', contenders: [], goals: [], check: 'raw', ...more,
});
const ratio = (own: readonly number[], raw: readonly number[], better: Row['better'] = 'more') =>
  ratioOf(row({ better }), [judged(row({ better }), [measured('rxmp', own), measured('raw', raw)], [])]);

describe('bench:check', () => {
  it('takes the ratio of each round, so that a machine that was slow for one of them does not matter', () => {
    expect(ratio([80, 8, 80], [100, 10, 100])).toEqual({ row: 'row', ratio: 0.8, spread: 0 });
  });

  it('the more the better, also where less is better of the figure', () => {
    expect(ratio([20, 20, 20], [10, 10, 10], 'less').ratio).toBe(0.5);
  });

  it('up to 10 % less is as good as before, more is worse', () => {
    expect(complaint(ratio([91, 91, 91], [100, 100, 100]), { row: 1 })).toBeUndefined();
    expect(complaint(ratio([89, 89, 89], [100, 100, 100]), { row: 1 })).toBe(
      'row: 0.89 × its raw neighbour, expected 1; 11 % worse, rounds differ by 0 %',
    );
  });

  it('what rounds differ by among themselves is allowed beside the 10 %', () => {
    expect(complaint(ratio([80, 96, 88], [100, 100, 100]), { row: 1 })).toBeUndefined();
    expect(complaint(ratio([79, 87, 71], [100, 100, 100]), { row: 1 })).toContain('21 % worse, rounds differ by 10 %');
  });

  it('complains about what has not been measured, and of which nothing is expected', () => {
    expect(complaint(ratio([], []), { row: 1 })).toContain('row: NaN ×');
    expect(complaint(ratio([1], [1]), {})).toContain('nothing is expected of it');
  });
});

describe('goals', () => {
  const results = [measured('rxmp', [1, 80, 99]), measured('raw', [1, 100, 200]), { id: 'peer', name: 'Peer', absent: 'not installed' }];
  const verdictOf = (goal: Row['goals'][number]) => judged(row({ goals: [goal] }), results, []).verdicts[0];

  it.each([
    [{ of: 'rxmp', by: 'raw', atLeast: 0.8 }, true],
    [{ of: 'rxmp', by: 'raw', atLeast: 0.81 }, false],
    [{ of: 'rxmp', by: 'raw', atMost: 0.8 }, true],
    [{ of: 'rxmp', by: 'raw', atMost: 0.79 }, false],
    [{ of: 'rxmp', atMost: 80 }, true],
    [{ of: 'rxmp', atMost: 79 }, false],
  ])('%j: %s', (goal, met) => {
    expect(verdictOf(goal)?.met).toBe(met);
  });

  it('one whose other contender is absent is neither met nor missed', () => {
    expect(verdictOf({ of: 'rxmp', by: 'peer', atLeast: 4 })).toEqual({ text: 'rxmp: at least 4 × peer' });
  });

  it('may be beside a contender of another row', () => {
    const other = judged(row({ id: 'small' }), [measured('rxmp', [1, 160, 170])], []);
    const goal = { of: 'rxmp', by: 'rxmp', row: 'small', atLeast: 0.5 };
    expect(judged(row({ goals: [goal] }), results, [other]).verdicts).toEqual([{ text: 'rxmp: at least 0.5 × rxmp of small', value: 0.5, met: true }]);
  });
});
