import { describe, expect, it } from 'vitest';
import { twoEnds } from '../../fixtures/resumable.js';

describe('a link that outlives its connections', () => {
  it('resumeSize: of so much copies are kept, what a piece costs included; the rest waits until that has arrived', () => {
    for (const [resumeSize, most] of [[40_000, 40_000], [1, 16_384]] as const) {
      const { clock, begin, octets } = twoEnds({ limits: { resumeSize }, window: 1_000_000 });
      const [{ link }, { heard, link: other }] = begin();
      for (let i = 0; i < 100; i++) {
        link.send('p', ['x'.repeat(1_000)]);
        link.flush();
      }
      clock.runFor(10);
      // one piece may reach beyond
      expect(octets() + 64 * heard.length).toBeLessThan(most + 1_200);
      expect(octets() + 64 * heard.length).toBeGreaterThan(most - 1_200);
      for (let left = 100; heard.length < 100 && left > 0; left--) {
        expect(other.acknowledge()).toBe(true);
        clock.runFor(10);
      }
      expect(heard).toHaveLength(100);
    }
  });
});
