import { Subject } from 'rxjs';
import { afterEach, describe, expect, it } from 'vitest';
import type { MpNode } from '../../../src/index.js';
import { inbox, local } from './local.js';

const nodes: MpNode[] = [];
afterEach(async () => {
  for (const node of nodes.splice(0)) await node.close();
});

async function started() {
  const made = await local();
  nodes.push(made.node);
  return made;
}

describe('receivers of a port (S3, S4)', () => {
  it('each tag keeps its own, however many come and go', async () => {
    const { node } = await started();
    const { got, put } = inbox();
    const named = (name: string) => (...args: never[]) => { put(...([name, ...args] as never[])); };
    const port = node.rcv(node.port(named('other')), { one: named('one') });
    node.snd(port, 'one', 1);
    void node.rcv(port, { two: named('two') });
    node.snd(port, 'one', 2);
    node.snd(port, 'two', 3);
    void node.rcv(port, { one: undefined });
    node.snd(port, 'one', 4);
    node.snd(port, 'two', 5);
    void node.rcv(port, { two: undefined, three: named('three') });
    node.snd(port, 'two', 6);
    node.snd(port, 'three', 7);
    expect(got).toEqual([['one', 1], ['one', 2], ['two', 3], ['other', 'one', 4], ['two', 5], ['other', 'two', 6], ['three', 7]]);
  });

  it('the only tag can be removed, and another take its place', async () => {
    const { node } = await started();
    const { got, put } = inbox();
    const port = node.rcv(node.port(), { one: put });
    void node.rcv(port, { one: undefined });
    void node.rcv(port, { two: put });
    node.snd(port, 'two', 2);
    expect(got).toEqual([[2]]);
  });

  it('a tag need not be text: not in a message, and not in the default receiver', async () => {
    const { node } = await started();
    const { got, put } = inbox();
    const port = node.rcv(node.port(put), { one: (...args: never[]) => { put(...(['tagged', ...args] as never[])); } });
    for (const tag of [undefined, null, Number.NaN, 0]) node.snd(port, tag, 'x');
    expect(got).toEqual([[undefined, 'x'], [null, 'x'], [Number.NaN, 'x'], [0, 'x']]);
  });

  it('a handler and observers of one tag get the same messages, and each can go alone', async () => {
    const { node } = await started();
    const { got, put } = inbox();
    const seen: unknown[] = [];
    const port = node.rcv(node.port(() => undefined), { one: put });
    const subscription = node.rcv(port, 'one').subscribe((message) => seen.push(message));
    node.snd(port, 'one', 1);
    void node.rcv(port, { one: undefined });
    node.snd(port, 'one', 2);
    void node.rcv(port, { one: put });
    subscription.unsubscribe();
    node.snd(port, 'one', 3);
    expect([got, seen]).toEqual([[[1], [3]], [[1], [2]]]);
  });
});

describe('monitors of a port (S11)', () => {
  it.each([1, 2, 3])('%i of them fire once each, in order', async (count) => {
    const { node, clock } = await started();
    const fired: number[] = [];
    const port = node.port();
    for (let i = 0; i < count; i++) node.mon(port, () => void fired.push(i));
    node.kil(port);
    clock.run();
    expect(fired).toEqual(Array.from({ length: count }, (_, i) => i));
  });

  it('one may take another away before its turn, and itself before the death', async () => {
    const { node, clock } = await started();
    const fired: string[] = [];
    const port = node.port();
    node.mon(port, () => void fired.push('gone')).unsubscribe();
    node.mon(port, () => { fired.push('first'); second.unsubscribe(); });
    const second = node.mon(port, () => void fired.push('second'));
    node.kil(port);
    clock.run();
    expect(fired).toEqual(['first']);
  });
});

describe('a port as a Subject', () => {
  it('is one for all who look: open, without fields of its own that others could share', async () => {
    const { node } = await started();
    const port = node.port(() => undefined);
    expect(port).toBeInstanceOf(Subject);
    expect({ closed: port.closed, observed: port.observed }).toEqual({ closed: false, observed: false });
    const subscription = port.subscribe(() => undefined);
    expect(port.observed).toBe(true);
    subscription.unsubscribe();
    expect(port.observed).toBe(false);
  });

  it('is the same object for its code, for rcv and for who made it', async () => {
    const { node } = await started();
    const selves: unknown[] = [];
    const port = node.port(() => void selves.push(node.self));
    node.snd(port, 'hi');
    expect(selves).toEqual([port]);
    expect([selves[0] === port, node.rcv(port.id, { tag: () => undefined }) === port]).toEqual([true, true]);
  });
});
