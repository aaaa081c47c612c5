import { describe, expect, it } from 'vitest';
import { of, Subject } from 'rxjs';
import { PortDied } from '../../../src/kernel/errors.js';
import { Port } from '../../../src/kernel/port.js';
import type { Message } from '../../../src/kernel/types.js';
import { seededRandom } from '../../../src/testing/random.js';
import { inbox, local } from './local.js';

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
    expect([port.toString(), JSON.stringify([port])]).toEqual([port.id, `["${port.id}"]`]);
  });

  it('S15: a death that no subscriber handles is logged, and never thrown', async () => {
    const { node, clock, log } = await local();
    const port = node.port();
    port.subscribe(() => undefined);
    node.rcv(port, 'tag').subscribe(() => undefined);
    node.kil(port, 'broken');
    clock.run();
    await new Promise((resolve) => setTimeout(resolve, 5));
    clock.run();
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
