import { describe, expect, it } from 'vitest';
import { fuzz, INPUTS, withFault, withLeak, type Surface } from './fuzz.js';

export interface SurfaceTests<I> {
  /** A surface in its first state. */
  surface(): Surface<I>;
  /** Something that inputs may hold, for a planted fault. */
  readonly word: string;
  /** What to check of the surface after all inputs. */
  after?(surface: Surface<I>): void;
}

/** Tests a surface, and that the test would find what is wrong with it. */
export function testSurface<I>(name: string, { surface, word, after }: SurfaceTests<I>): void {
  describe(name, () => {
    it(`${INPUTS.toLocaleString('en')} inputs: nothing is thrown but what refuses, nothing is slow, nothing stays`, { timeout: 60_000 }, () => {
      const made = surface();
      const { accepted, refused } = fuzz(made);
      // neither all noise, nor all harmless
      expect(accepted).toBeGreaterThan(INPUTS / 100);
      expect(refused).toBeGreaterThan(INPUTS / 100);
      after?.(made);
    });

    it('finds a planted fault', () => {
      expect(() => fuzz(withFault(surface(), word))).toThrow(`TypeError: planted: ${word}`);
    });

    it('finds a planted leak', { timeout: 60_000 }, () => {
      expect(() => fuzz(withLeak(surface()), { inputs: 15_000 })).toThrow(/15000 inputs left \d+ octets behind/);
    });
  });
}
