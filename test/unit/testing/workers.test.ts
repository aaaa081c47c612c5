import type { Reason } from 'rxmp';
import { createNetwork, VirtualClock, seededRandom, simulatedNetwork } from 'rxmp/testing';
import { describe, expect, it } from 'vitest';

describe('a worker in a test network (V19)', () => {
  it('is attached to its parent, and a member of the network by it', async () => {
    await using network = createNetwork();
    await network.node('seed');
    const parent = await network.node('parent', { seeds: ['seed'] });
    const worker = await network.node('worker', { workerOf: 'parent' });
    const other = await network.node('other', { seeds: ['seed'] });
    await network.until(() => parent.nodeIsUp('worker') === true && other.nodeIsUp('seed') === true, 2_000);

    worker.register('demo::double', (_self, n: number, reply: string) => worker.snd(reply, 2 * n));
    const answers: unknown[] = [];
    parent.cal('worker', 'demo::double', 4).subscribe((answer) => answers.push(answer));
    await network.until(() => answers.length === 1, 1_000);
    // through the parent, since it listens nowhere (V5)
    other.cal('worker', 'demo::double', 5).subscribe((answer) => answers.push(answer));
    await network.until(() => answers.length === 2, 3_000);
    expect(answers).toEqual([[8], [10]]);
  });

  it('dies with its parent, and does not start before it', async () => {
    await using network = createNetwork();
    await network.node('parent');
    await network.node('worker', { workerOf: 'parent' });
    const other = await network.node('other', { seeds: ['parent'] });
    await network.until(() => other.nodeIsUp('parent') === true, 1_000);
    const reasons: Reason[] = [];
    other.mon('worker', (...reason) => reasons.push(reason));
    await network.until(() => other.nodeIsUp('worker') === true, 2_000);

    network.crash('parent');
    await network.until(() => reasons.length > 0, 1_000);
    expect(reasons[0]?.slice(0, 2)).toEqual(['transport_error', 'worker']);
    await expect(network.restart('worker')).rejects.toThrow('worker is a worker of parent, which is down: it has to run first');
    const parent = await network.restart('parent');
    await network.restart('worker');
    await network.until(() => parent.nodeIsUp('worker') === true, 1_000);
  });

  it('is missed at once when it dies alone, also with all that it had said before', async () => {
    await using network = createNetwork();
    const parent = await network.node('parent');
    const worker = await network.node('worker', { workerOf: 'parent' });
    await network.until(() => parent.nodeIsUp('worker') === true, 1_000);
    const heard: unknown[] = [];
    const port = parent.port((word: unknown) => heard.push(word));
    parent.mon('worker', (kind) => heard.push(kind));
    worker.snd(port, 'last words');
    await network.run(0);
    network.crash('worker');
    await network.run(0);
    expect(heard).toEqual(['last words', 'transport_error']);
  });
});

describe('messageChannel', () => {
  const clock = new VirtualClock();
  const network = simulatedNetwork({ clock, random: seededRandom(1) });

  it('carries clones in order, and then the end', () => {
    const [left, right] = network.messageChannel('a', 'b');
    const heard: unknown[] = [];
    right.on('message', (value) => heard.push(value));
    right.on('close', () => heard.push('close'));
    const said = { n: 1 };
    left.postMessage(said);
    said.n = 2;
    left.postMessage(said);
    left.close();
    expect(heard).toEqual([]);
    clock.runFor(0);
    expect(heard).toEqual([{ n: 1 }, { n: 2 }, 'close']);
    expect(network.connections).toBe(0);
  });

  it('keeps what is posted to a program that stands still, and takes nothing of one that is gone', () => {
    const [left, right] = network.messageChannel('a', 'b');
    const heard: unknown[] = [];
    right.on('message', (value) => heard.push(value));
    right.on('close', () => heard.push('close'));
    network.freeze('b');
    left.postMessage('before');
    clock.runFor(10);
    expect(heard).toEqual([]);
    network.crash('a');
    left.postMessage('from the grave');
    network.thaw('b');
    clock.runFor(0);
    expect(heard).toEqual(['before', 'close']);
  });

  it('throws for what can not be cloned', () => {
    const [left] = network.messageChannel('a', 'b');
    expect(() => { left.postMessage(() => 1); }).toThrow('could not be cloned');
    left.close();
  });
});
