import { describe, expect, it } from 'vitest';
import { SpawnRefused, type Port } from 'rxmp';
import { createWorld } from './world.js';

describe('S20: spawn', () => {
  it('here: init runs after spawn has returned, before what is sent to the port', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const order: unknown[] = [];
    node.register('start', (self: Port, ...data: readonly unknown[]) => {
      order.push('init', self.id, ...data);
      self.subscribe(([text]) => order.push(text));
    });
    let id = '';
    world.draw(20, ({ play }) => {
      play('--s', {
        s: () => {
          id = node.spawn('a', 'start', 1, 2);
          order.push('returned');
          node.snd(id, 'message');
        },
      });
    });
    expect(order).toEqual(['returned', 'init', id, 1, 2, 'message']);
  });

  it('elsewhere: the id can be used at once, and everything arrives in order', async () => {
    const world = createWorld({ delay: { min: 1, max: 30 } });
    const b = await world.start('b');
    const a = await world.start('a', { seeds: ['memory://b'] });
    const order: unknown[] = [];
    b.register('start', (self: Port, ...data: readonly unknown[]) => {
      order.push(...data);
      self.subscribe(([text]) => order.push(text));
    });
    const port = a.spawn('b', 'start', 'init');
    expect([a.nodeOf(port), a.isLocal(port), a.nodeIsUp('b')]).toEqual(['b', false, false]);
    const deaths: unknown[] = [];
    a.mon(port, (...reason) => deaths.push(reason));
    a.snd(port, 'one');
    a.snd(port, 'two');
    a.kil(port, 'enough');
    world.clock.runFor(1_000);
    expect([order, deaths]).toEqual([['init', 'one', 'two'], [['enough']]]);
    await world.close();
  });

  it.each(['a', 'b'])('a function that is not there kills the port with spawn_refused: on %s', async (where) => {
    const world = createWorld();
    await world.start('b');
    const a = await world.start('a', { seeds: ['memory://b'] });
    world.clock.runFor(100);
    const reasons: unknown[] = [];
    a.mon(a.spawn(where, 'nothing'), (...reason) => reasons.push(reason));
    world.clock.runFor(10);
    expect(reasons).toEqual([['spawn_refused', 'nothing', `no function "nothing" is registered on node ${where}`]]);
    await world.close();
  });

  it('a failing init kills the port with its reason', async () => {
    const world = createWorld();
    const node = await world.start('a');
    node.register('start', () => {
      throw new Error('no luck');
    });
    const reasons: unknown[] = [];
    world.draw(20, ({ play }) => {
      play('--s', {
        s: () => {
          node.mon(node.spawn('a', 'start'), (...reason) => reasons.push(reason));
        },
      });
    });
    expect(reasons).toEqual([['die', 'no luck']]);
  });

  it('to a node that nobody can reach: monitors tell', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const reasons: unknown[] = [];
    node.mon(node.spawn('nowhere', 'start'), (...reason) => reasons.push(reason));
    expect(reasons).toEqual([]);
    world.clock.runFor(0);
    expect(reasons).toEqual([['transport_error', 'nowhere', 'no known address: it is not there, or it listens nowhere (it has no binds)']]);
    await world.close();
  });

  it('a call to a port that was refused errors with SpawnRefused', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const errors: unknown[] = [];
    world.draw(20, ({ play }) => {
      play('--s', {
        s: () => {
          node.cal(node.spawn('a', 'nothing'), 'ask').subscribe({ error: (error: unknown) => errors.push(error) });
        },
      });
    });
    expect(errors).toEqual([expect.any(SpawnRefused)]);
  });
});
