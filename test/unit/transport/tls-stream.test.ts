import { Observable, Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { Chunk, Duplex } from '../../../src/transport/duplex.js';
import { streamOf } from '../../../src/transport/tls-stream.js';

/** What Node.js does in the turns that it takes for streams. */
const settle = (): Promise<void> => new Promise((resolve) => { setImmediate(() => { setImmediate(resolve); }); });

/** A stream on a connection that does what the test says. */
function build(early = '', incoming?: Observable<Chunk>) {
  const incoming$ = new Subject<Chunk>();
  const drained$ = new Subject<undefined>();
  const written: string[] = [];
  const told: string[] = [];
  const state = { takes: true };
  const duplex: Duplex = {
    ...{ incoming$: incoming ?? incoming$, drained$, remoteAddress: 'there' },
    write: (chunk) => { written.push(Buffer.from(chunk as Uint8Array).toString()); return state.takes; },
    close: () => { told.push('closed'); },
  };
  const stream = streamOf(duplex, new TextEncoder().encode(early));
  stream.on('error', (error) => told.push(String(error)));
  stream.on('end', () => told.push('end'));
  stream.on('close', () => told.push('gone'));
  const heard: string[] = [];
  const read = (): void => { stream.on('data', (data: Buffer) => heard.push(data.toString())); };
  return { stream, incoming$, drained$, written, told, state, heard, read };
}
const octets = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('a duplex as a stream', () => {
  it.each(['', 'x', 'early'])('begins with what was read of it before: %j', async (early) => {
    const { heard, read, incoming$ } = build(early);
    read();
    await settle();
    expect(heard.join('')).toBe(early);
    incoming$.next(octets('later'));
    await settle();
    expect(heard.join('')).toBe(`${early}later`);
  });

  it('reads only as far as somebody reads it, and goes on then, once', async () => {
    let reading = 0;
    let begun = 0;
    const { stream, incoming$, read, heard } = build('', new Observable((subscriber) => {
      reading++;
      begun++;
      const subscription = incoming$.subscribe(subscriber);
      return () => { reading--; subscription.unsubscribe(); };
    }));
    stream.read(0);
    expect([begun, reading]).toEqual([1, 1]);
    const chunk = new Uint8Array(stream.readableHighWaterMark).fill(120);
    incoming$.next(chunk);
    expect([begun, reading]).toEqual([1, 0]);
    read();
    await settle();
    expect([heard.join('').length, begun, reading]).toEqual([chunk.length, 2, 1]);
    incoming$.next(octets('more'));
    await settle();
    expect([heard.join('').length, begun, reading]).toEqual([chunk.length + 4, 2, 1]);
  });

  it('ends with the other end, and closes then', async () => {
    const { read, incoming$, told } = build();
    read();
    await settle();
    incoming$.complete();
    await settle();
    expect(told.filter((one) => one !== 'closed')).toEqual(['end', 'gone']);
    expect(told).toContain('closed');
  });

  it.each([['an error', new Error('cable pulled'), 'Error: cable pulled'], ['what is no error', 'cable cut', 'Error: cable cut']])('breaks with it, by %s', async (_, cause: unknown, text) => {
    const { read, incoming$, told } = build();
    read();
    await settle();
    incoming$.error(cause);
    await settle();
    expect(told.filter((one) => one !== 'closed')).toEqual([text, 'gone']);
  });

  it('writes the next piece when the connection takes more, or nothing any more', async () => {
    for (const end of ['next', 'complete'] as const) {
      const { stream, written, drained$, state } = build();
      state.takes = false;
      stream.write('one');
      stream.write('two');
      expect(written).toEqual(['one']);
      drained$[end](undefined);
      await settle();
      expect(written).toEqual(['one', 'two']);
      if (end === 'complete') continue;
      state.takes = true;
      // it says so without being asked: nobody waits twice
      drained$.next(undefined);
      drained$.next(undefined);
      stream.write('three');
      await settle();
      expect(written).toEqual(['one', 'two', 'three']);
    }
  });

  it('that is finished closes the duplex after what was written', async () => {
    const { stream, written, told } = build();
    stream.end('last');
    await settle();
    expect([written, told[0]]).toEqual([['last'], 'closed']);
  });

  it('that is destroyed closes the duplex, and neither reads nor waits any more', async () => {
    const { stream, incoming$, drained$, told, read } = build();
    read();
    await settle();
    expect([incoming$.observed, drained$.observed]).toEqual([true, true]);
    stream.destroy(new Error('enough'));
    await settle();
    expect([incoming$.observed, drained$.observed]).toEqual([false, false]);
    expect(told).toEqual(['closed', 'Error: enough', 'gone']);
  });
});
