import { createNode, type Message } from 'rxmp';
import { callWithRetry, supervise, TooManyRestarts, type SuperviseOptions } from 'rxmp/operators';
import { settled, silentLog, VirtualClock } from 'rxmp/testing';
import { of } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPortPool } from '../../../operators/port-pool.js';
import { countHoldings } from '../../fixtures/holdings.js';

async function start() {
  const clock = new VirtualClock();
  return { clock, node: await settled(clock, createNode({ nodeid: 'a', clock, log: silentLog })) };
}

describe('supervise without options', () => {
  /** How often a service that dies every `ms` is started, and how it ends. */
  const livesOf = async (ms: number, options: SuperviseOptions = {}) => {
    const { clock, node } = await start();
    node.register('service', (self) => {
      void node.rcv(self, () => undefined);
      node.after(ms, () => { node.kil(self, 'broken'); });
    });
    let lives = 0;
    let error: unknown;
    of('a').pipe(supervise(node, 'service', options)).subscribe({ next: () => lives++, error: (thrown: unknown) => { error = thrown; } });
    clock.runFor(60_000);
    return { lives, isOver: error instanceof TooManyRestarts };
  };

  it('restarts three times within 5 s', async () => {
    expect(await livesOf(100)).toEqual({ lives: 4, isOver: true });
    expect(await livesOf(1_660)).toEqual({ lives: 4, isOver: true });
    const { lives, isOver } = await livesOf(1_670);
    expect([lives > 30, isOver]).toEqual([true, false]);
  });

  it('may have no restarts, and needs a time above 0 to count them in', async () => {
    expect(await livesOf(100, { restarts: 0 })).toEqual({ lives: 1, isOver: true });
    await expect(livesOf(100, { within: 0 })).rejects.toThrow('within is 0: expected milliseconds above 0');
    await expect(livesOf(100, { restarts: -1 })).rejects.toThrow('restarts is -1');
  });
});

describe('callWithRetry without a number', () => {
  it('calls three times more', async () => {
    const { clock, node } = await start();
    let calls = 0;
    const port = node.port(() => { calls++; });
    const message: Message = ['x'];
    of(message).pipe(callWithRetry(node, port, { timeout: 10, delay: 1 })).subscribe({ error: () => undefined });
    clock.runFor(60_000);
    expect(calls).toBe(4);
  });
});

describe('the ports that calls may go to', () => {
  let holdings: ReturnType<typeof countHoldings>;
  beforeEach(() => { holdings = countHoldings(); });
  afterEach(() => { holdings.restore(); });

  it('are forgotten when they are gone and no call is under way', async () => {
    const pool = createPortPool('round-robin', 2);
    const before = await holdings.count();
    pool.add('a#1');
    pool.add('a#2');
    expect([pool.take(undefined), pool.take(undefined), pool.take(undefined), pool.take(undefined), pool.take(undefined)]).toEqual(['a#1', 'a#2', 'a#1', 'a#2', undefined]);
    pool.remove('a#1');
    pool.release('a#1');
    pool.remove('a#1');
    pool.release('a#2');
    expect(pool.take('a#2')).toBe('a#2');
    pool.release('a#1');
    pool.release('a#2');
    pool.release('a#2');
    pool.remove('a#2');
    expect([await holdings.count(), pool.exhausted]).toEqual([before, false]);
    pool.close();
    expect(pool.exhausted).toBe(true);
  });
});
