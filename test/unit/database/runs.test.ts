import { describe, expect, it } from 'vitest';
import { createRuns } from '../../../src/database/core/runs.js';

describe('runs of nodes', () => {
  it('says when a node that was lost is back as another run', () => {
    const runs = createRuns();
    expect(runs.up('a', 'one')).toBe(false);
    runs.down('a');
    expect(runs.up('a', 'one')).toBe(false);
    runs.down('a');
    expect(runs.up('a', 'two')).toBe(true);
    runs.down('a');
    expect([runs.up('b', 'two'), runs.up('a', 'two')]).toEqual([false, false]);
  });

  it('knows nothing of nodes that do not say it, as those of AnyEvent::MP', () => {
    const runs = createRuns();
    expect(runs.up('a', undefined)).toBe(false);
    runs.down('a');
    expect(runs.up('a', 'one')).toBe(false);
    runs.down('a');
    expect(runs.up('a', undefined)).toBe(false);
    runs.down('a');
    expect(runs.up('a', 'two')).toBe(false);
  });

  it('remembers the last 1,000 that were lost, and all that are connected', () => {
    const runs = createRuns();
    const lose = (node: string): void => {
      runs.up(node, 'one');
      runs.down(node);
    };
    runs.up('stays', 'one');
    for (const node of ['first', 'second', 'first']) lose(node);
    for (let i = 0; i < 999; i++) lose(`n${i}`);
    runs.down('stays');
    expect([runs.up('second', 'two'), runs.up('first', 'two'), runs.up('n0', 'two'), runs.up('stays', 'two')]).toEqual([false, false, true, true]);
  });
});
