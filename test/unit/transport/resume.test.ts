import { describe, expect, it } from 'vitest';
import { twoEnds, type End, type TwoEnds } from '../../fixtures/resumable.js';

const COUNT = 12;
const numbers = (name: string, count = COUNT): string[] => Array.from({ length: count }, (_, i) => `${name} ${i}`);
const isSuspended = ({ link }: End): boolean => link.status.status === 'suspended';

/**
 * Both ends say something, a message a turn and some at once, over connections that break after so many octets; each time both go on
 * over another. Gives what has arrived, and how many octets the first connection took without a break.
 */
function talk(way: TwoEnds, breaks: readonly number[]) {
  const ends = twoEnds(way);
  const [left, right] = ends.begin(breaks[0]);
  let connections = 1;
  const goOn = (): void => {
    if (isSuspended(left) || isSuspended(right)) expect(ends.resume([left, right], breaks[connections++])).toBe(true);
  };
  for (let i = 0; i < COUNT; i++) {
    left.link.send('p', [i]);
    right.link.send('q', [i]);
    if (i % 3 === 0) ends.clock.runFor(1);
    if (i % 4 === 0) goOn();
  }
  for (let i = 0; i < 5; i++) {
    ends.clock.runFor(10);
    goOn();
  }
  return { left: left.heard, right: right.heard, octets: ends.octets(), connections };
}

describe('V10: nothing is lost, repeated or out of order when a connection breaks', () => {
  for (const framing of ['rxmp_json', 'json', 'cbor'] as const) {
    it(`after any octet: ${framing}`, () => {
      const whole = talk({ framing }, []);
      const right = { left: numbers('q'), right: numbers('p') };
      expect(whole).toMatchObject({ ...right, connections: 1 });
      for (let octet = 1; octet < whole.octets; octet++) {
        // the second connection breaks too, sooner or later
        for (const breaks of [[octet], [octet, octet], [octet, 5, 40]]) {
          const { connections, ...heard } = talk({ framing }, breaks);
          expect({ breaks, ...heard }).toMatchObject({ breaks, ...right });
          expect(connections).toBeGreaterThan(1);
        }
      }
    });

    it(`also with acknowledgements all the time: ${framing}`, () => {
      for (let octet = 1; octet < 150; octet += 7) {
        expect(talk({ framing, window: 150 }, [octet, 2 * octet])).toMatchObject({ left: numbers('q'), right: numbers('p') });
      }
    });
  }
});
