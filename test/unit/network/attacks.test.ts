import { map } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { Chunk, Transport } from '../../../src/transport/duplex.js';
import { createWorld } from '../../../marbles/world.js';

/** A way to the network on which somebody changes what is sent. */
function through(transport: Transport, change: (chunk: Chunk) => Chunk): Transport {
  return {
    ...transport,
    connect: (address) =>
      transport.connect(address).pipe(map((duplex) => ({ ...duplex, write: (chunk: Chunk) => duplex.write(change(chunk)) }))),
  };
}

describe('nodes with somebody between them', () => {
  it.each([
    ['who strips an offer', /rxmp_sha3_512,/, /^a downgrade: the other end knows rxmp_sha3_512/],
    ['who changes a key', /;mproto=1/, /^wrong secret, or the handshake was changed on its way/],
  ])('%s: no connection, and one reason in each log', async (_what, pattern, reason) => {
    const world = createWorld({ delay: 1 });
    const hub = await world.start('hub');
    const change = (chunk: Chunk): Chunk => (typeof chunk === 'string' && chunk.startsWith('aemp') ? chunk.replace(pattern, '') : chunk);
    const node = await world.start('node', { seeds: ['memory://hub'], transports: [through(world.network.transport('node'), change)] });
    // before the second attempt
    world.clock.runFor(500);
    const troubles = (lines: readonly string[]): string[] => lines.filter((line) => /^(warn|error)/.test(line));
    const [own, ...others] = troubles(node.log.lines).map((line) => line.replace('warn seed memory://hub is not connected: ', ''));
    expect([own, others]).toEqual([expect.stringMatching(reason), []]);
    expect(troubles(hub.log.lines)).toEqual([
      expect.stringMatching(/^warn connection from .* failed: (wrong secret, or the handshake was changed|the connection ended during)/),
    ]);
    expect([hub.upNodes(), node.upNodes()]).toEqual([[], []]);
    await world.close();
  });

  it('an honest way to the same hub still works meanwhile', async () => {
    const world = createWorld({ delay: 1 });
    const hub = await world.start('hub');
    const spoiled = (chunk: Chunk): Chunk => (typeof chunk === 'string' && chunk.startsWith('rxmp_') ? chunk.replace('json', 'cbor') : chunk);
    await world.start('node', { seeds: ['memory://hub'], transports: [through(world.network.transport('node'), spoiled)] });
    await world.start('friend', { seeds: ['memory://hub'] });
    world.clock.runFor(5_000);
    expect(hub.upNodes()).toEqual(['friend']);
    const [connection] = hub.log.lines.filter((line) => line.startsWith('info connected with'));
    expect(connection).toContain('friend');
    await world.close();
  });
});
