import { map, NEVER, Subject, throwError } from 'rxjs';
import type { NodeOptions, Transport } from 'rxmp';
import { describe, expect, it } from 'vitest';
import { createWorld } from '../../../marbles/world.js';
import { settled } from '../../../src/testing/settled.js';
import type { Duplex, ListenEvent, Reception } from '../../../src/transport/duplex.js';

/** A node at a transport of one listener, which the test plays. */
async function listeningAt(addresses: readonly string[], options: NodeOptions = {}) {
  const world = createWorld();
  const later$ = new Subject<ListenEvent>();
  let reception: Reception | undefined;
  const transport: Transport = {
    schemes: ['memory', 'tcp', 'ws', 'wss'],
    connect: () => NEVER,
    listen: (_bind, given) => {
      reception = given;
      world.clock.soon(() => { later$.next({ kind: 'listening', addresses }); });
      return later$;
    },
  };
  const node = await world.start('a', { transports: [transport], ...options });
  /** Somebody connects; a transport that has asked brings `leave`. */
  const visitor = (remoteAddress: string, leave?: () => void) => {
    /** How he is sent away. */
    const told: string[] = [];
    const incoming$ = new Subject<Uint8Array>();
    const duplex: Duplex = {
      incoming$,
      drained$: NEVER,
      remoteAddress,
      write: () => true,
      close: (error) => {
        if (told.length > 0) return;
        told.push(`closed: ${error?.message ?? 'all is said'}`);
        incoming$.complete();
      },
    };
    later$.next({ kind: 'connection', duplex, ...(leave && { leave }) });
    return { told, hangUp: () => { incoming$.complete(); }, says: (text: string) => { incoming$.next(new TextEncoder().encode(text)); } };
  };
  return { world, node, visitor, later$, reception: () => reception, lines: () => node.log.lines.splice(0).filter((line) => !line.startsWith('debug')) };
}

describe('a listener', () => {
  it('that breaks later is an error in the log, and the node lives on', async () => {
    const { world, later$, lines } = await listeningAt(['memory://a']);
    lines();
    later$.error(new Error('gone'));
    world.clock.runFor(0);
    expect(lines()).toEqual(['error memory://a does not listen any more: gone']);
    await world.close();
  });

  it.each([new Error('in use'), 'in use'])('that breaks at once fails the node, and is not said in the log', async (error) => {
    const world = createWorld();
    const transport: Transport = { schemes: ['memory'], connect: () => NEVER, listen: () => throwError(() => error) };
    const lines: string[] = [];
    const say = (_details: object, text: string): void => { lines.push(text); };
    const starting = world.start('a', { transports: [transport], log: { debug: say, info: say, warn: say, error: say } });
    await expect(starting).rejects.toThrow('in use');
    await expect(starting).rejects.toBeInstanceOf(Error);
    expect(lines.filter((line) => line.includes('listen any more'))).toEqual([]);
  });

  it('is let go with the node', async () => {
    const { world, later$ } = await listeningAt(['memory://a']);
    expect(later$.observed).toBe(true);
    await world.close();
    expect([later$.observed, world.clock.pending]).toEqual([false, 0]);
  });

  it('may hold limits.connections; that it could not accept somebody is in the log', async () => {
    const { world, reception, lines } = await listeningAt(['memory://a'], { limits: { connections: 7 } });
    expect(reception()?.connections).toBe(7);
    lines();
    reception()?.missed(new Error('no files left'));
    world.clock.runFor(0);
    expect(lines()).toEqual(['error memory://a could not accept a connection: no files left']);
    await world.close();
  });

  it.each([
    ['off this machine', ['192.0.2.1:4040'], {}, ['192.0.2.1:4040']],
    ['in part', ['127.0.0.1:4040', '192.0.2.1:4040', 'ws://192.0.2.1:80/'], {}, ['192.0.2.1:4040, ws://192.0.2.1:80/']],
    ['on loopback', ['127.0.0.1:4040', '[::1]:4040'], {}, []],
    ['in TLS', ['wss://192.0.2.1:443/', '127.0.0.1:4040'], {}, []],
  ])('%s is warned of where messages travel in clear', async (_where, addresses, options, named) => {
    const { world, lines } = await listeningAt(addresses, options);
    expect(lines().filter((line) => line.includes('in clear'))).toEqual(named.map((all) => `warn ${all}: messages travel in clear off this machine; use TLS or a tunnel`));
    await world.close();
  });
});

