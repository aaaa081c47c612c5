import { NEVER, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/testing/virtual-clock.js';
import { createNode } from '../../../src/node.js';
import type { MpNode } from '../../../src/mp-node.js';
import type { NodeOptions } from '../../../src/options.js';
import type { Transport } from '../../../src/transport/duplex.js';
import { recordedLog, type RecordedLog } from '../../../marbles/world.js';

/** Until what has been rejected is heard of. */
const rejections = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function localNode(options: NodeOptions = {}): Promise<{ node: MpNode; clock: VirtualClock; log: RecordedLog }> {
  const clock = new VirtualClock();
  const log = recordedLog();
  return { node: await createNode({ nodeid: 'a', clock, log, ...options }), clock, log };
}

describe('what is thrown in a handler (S5)', () => {
  const circle: unknown[] = [];
  circle.push(circle);
  const things: [string, unknown, unknown][] = [
    ['an error', new Error('text'), 'text'],
    ['a string', 'text', 'text'],
    ['a number', 7, 7],
    ['undefined', undefined, undefined],
    ['null', null, null],
    ['an object', { why: 'so' }, { why: 'so' }],
    ['a big integer', 10n, '10'],
    ['a symbol', Symbol('s'), 'Symbol(s)'],
    ['a function', () => 1, '() => 1'],
    ['something that contains itself', circle, '[object Array]'],
    ['an object that can be no text', Object.assign(Object.create(null) as object, { big: 1n }), '[object Object]'],
    ['an error whose message is no text', Object.assign(new Error(), { message: 10n }), '10'],
  ];
  it.each(things)('%s: the port dies, the node goes on', async (_what, thrown, seen) => {
    const { node, clock } = await localNode();
    const reasons: unknown[] = [];
    for (const monitored of [true, false]) {
      const port = node.port(() => {
        throw thrown;
      });
      if (monitored) node.mon(port, (...reason) => reasons.push(reason));
      node.snd(port, 'go');
      clock.run();
      expect(node.snd(port, 'again')).toBe(true);
    }
    expect(reasons).toEqual([['die', seen]]);
    const alive = node.port();
    const got: unknown[] = [];
    alive.subscribe((message) => got.push(message));
    node.snd(alive, 'still here');
    expect(got).toEqual([['still here']]);
  });

  it.each(things)('%s as a rejection of an async handler', async (_what, thrown, seen) => {
    const { node, clock } = await localNode();
    const reasons: unknown[] = [];
    const port = node.rcv(node.port(), { go: async () => Promise.reject(thrown as Error) });
    node.mon(port, (...reason) => reasons.push(reason));
    node.snd(port, 'go');
    await rejections();
    clock.run();
    expect(reasons).toEqual([['die', seen]]);
  });
});

describe('reasons', () => {
  it('of any kind kill a port, and are logged', async () => {
    const { node, clock, log } = await localNode();
    const circle: Record<string, unknown> = {};
    circle['circle'] = circle;
    const port = node.port();
    node.kil(port, 'big', 10n, circle);
    clock.run();
    expect(log.lines).toEqual([`warn unmonitored port ${port.id} died: big: 10: [object Object]`]);
  });

  it('whose kind is no text', async () => {
    const { node, clock } = await localNode();
    const reasons: unknown[] = [];
    for (const kind of [10n, { a: 1 }, null, undefined]) {
      const port = node.port();
      node.mon(port, (...reason) => reasons.push(reason));
      node.kil(port, kind as never);
    }
    clock.run();
    expect(reasons).toEqual([['10'], ['{"a":1}'], ['null'], ['null']]);
  });
});

describe('tags nobody expects (S3)', () => {
  it.each([
    ['an object without a text', { toString: 1, valueOf: 1 }],
    ['an object without a prototype', Object.create(null)],
    ['a symbol', Symbol('tag')],
    ['a big integer', 1n],
    ['null', null],
    ['an array', [[]]],
  ])('%s kills the port', async (_what, tag) => {
    const { node, clock } = await localNode();
    const reasons: unknown[] = [];
    const port = node.port();
    node.mon(port, (kind) => reasons.push(kind));
    node.snd(port, tag);
    clock.run();
    expect(reasons).toEqual(['unhandled_message']);
  });
});

describe('the node port', () => {
  it('is not killed, by nobody (S9)', async () => {
    const { node, clock, log } = await localNode();
    const deaths: unknown[] = [];
    node.mon(node.id, (...reason) => deaths.push(reason));
    expect(() => {
      node.kil(node.id, 'x');
    }).toThrow('a is a node port: it lives as long as its node');
    node.register('f', (self) => {
      expect(() => {
        self.complete();
      }).toThrow(TypeError);
      expect(() => {
        self.error(new Error('x'));
      }).toThrow(TypeError);
    });
    node.sndToFunc(node.id, 'main::f');
    node.peval(node.id, () => {
      throw new Error('in the node port');
    });
    node.snd(node.id, 'mon1', 7);
    node.snd(node.id, 'kil1', '', 'reason');
    clock.run();
    expect(deaths).toEqual([]);
    expect(log.lines.filter((line) => line.includes('in the node port'))).toHaveLength(1);
    const got: unknown[] = [];
    node.snd(node.id, 'snd', node.port((...message: never[]) => got.push(message)).id, 'works');
    expect(got).toEqual([['works']]);
  });

  it('logs what an async function throws that was called by name', async () => {
    const { node, clock, log } = await localNode();
    node.register('main::f', async () => Promise.reject(new Error('later')));
    node.sndToFunc(node.id, 'f');
    clock.run();
    await rejections();
    clock.run();
    expect(log.lines).toEqual(['error function "main::f" threw']);
  });

  it('logs what an async monitor callback throws', async () => {
    const { node, clock, log } = await localNode();
    const port = node.port();
    const callback: () => unknown = async () => Promise.reject(new Error('later'));
    node.mon(port, callback);
    node.kil(port);
    clock.run();
    await rejections();
    clock.run();
    expect(log.lines).toEqual(['error a monitor callback threw; wrap it in psub to let a port die of it']);
  });
});

describe('the reply port of a call', () => {
  it('fires its monitors when the call is over (S11)', async () => {
    const { node, clock } = await localNode();
    const deaths: unknown[] = [];
    const port = node.rcv(node.port(), {
      ask: (reply: string) => {
        node.mon(reply, (...reason) => deaths.push(reason));
        node.snd(reply, 'answer');
      },
    });
    const answers: unknown[] = [];
    node.cal(port, 'ask').subscribe((answer) => answers.push(answer));
    clock.run();
    expect({ answers, deaths }).toEqual({ answers: [['answer']], deaths: [[]] });
  });
});

/** Its connects fail at once, inside `subscribe`. */
const odd: Transport = {
  schemes: ['odd'],
  listen: () => NEVER,
  connect: () => throwError(() => new Error('not today')),
};

describe('a closed node', () => {
  it('leaves no timer behind, whatever was set', async () => {
    const { node, clock } = await localNode({ seeds: ['odd://there'], transports: [odd] });
    const port = node.port();
    const asked: string[] = [];
    node.after(60_000, port, 'late');
    node.after(60_000, () => asked.push('late'));
    node.cal(port, 'what', { timeout: 60_000 }).subscribe({ error: (error: unknown) => asked.push((error as Error).message) });
    void node.rcv(port, { what: () => undefined });
    const waiting = node.mailbox(port).receive('never', { timeout: 60_000 });
    waiting.catch((error: unknown) => asked.push((error as Error).name));
    const closing = node.close();
    clock.runFor(0);
    await closing;
    expect(clock.pending).toBe(0);
    clock.runFor(100_000);
    await rejections();
    expect(asked).toEqual([expect.stringMatching(/^the node .* is closed$/), 'NodeClosed']);
  });

  it('takes everything that is still done with it', async () => {
    const { node, clock } = await localNode();
    const port = node.port();
    const streams: string[] = [];
    port.subscribe({ complete: () => streams.push('port') });
    node.connections$.subscribe({ complete: () => streams.push('connections$') });
    node.monNodes().subscribe({ complete: () => streams.push('monNodes') });
    const closing = node.close();
    clock.runFor(0);
    await closing;
    await node.close();
    expect(streams.sort()).toEqual(['connections$', 'monNodes', 'port']);
    expect(() => {
      node.snd(port, 'x');
      node.snd('elsewhere#port', 'x');
      node.snd(node.id, 'x');
      node.kil(port);
      node.kil('elsewhere#port', 'x');
      node.mon(port, () => undefined);
      node.mon('elsewhere#port', () => undefined);
      node.spawn('elsewhere', 'init');
      node.after(10, port, 'x');
      node.cal('elsewhere#port', 'x', { timeout: 10 }).subscribe({ error: () => undefined });
      node.cal(port, 'x', { timeout: 10 }).subscribe({ error: () => undefined });
    }).not.toThrow();
    clock.runFor(10_000);
    expect(clock.pending).toBe(0);
  });
});
