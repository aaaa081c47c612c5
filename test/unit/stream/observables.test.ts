import { firstValueFrom, lastValueFrom, map, NEVER, range, Subject, take, throwError, toArray } from 'rxjs';
import { createNode, StreamAborted, type PortStream } from 'rxmp';
import { readFrom, writeTo } from 'rxmp/operators';
import { silentLog } from 'rxmp/testing';
import { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { failureOf } from './nodes.js';

/** Both ends of a stream of one node. */
async function ends<T>(use: (here: PortStream<T>, there: PortStream<T>) => Promise<void>): Promise<void> {
  await using node = await createNode({ log: silentLog });
  const port = node.port();
  const taken = firstValueFrom(node.streams<T>(port));
  const here = node.openStream<T>(port, { values: true });
  await use(here, (await taken).stream);
}

describe('V14: streams as Observables', () => {
  it('carry all values, and end together', () =>
    ends<number>(async (here, there) => {
      const arrived = lastValueFrom(readFrom(there.readable).pipe(toArray()));
      expect(await lastValueFrom(range(0, 1_000).pipe(writeTo(here.writable), toArray()))).toEqual(await arrived);
    }));

  it('an error of the source is the reason of the other end’s', () =>
    ends<number>(async (here, there) => {
      const failing = failureOf(lastValueFrom(readFrom(there.readable)));
      const own = new Error('no more');
      expect(await failureOf(lastValueFrom(throwError(() => own).pipe(writeTo(here.writable))))).toBe(own);
      expect(await failing).toMatchObject({ code: 'STREAM_ABORTED', reason: ['die', 'no more'] });
    }));

  it('who unsubscribes gives up: reading, and writing', () =>
    ends<number>(async (here, there) => {
      const writing = new Subject<number>();
      const failing = failureOf(lastValueFrom(writing.pipe(writeTo(here.writable))));
      const first = firstValueFrom(readFrom(there.readable).pipe(take(1)));
      writing.next(1);
      expect(await first).toBe(1);
      expect(await failing).toBeInstanceOf(StreamAborted);
      const reading = failureOf(lastValueFrom(readFrom(here.readable)));
      NEVER.pipe(writeTo(there.writable)).subscribe().unsubscribe();
      expect(await reading).toMatchObject({ reason: [] });
    }));

  it('go no faster than the reader, through writeTo', () =>
    ends<string>(async (here, there) => {
      let written = 0;
      const writing = range(0, 10_000).pipe(map((n) => `${n}`.padEnd(1_000)), writeTo(here.writable)).subscribe(() => { written++; });
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(written).toBeLessThan(5_000);
      await there.readable.cancel();
      writing.unsubscribe();
    }));

  it('an error that no subscriber handles ends no process', () =>
    ends<number>(async (here, there) => {
      readFrom(there.readable).subscribe();
      await here.writable.abort(new Error('x'));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }));

  it('and as streams of Node.js', async () => {
    await using node = await createNode({ log: silentLog });
    const port = node.port();
    node.streams(port).subscribe(({ stream }) => {
      const echo = Duplex.fromWeb(stream);
      echo.pipe(echo);
    });
    const duplex = Duplex.fromWeb(node.openStream(port) as Parameters<typeof Duplex.fromWeb>[0]);
    duplex.end(Buffer.from('through and back'));
    let text = '';
    for await (const octets of duplex) text += String(octets);
    expect(text).toBe('through and back');
  });
});
