import { describe, expect, it } from 'vitest';
import { of, Subject } from 'rxjs';
import { createNode } from '../../../src/node.js';
import { NotLocal, PortDied } from '../../../src/kernel/errors.js';
import { Port } from '../../../src/kernel/port.js';
import type { Message } from '../../../src/kernel/types.js';
import type { NodeOptions } from '../../../src/options.js';
import { seededRandom } from '../../../src/testing/random.js';
import { VirtualClock } from '../../../src/testing/virtual-clock.js';
import { recordedLog } from '../../../marbles/world.js';

async function local(options: NodeOptions = {}) {
  const clock = new VirtualClock();
  const log = recordedLog();
  const node = await createNode({ nodeid: 'a', clock, log, ...options });
  return { node, clock, log };
}

/** A place for what arrives. */
function inbox(): { readonly got: unknown[]; readonly put: (...message: never[]) => void } {
  const got: unknown[] = [];
  return { got, put: (...message: readonly unknown[]) => got.push(message) };
}

const ticks = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('receivers (S4)', () => {
  it('a later handler of a tag replaces the earlier one; undefined removes it, and other tags stay', async () => {
    const { node, clock } = await local();
    const got: string[] = [];
    const port = node.rcv(node.port(), { a: () => got.push('a1'), b: () => got.push('b') });
    node.snd(port, 'a');
    node.rcv(port, { a: () => got.push('a2') });
    node.snd(port, 'a');
    node.rcv(port, { a: undefined });
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
        node.rcv(port, { a: () => got.push('new') });
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
    expect(() => node.snd('#x', 'y')).toThrow(TypeError);
    expect(() => {
      node.kil('#x');
    }).toThrow(TypeError);
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
    const fail = (text: string): never => {
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
    node.peval(node.port(), () => {
      node.snd(port, 'die');
    });
    const other = node.port(() => {
      node.snd(port, 'queued');
    });
    void other;
    clock.run();
    expect(got).toEqual(['die', 'done', ['own wish']]);
  });
});

describe('kil (S8, S9)', () => {
  it('the first reason counts; killing again, or what is not there, is fine', async () => {
    const { node, clock } = await local();
    const port = node.port();
    const deaths: unknown[] = [];
    node.mon(port, (...reason) => deaths.push(reason));
    node.kil(port, 'first');
    node.kil(port, 'second');
    node.kil('a#nobody', 'x');
    expect(deaths).toEqual([]);
    clock.run();
    node.kil(port, 'third');
    clock.run();
    expect(deaths).toEqual([['first']]);
  });

  it('a monitor that is set while the port dies still fires, once', async () => {
    const { node, clock } = await local();
    const port = node.port();
    const deaths: unknown[] = [];
    node.kil(port, 'x');
    node.mon(port, (...reason) => deaths.push(reason));
    clock.run();
    node.mon(port, (...reason) => deaths.push(reason));
    clock.run();
    expect(deaths).toEqual([['x'], ['no_such_port', 'cannot monitor nonexistent port', port.id]]);
  });

  it('monitors that throw, unsubscribe each other or kill more do not disturb the rest', async () => {
    const { node, clock, log } = await local();
    const [port, other] = [node.port(), node.port()];
    const fired: string[] = [];
    node.mon(port, () => {
      fired.push('one');
      never.unsubscribe();
      node.kil(other);
      throw new Error('monitor');
    });
    const never = node.mon(port, () => fired.push('never'));
    node.mon(port, () => fired.push('three'));
    node.mon(other, () => fired.push('other'));
    node.kil(port);
    clock.run();
    expect(fired).toEqual(['one', 'three', 'other']);
    expect(log.lines).toEqual(['error a monitor callback threw; wrap it in psub to let a port die of it']);
  });
});

describe('S6: port ids', () => {
  it('are never used again, nor by a later run with the same node id', async () => {
    const ids = new Set<string>();
    const random = seededRandom(1);
    for (let run = 0; run < 20; run++) {
      const { node, clock } = await local({ random });
      for (let n = 0; n < 500; n++) {
        const port = node.port();
        expect(ids.has(port.id)).toBe(false);
        ids.add(port.id);
        node.kil(port);
        const spawned = node.spawn('a', 'none');
        expect(ids.has(spawned)).toBe(false);
        ids.add(spawned);
      }
      clock.run();
    }
    expect(ids.size).toBe(20_000);
  });
});

describe('S10: messages are read-only', () => {
  it('freezeMessages freezes all that a message holds; a handler that changes it dies', async () => {
    const { node, clock } = await local({ freezeMessages: true });
    const deaths: unknown[] = [];
    const port = node.port((_tag: string, list: number[], _more: unknown) => list.push(1));
    node.mon(port, (kind) => deaths.push(kind));
    const list: number[] = [];
    node.snd(port, 'x', list, { deep: { list } });
    clock.run();
    expect([deaths, Object.isFrozen(list)]).toEqual([['die'], true]);
    const holder = Object.freeze({ inner: { a: 1 } });
    node.snd(node.port(() => undefined), 'x', holder);
    expect(Object.isFrozen(holder.inner)).toBe(true);
    const circle: unknown[] = [];
    circle.push(circle);
    expect(() => node.snd(node.port(() => undefined), circle, new Uint8Array(2), new Date(0))).not.toThrow();
  });

  it('without it they are handed over as they are', async () => {
    const { node } = await local();
    const { got, put } = inbox();
    const thing = { a: 1 };
    node.snd(node.port(put), thing);
    expect(got).toEqual([[thing]]);
    expect((got as unknown[][])[0]?.[0]).toBe(thing);
    expect(Object.isFrozen(thing)).toBe(false);
  });
});

describe('a port as a Subject', () => {
  it('next sends, complete and error kill, unsubscribe too; it travels as its id', async () => {
    const { node, clock } = await local();
    const port = node.port<['n', number]>();
    expect(port).toBeInstanceOf(Subject);
    expect(port).toBeInstanceOf(Port);
    const seen: unknown[] = [];
    const deaths: unknown[] = [];
    port.subscribe({ next: (message) => seen.push(message), complete: () => seen.push('complete') });
    expect(port.observed).toBe(true);
    of(['n', 1] as const, ['n', 2] as const).subscribe(port as unknown as Subject<Message>);
    clock.run();
    expect(seen).toEqual([['n', 1], ['n', 2], 'complete']);
    for (const [error, reason] of [
      [['why', 1], ['why', 1]],
      [new Error('text'), ['die', 'text']],
      ['text', ['error', 'text']],
    ]) {
      const dying = node.port();
      node.mon(dying, (...why) => deaths.push(why));
      dying.error(error);
      clock.run();
      expect(deaths.pop()).toEqual(reason);
    }
    expect([`${port.toString()}`, JSON.stringify([port])]).toEqual([port.id, `["${port.id}"]`]);
  });

  it('S15: a death that no subscriber handles is logged, and never thrown', async () => {
    const { node, clock, log } = await local();
    const port = node.port();
    port.subscribe(() => undefined);
    node.rcv(port, 'tag').subscribe(() => undefined);
    node.kil(port, 'broken');
    clock.run();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(log.lines.filter((line) => line.includes(`no subscriber handled: port ${port.id} died: broken`))).toHaveLength(2);
  });

  it('its streams after its death say why', async () => {
    const { node, clock } = await local();
    const port = node.port();
    node.kil(port, 'gone');
    clock.run();
    const errors: unknown[] = [];
    const error = (why: unknown): void => void errors.push(why);
    port.subscribe({ error });
    node.rcv(port).subscribe({ error });
    node.rcv(port.id).subscribe({ error });
    expect(errors.map((why) => (why as PortDied).reason[0])).toEqual(['gone', 'gone', 'no_such_port']);
    expect(errors.every((why) => why instanceof PortDied)).toBe(true);
  });
});
