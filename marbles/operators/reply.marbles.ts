import { concatWith, EMPTY, map, NEVER, of, throwError, timer } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { PortDied, type PortId } from 'rxmp';
import { reply } from 'rxmp/operators';
import { createWorld } from '../world.js';
import { connected } from './connected.js';

type Protocol = ['square', number, PortId<[number]>];

describe('reply', () => {
  it('S4: answers calls, here and from another node, and emits the answers', async () => {
    const { world, a, b } = await connected({ delay: 2 });
    const port = b.port<Protocol>();
    world.draw(50, ({ expectObservable }) => {
      const answers: Record<string, [number]> = { x: [4], y: [9] };
      expectObservable(b.rcv(port, 'square').pipe(reply(b, ([n]) => [n * n]))).toBe('--x--y', answers);
      expectObservable(a.cal(port.id, 'square', 2)).toBe('----(x|)', answers);
      expectObservable(b.cal(port, 'square', 3), '-----^').toBe('-----(y|)', answers);
    });
  });

  it('answers later, and in the order in which answers come', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const port = node.port<['wait', number, PortId<[number]>]>();
    world.draw(50, ({ expectObservable }) => {
      const answers: Record<string, [number]> = { x: [5], y: [2] };
      const served = node.rcv(port, 'wait').pipe(reply(node, ([ms]) => timer(ms, node.clock).pipe(map((): [number] => [ms]))));
      expectObservable(served).toBe('--y--x', answers);
      expectObservable(node.cal(port, 'wait', 5)).toBe('-----(x|)', answers);
      expectObservable(node.cal(port, 'wait', 2)).toBe('--(y|)', answers);
    });
  });

  it('works on `concurrency` answers at a time', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const port = node.port<Protocol>();
    world.draw(50, ({ expectObservable }) => {
      const values: Record<string, [number]> = { x: [1], y: [2], z: [3] };
      const slow = reply<Protocol, [number]>(node, ([, n]) => timer(5, node.clock).pipe(map((): [number] => [n])), { concurrency: 2 });
      expectObservable(port.pipe(slow)).toBe('       -----(xy)-z', values);
      expectObservable(node.cal(port, 'square', 1)).toBe('-----(x|)', values);
      expectObservable(node.cal(port, 'square', 2)).toBe('-----(y|)', values);
      expectObservable(node.cal(port, 'square', 3)).toBe('----------(z|)', values);
    });
  });

  it('S5: a failure kills the reply port: the call fails with the reason, other requests and the port go on', async () => {
    const { world, a, b } = await connected({ delay: 1 });
    const port = b.port<Protocol>();
    const failures: unknown[] = [];
    const begin = world.clock.now();
    const project = ([n]: readonly [number]): [number] => {
      if (n < 0) throw new RangeError(`${n} is too small`);
      return [n];
    };
    world.draw(50, ({ expectObservable }) => {
      expectObservable(b.rcv(port, 'square').pipe(reply(b, project))).toBe('------x', { x: [7] });
      a.cal(port.id, 'square', -1, { timeout: 40 }).subscribe({
        error: (error: unknown) => failures.push([a.clock.now() - begin, error]),
      });
      expectObservable(a.cal(port.id, 'square', 7), '-----^').toBe('-------(x|)', { x: [7] });
    });
    expect(failures).toEqual([[2, expect.any(PortDied)]]);
    expect(failures).toMatchObject([[2, { reason: ['die', '-1 is too small'] }]]);
    expect(b.log.lines.filter((line) => line.startsWith('warn could not answer a#'))).toHaveLength(1);
  });

  it('S5: so does an answer that fails later, or that can not be sent', async () => {
    const { world, a, b } = await connected({ delay: 1 });
    const port = b.port<['get', what: string, PortId]>();
    const endless: unknown[] = [];
    endless.push(endless);
    const reasons: unknown[] = [];
    world.draw(50, ({ expectObservable }) => {
      const served = b.rcv(port, 'get').pipe(
        reply(b, ([what]) => {
          if (what === 'later') return timer(5, b.clock).pipe(concatWith(throwError(() => new Error('late'))), map(() => ['x']));
          return what === 'text' ? ('text' as unknown as [string]) : [endless];
        }),
      );
      expectObservable(served).toBe('------x', { x: ['x'] });
      // the first answer counts: what comes after it meets no call
      expectObservable(a.cal(port.id, 'get', 'later')).toBe('-------(x|)', { x: ['x'] });
      for (const what of ['text', 'endless']) {
        a.cal(port.id, 'get', what).subscribe({ error: (error: unknown) => reasons.push((error as PortDied).reason) });
      }
    });
    expect(reasons).toEqual([
      ['die', 'an answer is a message, an array such as [value], not string'],
      ['die', expect.stringContaining('contains itself')],
    ]);
  });

  it('drops and logs a request without a reply port', async () => {
    const world = createWorld();
    const node = await world.start('a');
    world.draw(20, ({ cold, expectObservable }) => {
      const requests = { n: ['q', 1], t: ['q', 'text'], b: ['q', 'b'], e: [] };
      expectObservable(cold('-(ntbe)|', requests).pipe(reply(node, () => ['x']))).toBe('-------|');
    });
    expect(node.log.lines).toEqual(Array(4).fill('warn dropped a request without a reply port as its last element'));
  });

  it('with `stream`, S12: the end of the answers ends the reply port, S11: and its death ends the work', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const inbox = node.port<[string]>();
    const stopped = node.port<[string]>();
    const open = node.port<[string]>();
    world.draw(30, ({ cold, play, hot, expectObservable }) => {
      const asked = hot('-a', { a: ['all', inbox.id] as const });
      const answers$ = cold('-1-2|').pipe(map((n): [string] => [n]));
      expectObservable(asked.pipe(reply(node, () => answers$, { stream: true }))).toBe('--1-2', { 1: ['1'], 2: ['2'] });
      expectObservable(inbox.pipe(map(([n]) => n))).toBe('--1-2|');

      const endless = hot('-a', { a: ['all', stopped] as const });
      const letters$ = cold('-a-b-c-d').pipe(map((letter): [string] => [letter]));
      expectObservable(endless.pipe(reply(node, () => letters$, { stream: true }), map(([x]) => x))).toBe('--a-b');
      expectObservable(stopped.pipe(map(([letter]) => letter))).toBe('--a-b|');
      play('-----k', { k: () => node.kil(stopped) });

      const once = hot('-(ab)', { a: ['one', open], b: ['none', open] } as const);
      expectObservable(once.pipe(reply(node, ([what]) => (what === 'one' ? of<[string]>(['1']) : EMPTY)))).toBe('-1', { 1: ['1'] });
      expectObservable(open).toBe('-1', { 1: ['1'] });
      expectObservable(node.mon(open)).toBe('');
    });
  });

  it('unsubscribing gives the answers up', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const port = node.port<Protocol>();
    let working = 0;
    world.draw(20, ({ expectObservable, cold }) => {
      const work = NEVER.pipe(() => cold('-----x').pipe(map((): [number] => [1])));
      const served = port.pipe(reply(node, () => ((working += 1), work)));
      expectObservable(served, '^--!').toBe('');
      expectObservable(node.cal(port, 'square', 1)).toBe('');
    });
    expect(working).toBe(1);
  });

  it('refuses a concurrency that makes no sense', async () => {
    const node = await createWorld().start('a');
    expect(() => reply(node, () => ['x'], { concurrency: 0 })).toThrow('concurrency is 0');
  });
});
