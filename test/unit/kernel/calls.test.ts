import { describe, expect, it } from 'vitest';
import { createWorld } from '../../../marbles/world.js';
import { local } from './local.js';

/** What becomes of a call: undefined while it waits. */
function outcomeOf(call: ReturnType<Awaited<ReturnType<typeof local>>['node']['cal']>): { text?: string } {
  const outcome: { text?: string } = {};
  call.subscribe({
    next: (answer) => { outcome.text = `answer ${answer.join()}`; },
    error: (error: unknown) => { outcome.text = error instanceof Error ? error.name : String(error); },
  });
  return outcome;
}

describe('calls to a port share a monitor, which stays a while after the last', () => {
  it.each([0, 1, 500, 999, 1_000, 1_001, 1_500])('a call that comes %i ms after the last fails when the port dies, whenever', async (pause) => {
    for (const rest of [0, 600, 5_000]) {
      const { node, clock } = await local();
      const port = node.port(() => undefined);
      node.cal(port, 'first').subscribe().unsubscribe();
      clock.runFor(pause);
      const second = outcomeOf(node.cal(port, 'second'));
      clock.runFor(rest);
      expect(second).toEqual({});
      node.kil(port, 'gone');
      clock.runFor(0);
      expect(second).toEqual({ text: 'PortDied' });
      expect(clock.pending).toBe(0);
      await node.close();
    }
  });

  it('the end of one leaves the others theirs', async () => {
    const { node, clock } = await local();
    const port = node.port(() => undefined);
    const ended = node.cal(port, 'ended').subscribe();
    const open = [outcomeOf(node.cal(port, 'open')), outcomeOf(node.cal(port, 'open'))];
    ended.unsubscribe();
    clock.runFor(5_000);
    node.kil(port, 'gone');
    clock.runFor(0);
    expect(open).toEqual([{ text: 'PortDied' }, { text: 'PortDied' }]);
  });

  it('nothing is left of it after that', async () => {
    const { node, clock } = await local();
    const port = node.port(() => undefined);
    for (const [first, second] of [[0, 1], [1, 0]] as const) {
      const calls = [node.cal(port, 'x').subscribe(), node.cal(port, 'y').subscribe()];
      calls[first]?.unsubscribe();
      clock.runFor(2_000);
      expect(Reflect.get(port, 'monitors')).toBeDefined();
      calls[second]?.unsubscribe();
      expect(clock.pending).toBe(1);
      clock.runFor(999);
      expect(Reflect.get(port, 'monitors')).toBeDefined();
      clock.runFor(1);
      expect([Reflect.get(port, 'monitors'), clock.pending]).toEqual([undefined, 0]);
    }
  });

  it('a port that dies meanwhile takes the timer with it', async () => {
    const { node, clock } = await local();
    const port = node.port(() => undefined);
    node.cal(port, 'x').subscribe().unsubscribe();
    node.kil(port);
    clock.runFor(0);
    expect(clock.pending).toBe(0);
  });
});

describe('what a node monitors here goes with its connection', () => {
  it('monitors of a lost node are no more on our ports', async () => {
    const world = createWorld();
    const a = await world.start('a');
    const b = await world.start('b', { seeds: ['memory://a'] });
    world.clock.runFor(2_000);
    const port = b.port();
    const deaths: unknown[] = [];
    a.mon(port, (...reason) => deaths.push(reason[0]));
    world.clock.runFor(10);
    expect(Reflect.get(port, 'monitors')).toBeDefined();
    world.network.cut('a', 'b');
    world.clock.runFor(2_000);
    expect([Reflect.get(port, 'monitors'), deaths]).toEqual([undefined, ['transport_error']]);
    await world.close();
  });

  it('a monitor that is asked for twice is one, and is taken back once', async () => {
    const world = createWorld();
    const a = await world.start('a');
    const b = await world.start('b', { seeds: ['memory://a'] });
    world.clock.runFor(2_000);
    const port = b.port();
    const id = port.id.slice(port.id.indexOf('#') + 1);
    // as AnyEvent::MP may
    a.snd('b', 'mon1', id);
    a.snd('b', 'mon1', id);
    world.clock.runFor(10);
    expect(Reflect.get(port, 'monitors')).not.toBeInstanceOf(Set);
    a.snd('b', 'mon0', id);
    world.clock.runFor(10);
    expect(Reflect.get(port, 'monitors')).toBeUndefined();
    await world.close();
  });
});
