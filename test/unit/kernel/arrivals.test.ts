import { describe, expect, it } from 'vitest';
import { createWorld } from '../../../marbles/world.js';
import { createArrivals } from '../../../src/kernel/core/arrivals.js';
import type { PortRecord } from '../../../src/kernel/core/port-record.js';

/** Counts how often it is looked into. */
class Records extends Map<string, PortRecord> {
  looks = 0;

  override get(id: string): PortRecord | undefined {
    this.looks++;
    return super.get(id);
  }
}

const record = (id: string): [string, PortRecord] => [id, { id } as PortRecord];

describe('arrivals', () => {
  it('look a port up once, until it is dead', () => {
    const records = new Records([record('a#x')]);
    const arrivals = createArrivals('a#', 'r', records);
    expect([arrivals.find('x')?.id, arrivals.find('x')?.id, records.looks]).toEqual(['a#x', 'a#x', 1]);
    records.delete('a#x');
    arrivals.forget('a#x');
    expect(arrivals.find('x')).toBeUndefined();
  });

  it('do not remember what is not there, nor ports for replies', () => {
    const records = new Records([record('a#r1')]);
    const arrivals = createArrivals('a#', 'r', records);
    expect([arrivals.find('r1')?.id, arrivals.find('r1')?.id, records.looks]).toEqual(['a#r1', 'a#r1', 2]);
    expect(arrivals.find('y')).toBeUndefined();
    records.set(...record('a#y'));
    expect(arrivals.find('y')?.id).toBe('a#y');
  });

  it('let go of what they have never seen', () => {
    const arrivals = createArrivals('a#', 'r', new Records());
    arrivals.forget('a#z');
    expect(arrivals.find('z')).toBeUndefined();
  });

  it('find every port, however many there are', () => {
    const ids = Array.from({ length: 25_000 }, (_, i) => `a#${i}`);
    const arrivals = createArrivals('a#', 'r', new Records(ids.map(record)));
    for (let round = 0; round < 2; round++) expect(ids.filter((id) => arrivals.find(id.slice(2))?.id !== id)).toEqual([]);
  });

  it('a dead port that was sent to from elsewhere is garbage', async () => {
    const world = createWorld();
    const a = await world.start('a');
    const b = await world.start('b', { seeds: ['memory://a'] });
    world.clock.runFor(1_000);
    const got: unknown[] = [];
    const dead = (() => {
      const port = a.rcv(a.port(), { n: (n: number) => got.push(n) });
      b.snd(port.id, 'n', 1);
      world.clock.runFor(1_000);
      a.kil(port);
      return new WeakRef(port);
    })();
    world.clock.runFor(1_000);
    // what a WeakRef has shown lives to the end of the turn
    await new Promise(setImmediate);
    expect(globalThis.gc, 'node --expose-gc').toBeDefined();
    globalThis.gc?.();
    expect([got, dead.deref()]).toEqual([[1], undefined]);
    await world.close();
  });
});
