import { describe, expect, it } from 'vitest';
import { BadNodeId } from '../../../src/wire/errors.js';
import { NotLocal } from '../../../src/kernel/errors.js';
import { inbox, local } from './local.js';

const ticks = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('receivers (S4)', () => {
  it('a later handler of a tag replaces the earlier one; undefined removes it, and other tags stay', async () => {
    const { node, clock } = await local();
    const got: string[] = [];
    const port = node.rcv(node.port(), { a: () => got.push('a1'), b: () => got.push('b') });
    node.snd(port, 'a');
    void node.rcv(port, { a: () => got.push('a2') });
    node.snd(port, 'a');
    void node.rcv(port, { a: undefined });
    const { got: rest, put } = inbox();
    expect(node.rcv(port, put)).toBe(port);
    node.snd(port, 'a');
    node.snd(port, 'b');
    clock.run();
    expect([got, rest]).toEqual([['a1', 'a2', 'b'], [['a']]]);
  });

  it('a handler that replaces itself while it runs gets only the next message', async () => {
    const { node } = await local();
    const got: string[] = [];
    const port = node.rcv(node.port(), {
      a: () => {
        got.push('old');
        void node.rcv(port, { a: () => got.push('new') });
      },
    });
    node.snd(port, 'a');
    node.snd(port, 'a');
    expect(got).toEqual(['old', 'new']);
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', ''])('the tag %j is a tag like any other', async (tag) => {
    const { node, clock } = await local();
    const { got, put } = inbox();
    const port = node.port();
    const deaths: unknown[] = [];
    node.mon(port, (...reason) => deaths.push(reason));
    const observed = node.rcv(port, tag).subscribe((args) => put(...(args as never[])));
    node.snd(port, tag, 1);
    observed.unsubscribe();
    node.snd(port, tag, 2);
    clock.run();
    expect([got, deaths]).toEqual([[[1]], [['unhandled_message', `no callback found for message '${tag}'`]]]);
  });

  it('tags are compared as they are: 1 is not "1"', async () => {
    const { node } = await local();
    const tagged = inbox();
    const others = inbox();
    const port = node.rcv(node.port(others.put), { 1: tagged.put });
    node.snd(port, 1, 'number');
    node.snd(port, '1', 'text');
    node.snd(port, ...([] as unknown as [unknown]));
    expect([tagged.got, others.got]).toEqual([[['text']], [[1, 'number'], []]]);
  });

  it('an observer that unsubscribes itself, or others, during delivery', async () => {
    const { node } = await local();
    const port = node.port();
    const got: string[] = [];
    const first = port.subscribe(() => {
      got.push('first');
      first.unsubscribe();
      third.unsubscribe();
      port.subscribe(() => got.push('new'));
    });
    port.subscribe(() => got.push('second'));
    const third = port.subscribe(() => got.push('third'));
    node.snd(port, 'x');
    expect(got).toEqual(['first', 'second']);
    node.snd(port, 'x');
    expect(got).toEqual(['first', 'second', 'second', 'new']);
  });

  it('ports of other nodes have no receivers here', async () => {
    const { node } = await local();
    expect(() => node.rcv('b#x')).toThrow(NotLocal);
    expect(() => node.rcv('b#x', () => undefined)).toThrow('rcv works on ports of this node, a, only: b#x is a port of b');
    expect(() => node.mailbox('b#x')).toThrow(NotLocal);
    expect(() => node.peval('b#x', () => 1)).toThrow(NotLocal);
  });

  it('text that is no port id is refused at the call', async () => {
    const { node } = await local();
    expect(() => node.snd('', 'x')).toThrow('"" is no port id: expected node#name');
    expect(() => node.snd('#x', 'y')).toThrow(BadNodeId);
    expect(() => {
      node.kil('#x');
    }).toThrow(BadNodeId);
  });
});

describe('the current port', () => {
  it('self is the port whose code runs: in handlers, observers, psub and peval; the outer one after', async () => {
    const { node } = await local();
    const seen: unknown[] = [];
    const inner = node.port(() => seen.push(node.self));
    let wrapped: (() => void) | undefined;
    const outer = node.port(() => {
      seen.push(node.self);
      node.peval(inner, () => seen.push(node.self));
      wrapped = node.psub(() => seen.push(node.self));
      seen.push(node.self);
    });
    node.snd(outer, 'go');
    wrapped?.();
    expect(seen).toEqual([outer, inner, outer, outer]);
    expect(node.self).toBeUndefined();
    expect(() => node.psub(() => 1)).toThrow('psub can only be called by code of a port');
  });

  it('S5: what psub and peval throw kills the port, and is not thrown on; results come back', async () => {
    const { node, clock } = await local();
    const deaths: unknown[] = [];
    const fail = (text: string): unknown => {
      throw new Error(text);
    };
    const [one, two, three] = [node.port(), node.port(), node.port()];
    for (const port of [one, two, three]) node.mon(port, (...reason) => deaths.push(reason));
    expect(node.peval(one, (a: number, b: number) => a + b, 2, 3)).toBe(5);
    expect(node.peval(one, fail, 'peval')).toBeUndefined();
    const wrapped = node.peval(two, () => node.psub(fail));
    expect(wrapped?.('psub')).toBeUndefined();
    await node.peval(three, async () => Promise.reject(new Error('async')))?.catch(() => undefined);
    await ticks();
    clock.run();
    expect(deaths).toEqual([['die', 'peval'], ['die', 'psub'], ['die', 'async']]);
  });

  it('a port that kills itself finishes what it is doing, and gets what was sent before', async () => {
    const { node, clock } = await local();
    const got: unknown[] = [];
    const port = node.port((text: string) => {
      got.push(text);
      if (text === 'die') {
        node.kil(port, 'own wish');
        node.snd(port, 'too late');
        got.push('done');
      }
    });
    node.mon(port, (...reason) => got.push(reason));
    node.snd(
      node.port(() => {
        node.snd(port, 'die');
        node.snd(port, 'queued');
      }),
      'go',
    );
    clock.run();
    expect(got).toEqual(['die', 'done', 'queued', ['own wish']]);
  });
});
