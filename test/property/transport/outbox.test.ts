import fc from 'fast-check';
import { NEVER } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { defaultLimits, type Limits } from '../../../src/env/limits.js';
import { createOutbox } from '../../../src/transport/outbox.js';
import type { Chunk, Duplex } from '../../../src/transport/duplex.js';
import { jsonFraming } from '../../../src/wire/json.js';
import { jsonLinesFraming } from '../../../src/wire/json-lines.js';
import type { Framing } from '../../../src/wire/message.js';
import { MessageTooLarge } from '../../../src/wire/errors.js';
import { VirtualClock } from '../../../src/testing/index.js';
import { decodeAll } from '../../fixtures/decode.js';

type Sent = readonly [port: string, ...message: unknown[]];

/** An outbox of which one can see what it writes. */
function watched(limits: Limits, framing: Framing = jsonFraming) {
  const written: Chunk[] = [];
  const duplex: Duplex = {
    incoming$: NEVER,
    drained$: NEVER,
    remoteAddress: 'here',
    write: (chunk) => written.push(chunk) > 0,
    close: () => undefined,
  };
  const clock = new VirtualClock();
  const outbox = createOutbox(duplex, framing, { clock, limits }, { flushed: () => undefined, overflow: () => undefined });
  return { outbox, clock, written };
}

/** Texts that look like the gaps between messages, that need escapes, and any others. */
const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.constantFrom('],[', ']', '[', '"],["', '\u0001\u0002\u0003\u0004', '\\', '\ud800'));
const plain = fc.oneof(text, fc.double(), fc.boolean(), fc.constant(null));
const other = fc.oneof(fc.bigInt(), fc.constant(undefined), fc.array(plain, { maxLength: 3 }), fc.dictionary(text, plain, { maxKeys: 2 }));
const message: fc.Arbitrary<Sent> = fc.tuple(text, fc.array(fc.oneof({ weight: 8, arbitrary: plain }, { weight: 1, arbitrary: other }), { maxLength: 5 })).map(([port, rest]) => [port, ...rest]);

const oneByOne = (messages: readonly Sent[]): string => messages.map(([port, ...rest]) => jsonFraming.encode(port, rest) as string).join('');

describe('what waits is encoded together', () => {
  it('as if each message were encoded by itself, in pieces that are no larger than a message may be', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 60 }), fc.integer({ min: 1_500, max: 6_000 }), (messages, messageSize) => {
        const { outbox, clock, written } = watched({ ...defaultLimits, messageSize });
        for (const [port, ...rest] of messages) outbox.push(port, rest);
        clock.run();
        expect(written.join('')).toBe(oneByOne(messages));
        for (const piece of written) expect(Buffer.byteLength(piece)).toBeLessThanOrEqual(messageSize);
      }),
      { numRuns: 2_000 },
    );
  });

  it('in batches, which are read as if each message were encoded by itself, by anybody with the same limit', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 60 }), fc.integer({ min: 1_500, max: 6_000 }), (messages, messageSize) => {
        const { outbox, clock, written } = watched({ ...defaultLimits, messageSize }, jsonLinesFraming);
        for (const [port, ...rest] of messages) outbox.push(port, rest);
        clock.run();
        expect(decodeAll('rxmp_json', written, { messageSize, messageDepth: 8 })).toEqual(decodeAll('json', [oneByOne(messages)]));
        for (const piece of written) expect(Buffer.byteLength(piece)).toBeLessThanOrEqual(messageSize);
      }),
      { numRuns: 2_000 },
    );
  });

  it('what the sender changes after it was sent is not what leaves', () => {
    const { outbox, clock, written } = watched(defaultLimits);
    const changing = ['first'];
    outbox.push('port', changing);
    changing[0] = 'changed';
    clock.run();
    expect(written).toEqual(['["port","first"]\n']);
  });

  it('what is too large or cannot be sent is refused when it is sent, and nothing of it leaves', () => {
    const { outbox, clock, written } = watched({ ...defaultLimits, messageSize: 100 });
    outbox.push('port', ['before']);
    expect(() => outbox.push('port', ['x'.repeat(100)])).toThrow(MessageTooLarge);
    expect(() => outbox.push('port', ['\u0001'.repeat(16)])).toThrow(MessageTooLarge);
    expect(() => outbox.push('port', [Uint8Array.of(1)])).toThrow(TypeError);
    outbox.push('port', ['after']);
    clock.run();
    expect(written.join('')).toBe('["port","before"]\n["port","after"]\n');
  });

  it('finish writes all of it at once, in order', () => {
    const { outbox, written } = watched(defaultLimits);
    outbox.push('a', [1]);
    outbox.push('b', [[2]]);
    outbox.push('c', [3]);
    outbox.finish();
    expect(written.join('')).toBe('["a",1]\n["b",[2]]\n["c",3]\n');
  });
});
