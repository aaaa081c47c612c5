import { NEVER, Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { createReader } from '../../../src/stream/reader.js';
import { createWriter, TURN } from '../../../src/stream/writer.js';
import type { Duplex } from '../../../src/transport/duplex.js';
import { createInbox } from '../../../src/transport/inbox.js';

const KIB = 1024;

/** A clock whose turns end when the test says so. */
function turns() {
  let tasks: (() => void)[] = [];
  return {
    clock: { turn: (task: () => void) => { tasks.push(task); } },
    end(): void {
      const due = tasks;
      tasks = [];
      for (const task of due) task();
    },
  };
}

const duplex = (parts: Partial<Duplex>): Duplex => ({ incoming$: NEVER, drained$: NEVER, write: () => true, close: () => undefined, remoteAddress: 'there', ...parts });

describe('V15: in a turn of the event loop a stream', () => {
  it('reads so much, and goes on in the next one, so that messages come in between', () => {
    const { clock, end } = turns();
    const inbox = createInbox();
    for (let i = 0; i < 20; i++) inbox.push(new Uint8Array(64 * KIB));
    let taken = 0;
    const reader = createReader(clock, { chunk: ({ length }) => { taken += length; }, ended: () => undefined });
    reader.attach(duplex({ incoming$: inbox.incoming$ }), new Uint8Array(10));
    reader.want();
    const perTurn: number[] = [];
    for (let before = -1; taken > before; ) {
      perTurn.push(taken - Math.max(0, before));
      before = taken;
      end();
    }
    expect(Math.max(...perTurn)).toBeLessThanOrEqual(TURN + 64 * KIB);
    expect(taken).toBe(20 * 64 * KIB + 10);
  });

  it('writes so much, and no more where the connection has enough', async () => {
    const { clock, end } = turns();
    const drained$ = new Subject<void>();
    let written = 0;
    let takes = true;
    let total: number | undefined;
    const writer = createWriter(clock, { ended: (octets) => { total = octets; }, lost: () => undefined });
    writer.attach(duplex({
      drained$,
      write({ length }) {
        written += length;
        return takes;
      },
    }));
    const writing = (async () => {
      for (let i = 0; i < 10; i++) await writer.write(new Uint8Array(64 * KIB));
      void writer.end();
    })();
    const promises = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    await promises();
    expect(written).toBe(0);
    end();
    expect(written).toBe(TURN);
    takes = false;
    await promises();
    end();
    expect(written).toBe(2 * TURN);
    for (let i = 0; i < 3; i++) {
      await promises();
      end();
    }
    expect(written).toBe(2 * TURN);
    takes = true;
    drained$.next();
    for (let i = 0; i < 5; i++) {
      await promises();
      end();
    }
    await writing;
    expect([written, total]).toEqual([640 * KIB, 640 * KIB]);
  });

  it('puts what is small together, and copies nothing that is large', async () => {
    const { clock, end } = turns();
    const pieces: Uint8Array[] = [];
    const writer = createWriter(clock, { ended: () => undefined, lost: () => undefined });
    writer.attach(duplex({ write: (piece) => pieces.push(piece as Uint8Array) > 0 }));
    const large = new Uint8Array(20 * KIB);
    for (const piece of [Uint8Array.of(1), Uint8Array.of(2, 3), large, Uint8Array.of(4), new Uint8Array()]) await writer.write(piece);
    end();
    expect(pieces.map(({ length }) => length)).toEqual([3, large.length, 1]);
    expect([...pieces[0]!]).toEqual([1, 2, 3]);
    expect(pieces[1]).toBe(large);
  });
});
