import { describe, expect, it } from 'vitest';
import { createNode } from '../../../src/node.js';
import { CallTimeout, PortDied } from '../../../src/kernel/errors.js';
import { settled } from '../../../src/testing/settled.js';
import { VirtualClock } from '../../../src/testing/virtual-clock.js';
import { recordedLog } from '../../../marbles/world.js';

async function build() {
  const clock = new VirtualClock();
  const node = await createNode({ nodeid: 'a', clock, log: recordedLog() });
  const port = node.port();
  return { clock, node, port, box: node.mailbox(port) };
}

describe('a mailbox', () => {
  it('keeps messages until somebody asks, and gives the first that matches', async () => {
    const { node, port, box } = await build();
    node.snd(port, 'a', 1);
    node.snd(port, 'b', 2);
    node.snd(port, 'b', 3);
    expect(box.size).toBe(3);
    expect(await box.receive('b')).toEqual(['b', 2]);
    expect(await box.receive((_tag, n) => n === 3)).toEqual(['b', 3]);
    expect(await box.receive()).toEqual(['a', 1]);
    expect(box.size).toBe(0);
  });

  it('several that wait are served in the order they asked, each with what it wants', async () => {
    const { node, port, box } = await build();
    const answers = [box.receive('x'), box.receive(), box.receive('x')];
    for (const message of [['y', 1], ['x', 2], ['x', 3], ['z', 4]]) node.snd(port, ...(message as [string, number]));
    expect(await Promise.all(answers)).toEqual([['x', 2], ['y', 1], ['x', 3]]);
    expect(box.size).toBe(1);
  });

  it('receive: options may stand alone', async () => {
    const { clock, node, port, box } = await build();
    node.snd(port, 'a');
    expect(await box.receive({ timeout: 10 })).toEqual(['a']);
    const late = box.receive({ timeout: 10 });
    clock.runFor(10);
    await expect(late).rejects.toThrow(new CallTimeout(port.id, 10));
    expect(clock.pending).toBe(0);
  });

  it('serves who waits for any, for a tag, and who tests, in the order they asked', async () => {
    const { node, port, box } = await build();
    const answers = [box.receive((tag) => tag === 'x'), box.receive('x'), box.receive(), box.receive((_tag, n) => n === 9), box.receive('x')];
    for (const message of [['x', 1], ['x', 2], ['z', 9], ['x', 9], ['x', 5]]) node.snd(port, ...(message as [string, number]));
    expect(await Promise.all(answers)).toEqual([['x', 1], ['x', 2], ['z', 9], ['x', 9], ['x', 5]]);
    expect(box.size).toBe(0);
  });

  it('costs the same for each message, however many wait, also behind others', async () => {
    const { node, port, box } = await build();
    let tests = 0;
    for (let i = 0; i < 50_000; i++) node.snd(port, i % 2 === 0 ? 'skipped' : 'wanted', i);
    const start = performance.now();
    for (let i = 1; i < 50_000; i += 2) expect((await box.receive('wanted'))[1]).toBe(i);
    await box.receive((tag) => { tests++; return tag === 'skipped'; });
    expect([tests, box.size]).toEqual([1, 24_999]);
    // a search from the front each time takes minutes
    expect(performance.now() - start).toBeLessThan(10_000);
  });

  it('gives up after the timeout and leaves no timer; a message after that stays for others', async () => {
    const { clock, node, port, box } = await build();
    const late = box.receive('x', { timeout: 10 });
    const inTime = box.receive('y', { timeout: 10 });
    node.snd(port, 'y');
    expect(await inTime).toEqual(['y']);
    expect(clock.pending).toBe(1);
    clock.runFor(10);
    await expect(late).rejects.toThrow(new CallTimeout(port.id, 10));
    node.snd(port, 'x');
    expect(box.size).toBe(1);
    expect(clock.pending).toBe(0);
  });

  it('S15: when the port dies, those who wait hear of it; what has arrived can still be received', async () => {
    const { clock, node, port, box } = await build();
    node.snd(port, 'rest');
    const waiting = box.receive('never');
    node.kil(port, 'broken');
    const check = expect(waiting).rejects.toThrow(new PortDied(port.id, ['broken']));
    clock.run();
    await check;
    expect(await box.receive()).toEqual(['rest']);
    await expect(box.receive()).rejects.toBeInstanceOf(PortDied);
    await expect(node.mailbox('a#nobody').receive()).rejects.toThrow('no_such_port');
  });

  it('iterates until a normal kill, and throws at another', async () => {
    const { clock, node, port, box } = await build();
    for (const n of [1, 2, 3]) node.snd(port, n);
    node.kil(port);
    clock.run();
    const seen: unknown[] = [];
    for await (const [n] of box) seen.push(n);
    expect(seen).toEqual([1, 2, 3]);
    const other = node.port();
    const dying = node.mailbox(other);
    node.kil(other, 'broken');
    clock.run();
    const loop = async (): Promise<void> => {
      for await (const message of dying) seen.push(message);
    };
    await expect(settled(clock, loop())).rejects.toThrow('broken');
  });

  it('tagged receivers come first; close gives the port back', async () => {
    const { clock, node, port, box } = await build();
    const tagged: unknown[] = [];
    void node.rcv(port, { t: () => tagged.push('t') });
    node.snd(port, 't');
    node.snd(port, 'other');
    const waiting = box.receive('never');
    box.close();
    await expect(waiting).rejects.toBeInstanceOf(PortDied);
    const deaths: unknown[] = [];
    node.mon(port, (kind) => deaths.push(kind));
    node.snd(port, 'other');
    clock.run();
    expect([tagged, box.size, deaths]).toEqual([['t'], 0, ['unhandled_message']]);
  });

  it('S5: a test that throws kills the port it is asked about a new message of', async () => {
    const { clock, node, port, box } = await build();
    const deaths: unknown[] = [];
    node.mon(port, (...reason) => deaths.push(reason));
    const waiting = box.receive(() => {
      throw new Error('test');
    });
    const check = expect(waiting).rejects.toBeInstanceOf(PortDied);
    node.snd(port, 'x');
    clock.run();
    await check;
    expect(deaths).toEqual([['die', 'test']]);
  });
});
