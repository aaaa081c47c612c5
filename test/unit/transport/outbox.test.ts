import { NEVER } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { defaultLimits } from '../../../src/env/limits.js';
import { VirtualClock } from '../../../src/testing/index.js';
import type { Chunk, Duplex } from '../../../src/transport/duplex.js';
import { createOutbox } from '../../../src/transport/outbox.js';
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
