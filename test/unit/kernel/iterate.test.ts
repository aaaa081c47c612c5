import { BufferOverflow, createNode, iterate, type MpNode } from 'rxmp';
import { silentLog } from 'rxmp/testing';
import { concat, NEVER, Observable, of, range, Subject, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';

const iteratorOf = <T>(source: Observable<T>, options?: Parameters<typeof iterate>[1]) => iterate(source, options)[Symbol.asyncIterator]() as Required<AsyncIterator<T, undefined>>;
const done = { done: true, value: undefined };
const value = (given: unknown): object => ({ done: false, value: given });

describe('A12: iterate', () => {
  it('gives what a stream gives, and ends with it', async () => {
    const seen: number[] = [];
    for await (const n of iterate(range(1, 5))) seen.push(n);
    expect(seen).toEqual([1, 2, 3, 4, 5]);
    const failing = async (): Promise<void> => {
      for await (const n of iterate(concat(of(6, 7), throwError(() => new Error('broken'))))) seen.push(n);
    };
    await expect(failing()).rejects.toThrow('broken');
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it('subscribes with the first value that is asked for, each loop by itself, and unsubscribes when it is left', async () => {
    let subscribed = 0;
    const source = new Observable<number>((subscriber) => {
      subscribed++;
      subscriber.next(1);
      return () => { subscribed--; };
    });
    const values = iterate(source);
    const iterator = values[Symbol.asyncIterator]();
    expect(subscribed).toBe(0);
    for await (const _ of values) {
      expect(subscribed).toBe(1);
      break;
    }
    expect(subscribed).toBe(0);
    expect(await iterator.next()).toEqual(value(1));
    expect(subscribed).toBe(1);
    await expect(iterator.throw!(new Error('mine'))).rejects.toThrow('mine');
    expect(subscribed).toBe(0);
  });

  it('several next() are served in their order; return() settles those that wait, and then it is over', async () => {
    const source = new Subject<number>();
    const iterator = iteratorOf(source);
    const asked = [iterator.next(), iterator.next(), iterator.next(), iterator.next()];
    source.next(1);
    source.next(2);
    expect(await iterator.return()).toEqual(done);
    expect(source.observed).toBe(false);
    expect(await Promise.all(asked)).toEqual([value(1), value(2), done, done]);
    expect(await iterator.next()).toEqual(done);
  });

  it('an error is that of the first who waits; the others are only done', async () => {
    const source = new Subject<number>();
    const iterator = iteratorOf(source);
    const asked = [iterator.next(), iterator.next()];
    source.error(new Error('broken'));
    expect(await Promise.allSettled(asked)).toEqual([{ status: 'rejected', reason: new Error('broken') }, { status: 'fulfilled', value: done }]);
    expect(await iterator.next()).toEqual(done);
  });

  it('a loop that is slower than its stream gets what is kept, and then an error that says so; the stream is left at once', async () => {
    const source = new Subject<number>();
    const iterator = iteratorOf(source, { buffer: 2 });
    const first = iterator.next();
    for (const n of [1, 2, 3]) source.next(n);
    expect(source.observed).toBe(true);
    source.next(4);
    expect(source.observed).toBe(false);
    expect([await first, await iterator.next(), await iterator.next()]).toEqual([1, 2, 3].map(value));
    const error = new BufferOverflow(2);
    await expect(iterator.next()).rejects.toEqual(error);
    expect([error.name, error.code, error.buffer]).toEqual(['BufferOverflow', 'BUFFER_OVERFLOW', 2]);
    expect(error.message).toContain('2 wait already (option buffer of iterate)');
    expect(await iterator.next()).toEqual(done);
  });

  it('1,000 values may wait where nothing else is said, Infinity where that is said; a stream without an end is left all the same', async () => {
    const count = async (source: Observable<number>, buffer?: number): Promise<unknown> => {
      let seen = 0;
      try {
        for await (const n of iterate(source, { buffer })) expect(n).toBe(seen++);
      } catch (error) {
        return [seen, (error as Error).name];
      }
      return seen;
    };
    const endless = new Observable<number>((subscriber) => { for (let n = 0; !subscriber.closed; n++) subscriber.next(n); });
    expect(await count(endless)).toEqual([1_001, 'BufferOverflow']);
    expect(await count(endless, 0)).toEqual([1, 'BufferOverflow']);
    expect(await count(range(0, 1_001))).toBe(1_001);
    expect(await count(range(0, 50_000), Infinity)).toBe(50_000);
    for (const buffer of [-1, Number.NaN]) expect(() => iterate(NEVER, { buffer })).toThrow(RangeError);
  });

  it('a signal ends it at once: what is kept is dropped', async () => {
    const source = new Subject<number>();
    const stop = new AbortController();
    const iterator = iteratorOf(source, { signal: stop.signal });
    const first = iterator.next();
    for (const n of [1, 2, 3]) source.next(n);
    stop.abort(new Error('enough'));
    expect(await first).toEqual(value(1));
    await expect(iterator.next()).rejects.toThrow('enough');
    expect([source.observed, await iterator.next()]).toEqual([false, done]);
  });

  it.each<[string, (node: MpNode) => AsyncIterable<unknown>]>([
    ['rcv', (node) => iterate(node.rcv(node.port()))],
    ['dbMon', (node) => iterate(node.dbMon('fam'))],
    ['monNodes', (node) => iterate(node.monNodes())],
    ['connections$', (node) => iterate(node.connections$)],
    ['status$', (node) => iterate(node.status$)],
    ['a scope', (node) => iterate(node.federate<{ type: 'x' }>('room').observe({ type: 'x' }))],
    ['a mailbox', (node) => node.mailbox(node.port())],
  ])('%s: a loop ends when the node is closed', async (_, make) => {
    const node = await createNode({ log: silentLog });
    const loop = (async () => { for await (const one of make(node)) expect(one).toBeDefined(); })();
    await new Promise((resolve) => setImmediate(resolve));
    await node.close();
    await loop;
  });
});

describe('A12: a loop over a mailbox', () => {
  it('return() settles next() that wait, and what comes after that stays in the mailbox', async () => {
    await using node = await createNode({ log: silentLog });
    const port = node.port();
    const box = node.mailbox(port);
    const iterator = box[Symbol.asyncIterator]() as Required<AsyncIterator<unknown>>;
    const abandoned = [iterator.next(), iterator.next()];
    node.snd(port, 'first');
    expect(await iterator.return()).toEqual(done);
    expect(await Promise.all(abandoned)).toEqual([value(['first']), done]);
    node.snd(port, 'x');
    expect(box.size).toBe(1);
    expect([await iterator.next(), await box.receive()]).toEqual([done, ['x']]);
  });

  it('a next() that nobody awaits fails without harm when the port dies', async () => {
    await using node = await createNode({ log: silentLog });
    const port = node.port();
    const box = node.mailbox(port);
    const iterator = box[Symbol.asyncIterator]();
    const asked = [iterator.next(), iterator.next()];
    const others = [box.receive('x'), box.receive()];
    node.kil(port, 'broken');
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect((await Promise.allSettled([...asked, ...others])).map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected', 'rejected']);
    expect(box.size).toBe(0);
  });

  it('using: closes it', async () => {
    await using node = await createNode({ log: silentLog });
    const port = node.port(() => undefined);
    {
      using box = node.mailbox(port);
      node.snd(port, 'x');
      expect(box.size).toBe(1);
    }
    expect(port.observed).toBe(false);
  });
});
