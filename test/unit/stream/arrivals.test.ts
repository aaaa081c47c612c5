import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/testing/index.js';
import { createArrivals } from '../../../src/stream/arrivals.js';

function make() {
  const clock = new VirtualClock();
  const up = new Set<string>();
  const done: string[] = [];
  const arrivals = createArrivals({ clock }, (node) => up.has(node));
  const when = (node: string, name: string) => arrivals.when(node, () => { done.push(name); });
  return { ...{ clock, up, done, arrivals, when } };
}

describe('what waits for a node', () => {
  it('is done when it is connected, in order, and once', () => {
    const { done, arrivals, when } = make();
    when('b', 'one');
    when('b', 'two');
    when('c', 'other');
    expect(done).toEqual([]);
    arrivals.up('b');
    arrivals.up('b');
    expect(done).toEqual(['one', 'two']);
  });

  it('is done soon where it is connected already', () => {
    const { clock, up, done, when } = make();
    up.add('b');
    when('b', 'one');
    expect(done).toEqual([]);
    clock.run();
    expect(done).toEqual(['one']);
  });

  it('is forgotten when nobody wants it any more: a stream that is over is not begun', () => {
    const { clock, up, done, arrivals, when } = make();
    const [stopOne, stopTwo] = [when('b', 'one'), when('b', 'two')];
    stopOne();
    arrivals.up('b');
    stopTwo();
    up.add('b');
    when('b', 'three')();
    clock.run();
    expect(done).toEqual(['two']);
  });

  it('is not done after the end', () => {
    const { done, arrivals, when } = make();
    when('b', 'one');
    arrivals.close();
    arrivals.up('b');
    expect(done).toEqual([]);
  });
});
