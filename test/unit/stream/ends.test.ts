import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressesOf, controlOf, elementsOf, type Control } from '../../../src/stream/core/control.js';
import { endsStart, endsStep, type Ends, type EndsEffect, type EndsEvent } from '../../../src/stream/core/ends.js';
import { reasonOf } from '../../../src/stream/core/reason.js';
import { ProtocolError, StreamAborted } from 'rxmp';

/** An end, with what its user and the connection have heard. */
function end() {
  let state: Ends = endsStart;
  const heard: EndsEffect[] = [];
  const said: Control[] = [];
  return {
    heard,
    said,
    get state() { return state; },
    step(event: EndsEvent): void {
      const next = endsStep(state, event);
      state = next.state;
      for (const effect of next.effects) {
        if (effect.kind === 'say') said.push(effect.control);
        else heard.push(effect);
      }
    },
  };
}

describe('V14: the two ends of a stream, as a machine', () => {
  it('writing is done when the other end has all of it, reading when all has arrived, in either order of news and octets', () => {
    for (const order of [['octets', 'news'], ['news', 'octets']]) {
      const [a, b] = [end(), end()];
      a.step({ kind: 'close', total: 10 });
      expect([a.state.out, a.heard]).toEqual(['ended', []]);
      for (const what of order) b.step(what === 'octets' ? { kind: 'arrived', octets: 10 } : { kind: 'told', control: a.said[0]! });
      expect([b.heard, b.said]).toEqual([[{ kind: 'read' }], [{ kind: 'done' }]]);
      a.step({ kind: 'told', control: { kind: 'done' } });
      expect(a.heard).toEqual([{ kind: 'written' }]);
    }
  });

  it('a port that dies lets what was all written arrive', () => {
    const [a, b] = [end(), end()];
    b.step({ kind: 'close', total: 5 });
    b.step({ kind: 'die', reason: ['over'] });
    expect(b.state).toMatchObject({ out: 'ended', in: 'over' });
    for (const control of b.said) a.step({ kind: 'told', control });
    expect(a.state).toMatchObject({ out: 'over', in: 'open' });
    a.step({ kind: 'arrived', octets: 5 });
    expect(a.heard.map(({ kind }) => kind)).toEqual(['fail writing', 'read', 'over']);
  });

  const reason = ['why'] as const;
  const own: fc.Arbitrary<EndsEvent> = fc.constantFrom<EndsEvent>(
    { kind: 'close', total: 3 },
    { kind: 'abort', reason },
    { kind: 'cancel', reason },
    { kind: 'die', reason },
    { kind: 'fail', error: new Error('x'), reason },
  );

  it('whatever the two do, and whenever the news of it arrive: each direction ends once at each end, and both ends are over in the end', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), fc.oneof(own, fc.constant('news' as const), fc.constant('octets' as const))), { maxLength: 30 }), (moves) => {
        const ends = [end(), end()] as const;
        const told = [0, 0];
        const written = [0, 0];
        const arrive = (at: 0 | 1): void => {
          const control = ends[1 - at]!.said[told[at]!];
          if (control === undefined) return;
          told[at]!++;
          ends[at].step({ kind: 'told', control });
        };
        const octets = (at: 0 | 1): void => {
          // 3 octets travel in each direction, unless it is over
          if (written[at]! >= 3 || ends[at].state.in === 'over') return;
          written[at]!++;
          ends[at].step({ kind: 'arrived', octets: 1 });
        };
        for (const [first, move] of moves) {
          const at = first ? 0 : 1;
          if (move === 'news') arrive(at);
          else if (move === 'octets') octets(at);
          else ends[at].step(move);
        }
        // in the end both are done with it
        for (const at of [0, 1] as const) ends[at].step({ kind: 'close', total: 3 });
        for (let i = 0; i < 20; i++) {
          for (const at of [0, 1] as const) {
            arrive(at);
            octets(at);
          }
        }
        for (const { state, heard } of ends) {
          expect(state).toMatchObject({ out: 'over', in: 'over' });
          expect(heard.filter(({ kind }) => kind === 'over').length).toBe(1);
          expect(heard.at(-1)?.kind).toBe('over');
          expect(heard.filter(({ kind }) => kind === 'read' || kind === 'fail reading').length).toBeLessThanOrEqual(1);
          expect(heard.filter(({ kind }) => kind === 'written' || kind === 'fail writing').length).toBeLessThanOrEqual(1);
        }
      }),
      { seed: 14, numRuns: 2_000 },
    );
  });

  it('what ends say is what they hear, and nothing else is taken', () => {
    const all: readonly Control[] = [
      { kind: 'dial', addresses: ['127.0.0.1:1'] },
      ...(['wait', 'done', 'over'] as const).map((kind) => ({ kind })),
      { kind: 'end', total: 0 },
      ...(['abort', 'cancel', 'died'] as const).flatMap((kind) => [{ kind, reason: [] as const }, { kind, reason: ['x', 1] as const }]),
    ];
    expect(all.map((control) => controlOf(elementsOf(control)))).toEqual(all);
    for (const bad of [[], ['x'], [1], ['end'], ['end', -1], ['end', 0.5], ['end', '1'], ['dial', 1]]) expect(() => controlOf(bad), JSON.stringify(bad)).toThrow(ProtocolError);
    expect(addressesOf(Array.from({ length: 1_000 }, (_, i) => `a${i}`)).length).toBe(32);
  });

  it('reasons are what was given', () => {
    expect([undefined, null, [], ['x', 1], new Error('bad'), 'text', 5, new StreamAborted('a#b', ['why', 2])].map(reasonOf)).toEqual([
      ...[[], [], [], ['x', 1], ['die', 'bad'], ['die', 'text'], ['die', 5], ['why', 2]],
    ]);
  });
});
