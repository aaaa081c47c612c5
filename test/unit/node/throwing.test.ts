import { config, map, take, tap, type Observable } from 'rxjs';
import type { MpNode } from 'rxmp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createWorld } from '../../../marbles/world.js';

const fail = (): never => {
  throw new Error('bad message');
};
const inNextTask = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

/** What RxJS would have thrown out of the process. */
let thrown: unknown[] = [];
const { onUnhandledError } = config;
beforeEach(() => {
  thrown = [];
  config.onUnhandledError = (error: unknown) => { thrown.push(error); };
});
afterEach(() => {
  config.onUnhandledError = onUnhandledError;
});

/** Two connected nodes, and what the first has logged as an error. */
async function pair() {
  const world = createWorld({ delay: 1 });
  const a = await world.start('a');
  const b = await world.start('b', { seeds: ['memory://a'] });
  world.clock.runFor(1_000);
  a.log.lines.length = 0;
  return { world, a, b, errors: () => a.log.lines.filter((line) => line.startsWith('error')) };
}

describe('S36: what subscribers of a port throw', () => {
  it.each<[string, (node: MpNode, id: string) => void]>([
    ['port.subscribe', (node, id) => { node.rcv(id).subscribe(fail); }],
    ['rcv(port, tag).subscribe', (node, id) => { node.rcv(id, 'tag').subscribe(fail); }],
    ['rcv(port, tag).subscribe({ next })', (node, id) => { node.rcv(id, 'tag').subscribe({ next: fail }); }],
    ['a pipeline whose error nobody handles', (node, id) => { node.rcv(id, 'tag').pipe(map(fail), take(3)).subscribe(); }],
    ['tap', (node, id) => { node.rcv(id, 'tag').pipe(tap(fail)).subscribe(() => undefined); }],
    ['a handler of the error that throws itself', (node, id) => { node.rcv(id, 'tag').pipe(map(fail)).subscribe({ error: fail }); }],
    ['a handler', (node, id) => { void node.rcv(id, { tag: fail }); }],
  ])('%s: kills the port as a handler does (S5), and nothing else', async (_, receive) => {
    const { world, a, b, errors } = await pair();
    const port = a.port();
    receive(a, port.id);
    const deaths: unknown[] = [];
    b.mon(port, (...reason) => deaths.push(reason));
    world.clock.runFor(10);
    b.snd(port, 'tag', 1);
    world.clock.runFor(100);
    await inNextTask();
    expect([deaths, thrown, errors()]).toEqual([[['die', 'bad message']], [], []]);
    expect(b.nodeIsUp('a')).toBe(true);
    await world.close();
  });

  it('a Subject’s own pipe too', async () => {
    const { world, a, b } = await pair();
    const port = a.port();
    port.pipe(map(fail)).subscribe();
    const deaths: unknown[] = [];
    a.mon(port, (...reason) => deaths.push(reason));
    b.snd(port, 'tag', 1);
    world.clock.runFor(100);
    await inNextTask();
    expect([deaths, thrown]).toEqual([[['die', 'bad message']], []]);
    await world.close();
  });

  it('an error that a pipeline handles is its own', async () => {
    const { world, a, b, errors } = await pair();
    const port = a.port(() => undefined);
    const handled: unknown[] = [];
    a.rcv(port, 'tag').pipe(map(fail)).subscribe({ error: (error: unknown) => handled.push((error as Error).message) });
    b.snd(port, 'tag');
    world.clock.runFor(100);
    expect([handled, thrown, errors()]).toEqual([['bad message'], [], []]);
    await world.close();
  });
});

describe('S36: what other subscribers throw is logged', () => {
  it.each<[string, RegExp, (a: MpNode, b: MpNode) => Observable<unknown>]>([
    ['mon', /a subscriber of mon\(a#\w+\) threw: bad message/, (a) => { const port = a.port(); setTimeout(() => { a.kil(port); }); return a.mon(port); }],
    ['dbMon', /a subscriber of dbMon\(fam\) threw/, (a) => a.dbMon('fam')],
    ['dbFamily', /a subscriber of the family fam threw/, (a) => a.dbFamily('fam')],
    ['cal', /a subscriber of cal\(b#\w+\) threw/, (a, b) => a.cal(b.port((_tag: unknown, reply: string) => b.snd(reply, 'x')).id as string, 'ask')],
    ['connections$', /a subscriber of connections\$ threw/, (a) => a.connections$],
    ['monNodes', /a subscriber of monNodes\(\) threw/, (a, b) => { setTimeout(() => void b.close()); return a.monNodes(); }],
    ['observe', /a subscriber of observe of the scope room threw/, (a) => { const room = a.federate('room'); room.assert({ type: 'x' }); return room.observe({ type: 'x' }); }],
  ])('%s, and in what is piped from it', async (_, text, make) => {
    for (const use of [(stream: Observable<unknown>) => stream.subscribe(fail), (stream: Observable<unknown>) => stream.pipe(map(fail)).subscribe()]) {
      const { world, a, b, errors } = await pair();
      use(make(a, b));
      await inNextTask();
      world.clock.runFor(100);
      await inNextTask();
      world.clock.runFor(0);
      expect(thrown).toEqual([]);
      expect(errors()).toContainEqual(expect.stringMatching(text));
      await world.close();
    }
  });

  it('after: a function that throws, or whose promise fails', async () => {
    const { world, a, errors } = await pair();
    a.after(5, fail);
    a.after(5, (async () => Promise.reject(new Error('later'))) as () => void);
    world.clock.runFor(10);
    await inNextTask();
    world.clock.runFor(0);
    expect(errors()).toHaveLength(2);
    await world.close();
  });

  it('what a handler throws after its port was killed', async () => {
    const { world, a, errors } = await pair();
    const port = a.port();
    void a.rcv(port, { tag: () => { a.kil(port); fail(); } });
    a.snd(port, 'tag');
    world.clock.runFor(10);
    expect(errors()).toEqual([`error code of ${port.id} failed after its death: die: bad message`]);
    await world.close();
  });

  it('errors of streams that are none of the node’s go where they went before', async () => {
    const { Subject } = await import('rxjs');
    const subject = new Subject<number>();
    subject.subscribe(fail);
    subject.next(1);
    await inNextTask();
    expect(thrown).toHaveLength(1);
  });
});
