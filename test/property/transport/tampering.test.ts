import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AuthenticateConfig } from '../../../src/transport/authenticate.js';
import { createStage, endConfig, fakeTls, refused, type Tamper } from '../../fixtures/two-ends.js';

const WAYS = ['toRight', 'toLeft'] as const;
type Way = (typeof WAYS)[number];

/** A change of one octet on its way: another in its place, one more, or one less. */
interface Change {
  readonly way: Way;
  readonly at: number;
  readonly kind: 'replace' | 'insert' | 'delete';
  readonly octet: number;
}

const LF = 10;
const CR = 13;

/** Applies a change to a stream of octets that comes in pieces. */
function tamper({ at, kind, octet }: Change): Tamper {
  let seen = 0;
  return (octets) => {
    const here = at - seen;
    seen += octets.length;
    if (here < 0 || here >= octets.length) return [octets];
    const changed = [...octets];
    changed.splice(here, kind === 'insert' ? 0 : 1, ...(kind === 'delete' ? [] : [octet]));
    return [Uint8Array.from(changed)];
  };
}

/** A handshake of two ends on a wire with one change on it, and what each end has said. Only the change differs from run to run. */
function handshake(options: Partial<AuthenticateConfig>, change?: Change) {
  const stage = createStage();
  const said: Record<Way, number[]> = { toRight: [], toLeft: [] };
  const carried = (way: Way): Tamper => {
    const apply: Tamper = change?.way === way ? tamper(change) : (octets) => [octets];
    return (octets) => {
      said[way].push(...octets);
      return apply(octets);
    };
  };
  const [leftEnd, rightEnd] = stage.wire(carried('toRight'), carried('toLeft'));
  // they like different framings, so that each direction has its own
  const left = stage.run(leftEnd, endConfig('left', { nonce: 'nonce of the left', framings: ['json', 'cbor'], ...options }));
  const right = stage.run(
    rightEnd,
    endConfig('right', { nonce: 'nonce of the right', framings: ['cbor', 'json'], initiator: false, ...options }),
  );
  stage.settle();
  expect(stage.clock.pending).toBe(0);
  return { left, right, said };
}

/** What can be changed: everything, or what comes before TLS. */
function inClear(octets: readonly number[], hasTls: boolean): readonly number[] {
  return hasTls ? octets.slice(0, octets.indexOf(LF, octets.indexOf(LF) + 1) + 1) : octets;
}

describe.each<[string, Partial<AuthenticateConfig>]>([
  ['without TLS', {}],
  ['inside TLS, with a secret', { tls: 'required', upgrade: fakeTls('session') }],
  ['inside TLS, without a secret', { tls: 'required', upgrade: fakeTls('session'), secret: undefined }],
  ['where TLS is only offered', { tls: 'offered', upgrade: fakeTls('session') }],
])('somebody changes one octet of a handshake %s', (_name, options) => {
  const honest = handshake(options);
  const hasTls = options.tls !== undefined;
  const streams = { toRight: inClear(honest.said.toRight, hasTls), toLeft: inClear(honest.said.toLeft, hasTls) };

  function check(change: Change): void {
    const { left, right } = handshake(options, change);
    expect([left.length, right.length]).toEqual([1, 1]);
    // CR LF ends a line as LF does, and one more LF at the very end belongs to the data: neither says anything else
    const atEnd = change.octet === LF && change.at === streams[change.way].length - 1;
    const neutral = change.kind === 'insert' && (change.octet === CR || atEnd);
    if (neutral && !refused(left) && !refused(right)) expect([left, right]).toEqual([honest.left, honest.right]);
    else expect(refused(left) || refused(right), JSON.stringify(change)).toBe(true);
  }

  it('nobody does: both ends believe the same', () => {
    expect(honest.left).toEqual([expect.objectContaining({ node: 'right', sent: 'cbor', received: 'json' })]);
    expect(honest.right).toEqual([expect.objectContaining({ node: 'left', sent: 'json', received: 'cbor' })]);
    expect(Math.min(streams.toLeft.length, streams.toRight.length)).toBeGreaterThan(100);
  });

  it('each octet in turn: one end refuses', () => {
    for (const way of WAYS) {
      for (const [at, octet] of streams[way].entries()) {
        check({ way, at, kind: 'delete', octet });
        check({ way, at, kind: 'replace', octet: octet ^ 1 });
      }
    }
  }, 60_000);

  it('any octet to any other, one more or one less: one end refuses', () => {
    const changes = fc
      .record({
        way: fc.constantFrom(...WAYS),
        place: fc.nat(9_999),
        kind: fc.constantFrom('replace' as const, 'insert' as const, 'delete' as const),
        flip: fc.oneof(fc.integer({ min: 1, max: 255 }), fc.constant(CR), fc.constant(LF)),
      })
      .map(({ way, place, kind, flip }): Change => {
        const at = place % streams[way].length;
        return { way, at, kind, octet: kind === 'replace' ? (streams[way][at] ?? 0) ^ flip : flip };
      });
    fc.assert(fc.property(changes, check), { numRuns: 500 });
  }, 60_000);
});
