import { catchError, map, of, scan, tap } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { MpNode, PortId } from 'rxmp';
import { supervise, TooManyRestarts, type SuperviseOptions } from 'rxmp/operators';
import { createWorld } from '../world.js';
import { connected } from './connected.js';

/** Registers a service that dies `ms` after each start, of `reason`. */
function mortal(node: MpNode, ms: number, ...reason: readonly [] | readonly [string]): void {
  node.register('service', (self) => {
    node.after(ms, () => {
      node.kil(self, ...reason);
    });
    void node.rcv(self, () => undefined);
  });
}

/** Ports by number, in the order in which they appear. */
const numbered = scan((count: number) => count + 1, 0);

describe('supervise', () => {
  it('S20: spawns where the source says and gives the init function its data', async () => {
    const { world, a, b } = await connected({ delay: 1 });
    const born: unknown[] = [];
    b.register('service', (self, ...data: unknown[]) => {
      void b.rcv(self, () => undefined);
      born.push([self.id, ...data]);
    });
    let port: PortId | undefined;
    world.draw(20, ({ cold, expectObservable }) => {
      const supervised = cold('-b|', { b: 'b' }).pipe(supervise(a, 'service', { data: [1, 'x'] }));
      expectObservable(supervised.pipe(tap((id) => (port = id)), numbered)).toBe('-1', { 1: 1 });
    });
    expect(born).toEqual([[port, 1, 'x']]);
  });

  it('S12: restarts after an abnormal death, each time with a new port', async () => {
    const world = createWorld();
    const node = await world.start('a');
    mortal(node, 10, 'broken');
    const ports = new Set<string>();
    world.draw(35, ({ cold, expectObservable }) => {
      const supervised = cold('a', { a: 'a' }).pipe(supervise(node, 'service', { restarts: 9 }), tap((id) => ports.add(id)));
      expectObservable(supervised.pipe(numbered)).toBe('1 9ms 2 9ms 3 9ms 4', { 1: 1, 2: 2, 3: 3, 4: 4 });
    });
    expect(ports.size).toBe(4);
  });

  it('S12: a normal death completes it, or with `always` restarts too', async () => {
    const world = createWorld();
    const node = await world.start('a');
    mortal(node, 10);
    world.draw(25, ({ cold, expectObservable }) => {
      const values = { 1: 1, 2: 2, 3: 3 };
      expectObservable(cold('(a|)', { a: 'a' }).pipe(supervise(node, 'service'), numbered)).toBe('1 9ms |', values);
      const always = cold('(a|)', { a: 'a' }).pipe(supervise(node, 'service', { restart: 'always' }), numbered);
      expectObservable(always).toBe('1 9ms 2 9ms 3', values);
    });
  });

  it('gives up when `restarts` within `within` ms are used up', async () => {
    const world = createWorld();
    const node = await world.start('a');
    mortal(node, 10, 'broken');
    let last = '';
    world.draw(100, ({ cold, expectObservable }) => {
      const supervised = cold('a', { a: 'a' }).pipe(
        supervise(node, 'service', { restarts: 2, within: 100 }),
        tap((id) => (last = id)),
        numbered,
        catchError((error: unknown) => of(error instanceof TooManyRestarts, (error as TooManyRestarts).port === last)),
      );
      expectObservable(supervised).toBe('1 9ms 2 9ms 3 9ms (tt|)', { 1: 1, 2: 2, 3: 3, t: true });
    });
  });
});

describe('supervise, how often within how long', () => {
  /** The times of the starts, and of the end. */
  async function starts(life: number, ms: number, options: SuperviseOptions): Promise<unknown[]> {
    const world = createWorld();
    const node = await world.start('a');
    mortal(node, life, 'broken');
    const seen: unknown[] = [];
    const begin = world.clock.now();
    const at = (): number => world.clock.now() - begin;
    world.draw(ms, ({ cold }) => {
      const supervised = cold('a', { a: 'a' }).pipe(supervise(node, 'service', options));
      const subscription = supervised.subscribe({
        next: () => seen.push(at()),
        error: (error: unknown) => {
          const { code, reason, message } = error as TooManyRestarts;
          seen.push([at(), code, reason, message]);
        },
      });
      world.clock.after(ms - 1, () => subscription.unsubscribe());
    });
    return seen;
  }

  it('errors with the last reason', async () => {
    expect(await starts(10, 100, { restarts: 2, within: 100 })).toEqual([
      0,
      10,
      20,
      [30, 'TOO_MANY_RESTARTS', ['broken'], expect.stringMatching(/^gave up on "service": .* 2 times within 100 ms .*: broken$/)],
    ]);
  });

  it('no restart at all', async () => {
    expect(await starts(10, 50, { restarts: 0 })).toEqual([0, [10, 'TOO_MANY_RESTARTS', ['broken'], expect.anything()]]);
  });

  it('forgets restarts that are `within` ms old', async () => {
    // at 30 the restart at 10 is 20 ms old and does not count any more
    expect(await starts(10, 55, { restarts: 2, within: 20 })).toEqual([0, 10, 20, 30, 40, 50]);
    expect(await starts(10, 55, { restarts: 2, within: 21 })).toEqual([0, 10, 20, [30, ...Array(3).fill(expect.anything())]]);
  });

  it('waits longer and longer, up to the maximum', async () => {
    const delay = { initial: 5, factor: 2, max: 15 };
    // deaths at 10, 25, 45, 70, 95: delays of 5, 10, 15 instead of 20, 15
    expect(await starts(10, 96, { restarts: 9, delay })).toEqual([0, 15, 35, 60, 85]);
  });

  it('no delay stays none, however often', async () => {
    expect(await starts(1, 1_200, { restarts: 2_000, within: 10_000, delay: { initial: 0 } })).toHaveLength(1_199);
  });

  it('starts with short delays again after a quiet time', async () => {
    const delay = { initial: 5, factor: 2 };
    expect(await starts(100, 440, { restarts: 9, within: 90, delay })).toEqual([0, 105, 210, 315, 420]);
  });
});

