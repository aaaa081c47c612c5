import { catchError, defer, NEVER, of } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { PortDied, SpawnRefused } from 'rxmp';
import { takeUntilDead } from 'rxmp/operators';
import { createWorld } from '../world.js';
import { connected } from './connected.js';

const deathOf = (error: unknown): string => {
  const { port, reason } = error as PortDied;
  return `${port}: ${reason.slice(0, 2).join()}`;
};

describe('takeUntilDead', () => {
  it('S12: completes when the port is killed normally, also from another node', async () => {
    const { world, a, b } = await connected({ delay: 2 });
    const port = b.port(() => undefined);
    world.draw(50, ({ cold, play, expectObservable }) => {
      expectObservable(cold('-a-b-c--d-e').pipe(takeUntilDead(a, port.id))).toBe('-a-b-c-|');
      expectObservable(cold('-a-b--c-d-e').pipe(takeUntilDead(b, port))).toBe('   -a-b-|');
      play('-----k', { k: () => b.kil(port) });
    });
  });

  it('S15: errors with PortDied and the reason when it dies abnormally', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const port = node.port(() => undefined);
    world.draw(20, ({ cold, play, expectObservable }) => {
      const died = new PortDied(port.id, ['broken', 7]);
      expectObservable(cold('-a-b-c-d').pipe(takeUntilDead(node, port))).toBe('-a-b#', undefined, died);
      play('----k', { k: () => node.kil(port, 'broken', 7) });
    });
  });

  it('S3: errors at once when there is no such port, S20: or it could not be spawned', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const nobody = ['no_such_port', 'cannot monitor nonexistent port', 'a#nobody'] as const;
    world.draw(20, ({ cold, expectObservable }) => {
      const refused = defer(() => cold('-a').pipe(takeUntilDead(node, node.spawn('a', 'nothing'))));
      expectObservable(refused.pipe(catchError((error: unknown) => of(error instanceof SpawnRefused)))).toBe('(r|)', { r: true });
      expectObservable(cold('-a').pipe(takeUntilDead(node, 'a#nobody'))).toBe('#', undefined, new PortDied('a#nobody', nobody));
    });
  });

  it('S13: errors with transport_error when the node of the port is lost; a node id means the node', async () => {
    const { world, a, b } = await connected();
    const port = b.port(() => undefined);
    world.draw(50, ({ cold, play, expectObservable }) => {
      for (const id of [port.id, 'b']) {
        const ended = cold('-a-b-c-d').pipe(
          takeUntilDead(a, id),
          // the third element is a text for people
          catchError((error: unknown) => of(deathOf(error))),
        );
        expectObservable(ended).toBe('-a-b-c(d|)', { a: 'a', b: 'b', c: 'c', d: `${id}: transport_error,b` });
      }
      play('------c', { c: () => world.network.cut('a', 'b') });
    });
  });

  it('S11: takes its monitor away when the stream ends by itself or is unsubscribed', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const port = node.port(() => undefined);
    world.draw(20, ({ cold, play, expectObservable }) => {
      expectObservable(cold('-a|').pipe(takeUntilDead(node, port))).toBe('-a|');
      expectObservable(NEVER.pipe(takeUntilDead(node, port)), '^---!').toBe('');
      play('-----k', { k: () => node.kil(port, 'seen by nobody') });
    });
    // a port is only logged as unmonitored when no monitor is left
    expect(node.log.lines).toContain(`warn unmonitored port ${port.id} died: seen by nobody`);
  });
});
