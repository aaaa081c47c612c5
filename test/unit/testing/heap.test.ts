import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Heap } from '../../../src/testing/heap.js';

const ascending = (numbers: readonly number[]): number[] => [...numbers].sort((a, b) => a - b);

function drain(heap: Heap<number>): number[] {
  const out: number[] = [];
  for (let item = heap.pop(); item !== undefined; item = heap.pop()) out.push(item);
  return out;
}

describe('Heap', () => {
  it('gives back what was pushed, least first', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), (numbers) => {
        const heap = new Heap<number>((a, b) => a < b);
        numbers.forEach((number) => heap.push(number));
        expect(heap.size).toBe(numbers.length);
        expect(heap.peek()).toBe(ascending(numbers)[0]);
        expect(drain(heap)).toEqual(ascending(numbers));
      }),
    );
  });

  it('stays in order when pushes and pops alternate', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.integer())), (steps) => {
        const heap = new Heap<number>((a, b) => a < b);
        let oracle: number[] = [];
        for (const step of steps) {
          if (step === null) expect(heap.pop()).toBe(oracle.shift());
          else heap.push(step);
          oracle = ascending(step === null ? oracle : [...oracle, step]);
        }
        expect(drain(heap)).toEqual(oracle);
      }),
    );
  });

  it('retains what is wanted, still in order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), (numbers) => {
        const heap = new Heap<number>((a, b) => a < b);
        numbers.forEach((number) => heap.push(number));
        heap.retain((number) => number % 3 !== 0);
        expect(drain(heap)).toEqual(ascending(numbers.filter((number) => number % 3 !== 0)));
      }),
    );
  });
});