describe('who connects', () => {
  it('counts, where the transport has asked, until his handshake is over', async () => {
    const { world, visitor } = await listeningAt(['memory://a']);
    let left = 0;
    const { told, hangUp } = visitor('10.0.0.1:1', () => left++);
    world.clock.runFor(1_000);
    expect([told, left]).toEqual([[], 0]);
    hangUp();
    expect([left, told.length]).toEqual([1, 1]);
    await world.close();
    expect(left).toBe(1);
  });

  it('counts, where the transport has not asked, for one address at most limits.addressHandshakes', async () => {
    const { world, visitor, lines } = await listeningAt(['memory://a'], { limits: { addressHandshakes: 2 } });
    const visitors = [1, 2, 3].map((port) => visitor(`10.0.0.1:${port}`));
    expect(visitors.map(({ told }) => told)).toEqual([[], [], ['closed: too many handshakes']]);
    world.clock.runFor(0);
    expect(lines().filter((line) => line.includes('refused'))).toEqual(['warn refused 10.0.0.1:3: 2 connections of 10.0.0.1 are in their handshake (limits.addressHandshakes)']);
    visitors[0]?.hangUp();
    expect(visitor('10.0.0.1:4').told).toEqual([]);
    await world.close();
  });

  it('makes room for others when all places are taken', async () => {
    const { world, visitor } = await listeningAt(['memory://a'], { limits: { pendingHandshakes: 2 } });
    const visitors = ['10.0.0.1:1', '10.0.0.1:2', '10.0.0.2:1'].map((address) => visitor(address));
    expect(visitors.map(({ told }) => told)).toEqual([['closed: it makes room for others'], [], []]);
    await world.close();
  });

  it('and says nothing is no matter; who says what is no greeting is in the log', async () => {
    const { world, visitor, lines } = await listeningAt(['memory://a']);
    lines();
    visitor('10.0.0.1:1').hangUp();
    world.clock.runFor(0);
    expect(lines()).toEqual([]);
    visitor('10.0.0.1:2').says('GET / HTTP/1.1\n\n');
    world.clock.runFor(0);
    expect(lines()).toEqual([expect.stringMatching(/^warn connection from 10\.0\.0\.1:2 failed: /)]);
    await world.close();
  });

  it('and is in his handshake is sent away when the node closes', async () => {
    const { world, node, visitor } = await listeningAt(['memory://a']);
    const { told } = visitor('10.0.0.1:1');
    await settled(world.clock, node.close());
    expect(told).toEqual(['closed: all is said']);
    await world.close();
    expect(world.clock.pending).toBe(0);
  });
});

describe('what has not left when a node closes', () => {
  it.each([
    [0, []],
    [1, ['warn 1 bytes for b had not left 0 ms after the node was closed: they are lost']],
  ])('is told with its bytes, counted from the end: %i', async (unsent, warnings) => {
    const world = createWorld();
    const transport = world.network.transport('a');
    const holding: Transport = { ...transport, connect: (address) => transport.connect(address).pipe(map((duplex) => ({ ...duplex, unsent }))) };
    await world.start('b');
    const a = await world.start('a', { transports: [holding], seeds: ['memory://b'] });
    world.clock.runFor(3_000);
    expect(a.upNodes()).toEqual(['b']);
    await settled(world.clock, a.close());
    await world.close();
    expect(a.log.lines.filter((line) => line.includes('had not left'))).toEqual(warnings);
  });
});
