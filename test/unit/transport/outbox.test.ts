import { NEVER } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { defaultLimits, type Limits } from '../../../src/env/limits.js';
import { VirtualClock } from '../../../src/testing/index.js';
import type { Chunk, Duplex } from '../../../src/transport/duplex.js';
import { createOutbox } from '../../../src/transport/outbox.js';
import { cborFraming } from '../../../src/wire/cbor.js';
import { MessageTooLarge } from '../../../src/wire/errors.js';
import { jsonFraming } from '../../../src/wire/json.js';

/** An outbox whose transport takes so many octets before it answers false. */
function make(room = Infinity, highWaterMark = defaultLimits.highWaterMark) {
  const written: Chunk[] = [];
  let told = 0;
  let free = room;
  const duplex: Duplex = {
    incoming$: NEVER,
    drained$: NEVER,
    remoteAddress: 'here',
    write(chunk) {
      written.push(chunk);
      free -= chunk.length;
      return free > 0;
    },
    close: () => undefined,
  };
  const clock = new VirtualClock();
  const events = { flushed: () => { told++; }, overflow: () => undefined };
  const outbox = createOutbox(duplex, jsonFraming, { clock, limits: { ...defaultLimits, highWaterMark } }, events);
  return {
    ...{ clock, outbox },
    push: (count: number, text = 'x') => Array.from({ length: count }, (_, i) => outbox.push('p', [i, text])),
    /** How many messages each write had, since the last look. */
    writes: () => written.splice(0).map((chunk) => String(chunk).split('\n').length - 1),
    told: () => told,
    drain(): void {
      free = Infinity;
      outbox.drained();
    },
  };
}

describe('when what is sent leaves', () => {
  it('few messages at the end of the turn, together', () => {
    const { push, clock, writes } = make();
    push(31);
    expect(writes()).toEqual([]);
    clock.run();
    expect(writes()).toEqual([31]);
  });

  it('of many the first at once, then twice as many and so on; each turn begins anew', () => {
    const { push, clock, writes } = make();
    for (let turn = 0; turn < 2; turn++) {
      push(32 + 64 + 128 + 10);
      expect(writes()).toEqual([32, 64, 128]);
      clock.run();
      expect(writes()).toEqual([10]);
    }
  });

  it('nothing while the transport has enough, then all of it, in order', () => {
    const { push, clock, writes, drain, outbox } = make(1);
    push(40);
    expect(writes()).toEqual([32]);
    push(200);
    clock.run();
    expect(writes()).toEqual([]);
    drain();
    expect(writes()).toEqual([208]);
    push(3);
    outbox.finish();
    expect(writes()).toEqual([3]);
  });

  it('tells nobody of room while something is being sent, only after it (S1)', () => {
    const { push, clock, told, writes } = make(Infinity, 1_000);
    // more waits than the high-water mark, then nothing
    const answers = push(32, 'x'.repeat(100));
    expect(answers.slice(0, 2)).toEqual([true, true]);
    expect(answers[30]).toBe(false);
    expect(writes()).toEqual([32]);
    expect(told()).toBe(0);
    clock.run();
    expect(told()).toBe(1);
  });
});

describe('what waits', () => {
  const of = (limits: Partial<Limits>, framing = jsonFraming) => {
    const written: Chunk[] = [];
    const duplex: Duplex = { incoming$: NEVER, drained$: NEVER, remoteAddress: 'here', write: (chunk) => written.push(chunk) > 0, close: () => undefined };
    const clock = new VirtualClock();
    const outbox = createOutbox(duplex, framing, { clock, limits: { ...defaultLimits, ...limits } }, { flushed: () => undefined, overflow: () => undefined });
    return { outbox, written, clock };
  };

  it('leaves in as few pieces as a third of limits.messageSize allows, short and long messages together', () => {
    // 3,100 octets a piece; short messages of 100 are counted as a few more until they are encoded
    const { outbox, written, clock } = of({ messageSize: 9_300 });
    const short = 'x'.repeat(100 - '["p",""]\n'.length);
    const long = 'y'.repeat(2_000 - '["p",""]\n'.length);
    for (let i = 0; i < 5; i++) outbox.push('p', [short]);
    outbox.push('p', [long]);
    for (let i = 0; i < 5; i++) outbox.push('p', [short]);
    clock.run();
    expect(written.map((piece) => piece.length)).toEqual([3_000]);
    for (let i = 0; i < 12; i++) outbox.push('p', [short]);
    outbox.push('p', [long]);
    outbox.push('p', [long]);
    clock.run();
    expect(written.slice(1).map((piece) => piece.length)).toEqual([1_200, 2_000, 2_000]);
    expect(outbox.queued).toBe(0);
  });

  it('of octets leaves together too, as they are', () => {
    const { outbox, written, clock } = of({}, cborFraming);
    outbox.push('p', [1]);
    clock.run();
    outbox.push('p', [1]);
    outbox.push('p', [Uint8Array.of(7)]);
    clock.run();
    const alone = cborFraming.encode('p', [1]) as Uint8Array;
    const octets = cborFraming.encode('p', [Uint8Array.of(7)]) as Uint8Array;
    expect(written.map((piece) => [...(piece as Uint8Array)])).toEqual([[...alone], [...alone, ...octets]]);
  });

  it('counts until it has left, and nothing of it leaves twice', () => {
    const { outbox, written, clock } = of({});
    outbox.push('p', ['x'.repeat(5_000)]);
    expect(outbox.queued).toBe(5_000 + '["p",""]\n'.length);
    outbox.push('p', ['x']);
    outbox.flush();
    expect([outbox.queued, written.length]).toEqual([0, 1]);
    outbox.flush();
    clock.run();
    outbox.finish();
    expect(written).toHaveLength(1);
    outbox.push('p', ['y']);
    outbox.finish();
    expect([outbox.queued, written.length]).toEqual([0, 2]);
    clock.run();
    outbox.finish();
    outbox.drained();
    expect(written).toHaveLength(2);
  });

  it('that is too large is refused, encoded together or by itself, and nothing of it waits', () => {
    const { outbox, clock, written } = of({ messageSize: 6_000 });
    const text = 'x'.repeat(6_000 - '["p",""]\n'.length);
    expect(() => outbox.push('p', [`${text}x`])).toThrow(MessageTooLarge);
    expect(outbox.queued).toBe(0);
    outbox.push('p', [text]);
    clock.run();
    expect(written.map((piece) => piece.length)).toEqual([6_000]);
  });

  it('leaves in pieces of 256 Ki at most, as long as a message is not longer', () => {
    const { outbox, written, clock } = of({});
    // 51 of these are less, 52 more by a little
    const text = 'x'.repeat(5_060 - '["p",""]\n'.length);
    for (let i = 0; i < 32 + 60; i++) outbox.push('p', [text]);
    clock.run();
    expect(written.map((piece) => piece.length / 5_060)).toEqual([32, 51, 9]);
  });
});
