import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMeeting, helloOf, type Hello } from '../../../src/channel/core/meeting.js';

interface Side {
  readonly meeting: ReturnType<typeof createMeeting>;
  /** Whom it was connected with at last: own session, other session. */
  last: readonly [own: string, other: string] | undefined;
  hears: boolean;
}

/** Two ends of a port; what is said arrives when `deliver` is called, or is lost if nobody listens then. */
function port() {
  let names = 0;
  const wire: { readonly to: 0 | 1; readonly hello: Hello; readonly answer: string | undefined }[] = [];
  const side = (index: 0 | 1): Side => {
    const made: Side = {
      hears: false,
      last: undefined,
      meeting: createMeeting({
        hello: () => ({ session: `${index}-${++names}`, key: 'k', window: 4096, seed: false }),
        say: (hello, answer) => { wire.push({ to: index === 0 ? 1 : 0, hello, answer }); },
        met: (own, other) => { made.last = [own.session, other.session]; },
      }),
    };
    return made;
  };
  const sides = [side(0), side(1)] as const;
  /** The oldest that is under way to a side. */
  const deliver = (to: 0 | 1): boolean => {
    const at = wire.findIndex((one) => one.to === to);
    const [one] = at < 0 ? [] : wire.splice(at, 1);
    if (one !== undefined && sides[to].hears) sides[to].meeting.heard(one.hello, one.answer);
    return one !== undefined;
  };
  const settle = (): void => {
    for (let steps = 0; deliver(0) || deliver(1); ) if (++steps > 1_000) throw new Error('they never stop');
  };
  const begin = (index: 0 | 1): void => {
    sides[index].hears = true;
    sides[index].meeting.begin();
  };
  return { sides, deliver, settle, begin };
}

const agree = ({ sides: [left, right] }: ReturnType<typeof port>): boolean =>
  left.last?.[0] === right.last?.[1] && left.last?.[1] === right.last?.[0] && left.last !== undefined;

describe('V18: two ends of a port find each other', () => {
  it.each([[[0, 1]], [[1, 0]]] as const)('whichever listens first: %j', (order) => {
    const both = port();
    for (const index of order) {
      both.begin(index);
      both.settle();
    }
    expect(agree(both)).toBe(true);
  });

  it('at the same time, with one connection', () => {
    const both = port();
    both.begin(0);
    both.begin(1);
    both.settle();
    expect(both.sides.map(({ last }) => last)).toEqual([['0-1', '1-2'], ['1-2', '0-1']]);
  });

  it('again when either begins anew', () => {
    const both = port();
    both.begin(0);
    both.begin(1);
    both.settle();
    both.begin(1);
    both.settle();
    expect(both.sides.map(({ last }) => last)).toEqual([['0-1', '1-3'], ['1-3', '0-1']]);
  });

  it('however often they begin, and whatever is under way: they agree in the end, and stop', () => {
    const step = fc.constantFrom('begin 0', 'begin 1', 'deliver 0', 'deliver 1');
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const both = port();
        for (const text of steps) {
          const index = text.endsWith('0') ? 0 : 1;
          if (text.startsWith('begin')) both.begin(index);
          else both.deliver(index);
        }
        for (const index of [0, 1] as const) if (!both.sides[index].hears) both.begin(index);
        both.settle();
        expect(agree(both)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['a text', 'hello'],
    ['no session', { key: 'k', window: 4096, seed: false }],
    ['a long key', { session: 's', key: 'k'.repeat(5_000), window: 4096, seed: false }],
    ['a small window', { session: 's', key: 'k', window: 1, seed: false }],
    ['a seed that is none', { session: 's', key: 'k', window: 4096, seed: 1 }],
    ['a secret that is none', { session: 's', key: 'k', window: 4096, seed: true, secret: 7 }],
  ])('%s is no hello', (_, hello) => {
    expect(() => helloOf(hello, { nameSize: 4096 })).toThrow(expect.objectContaining({ name: 'ProtocolError' }));
  });
});