describe('supervise, other ends', () => {
  it('S20: a node without the init function is tried again, then given up', async () => {
    const { world, a } = await connected();
    const reasons: unknown[] = [];
    world.draw(50, ({ cold }) => {
      cold('b', { b: 'b' })
        .pipe(supervise(a, 'nothing', { restarts: 1 }))
        .subscribe({ error: (error: unknown) => reasons.push((error as TooManyRestarts).reason) });
    });
    expect(reasons).toEqual([['spawn_refused', 'nothing', 'no function "nothing" is registered on node b']]);
  });

  it('S13: a lost node is a death; another node from the source moves the port', async () => {
    const { world, a, b } = await connected();
    for (const node of [a, b]) node.register('service', (self) => node.rcv(self, () => undefined));
    world.draw(100, ({ cold, play, expectObservable }) => {
      const where = cold('b 29ms a', { a: 'a', b: 'b' });
      const supervised = where.pipe(supervise(a, 'service', { delay: 50 }), map((id) => a.nodeOf(id)));
      expectObservable(supervised).toBe('b 29ms a', { a: 'a', b: 'b' });
      play('10ms c', { c: () => world.network.cut('a', 'b') });
    });
  });

  it('S12: moving kills the old port normally; the same node again changes nothing', async () => {
    const { world, a, b } = await connected();
    const deaths: unknown[] = [];
    for (const node of [a, b]) {
      node.register('service', (self) => {
        void node.rcv(self, () => undefined);
        node.mon(self, (...reason) => deaths.push([node.id, world.clock.now() - begin, reason]));
      });
    }
    const begin = world.clock.now();
    world.draw(100, ({ cold, expectObservable }) => {
      const values = { a: 'a', b: 'b' };
      const supervised = cold('b--b--a', values).pipe(supervise(a, 'service'), map((id) => a.nodeOf(id)));
      expectObservable(supervised, '^ 20ms !').toBe('b-----a', values);
    });
    expect(deaths).toEqual([['b', 6, []], ['a', 21, []]]);
  });

  it('an error of the source kills the port normally and passes', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const deaths: unknown[] = [];
    node.register('service', (self) => {
      void node.rcv(self, () => undefined);
      node.mon(self, (...reason) => deaths.push(reason));
    });
    world.draw(20, ({ cold, expectObservable }) => {
      const supervised = cold('a-#', { a: 'a' }, 'bad').pipe(supervise(node, 'service'), numbered);
      expectObservable(supervised).toBe('1-#', { 1: 1 }, 'bad');
    });
    expect(deaths).toEqual([[]]);
  });

  it('S8: unsubscribing while it waits for a restart leaves no port and no timer', async () => {
    const world = createWorld();
    const node = await world.start('a');
    mortal(node, 10, 'broken');
    world.draw(100, ({ cold, expectObservable }) => {
      const supervised = cold('a', { a: 'a' }).pipe(supervise(node, 'service', { delay: 50 }), numbered);
      expectObservable(supervised, '^ 20ms !').toBe('1', { 1: 1 });
    });
    expect(world.clock.pending).toBe(0);
  });

  it.each([
    [{ restarts: -1 }, 'restarts is -1'],
    [{ within: 0 }, 'within is 0'],
    [{ delay: Number.NaN }, 'delay is NaN'],
  ])('refuses %j at once', async (options, message) => {
    const node = await createWorld().start('a');
    expect(() => supervise(node, 'service', options)).toThrow(message);
  });
});
