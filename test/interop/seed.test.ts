import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { createNode, type Port } from '../../src/index.js';
import { clientOf } from './client.js';
import { compared } from './database-rules.js';
import type { DeviationId } from './deviations.js';
import { greetingOf, proofLine } from './handshake.js';
import { captureLog } from './log.js';
import { conversation, type Message } from './recorded.js';
import { renamed } from './renamed.js';

/** Where the recorded `S` listened. */
const RECORDED_ADDRESS = '127.0.0.1:4041';
const files = ['a_join_json', 'a_join_cbor', 'a_join_default_framing', 'a_join_seed_not_global_json'];

describe('an rxmp node connects to a seed that says what the Perl node G said', () => {
  it.each(files)('%s', async (file) => {
    const { server: lines, secret, chunks, client: recordedClient } = conversation(file);
    const listener = createServer().listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const { port } = listener.address() as AddressInfo;
    const log = captureLog();
    await using node = await createNode({
      nodeid: 'S',
      binds: ['127.0.0.1:0'],
      seeds: [`127.0.0.1:${port}`],
      secret,
      framings: (recordedClient[0]?.split(';')[4] ?? '').split(',').filter((name) => name !== 'storable'),
      log,
    });
    const [socket] = (await once(listener, 'connection')) as [Socket];
    const seed = clientOf(socket);

    // the port that the recorded program had
    const said = chunks.filter(({ fromClient }) => !fromClient).flatMap(({ messages }) => messages.map(({ value }) => value));
    const forPort = said.filter(([name]) => name !== '');
    const got: Message[] = [];
    node.register('collect', (self: Port) => node.rcv(self, (...message: unknown[]) => got.push(message)));
    if (forPort[0] !== undefined) node.snd('S', 'AnyEvent::MP::_spawn', forPort[0][0], 'collect');

    const connection = firstValueFrom(node.connections$);
    const [greeting = '', nonce = '', proof = ''] = lines;
    const framing = proof.split(';')[2] ?? '';
    seed.write(`${greeting}\n${nonce}\n`);
    seed.write(`${proofLine(secret, [greeting, nonce], await greetingOf(seed), framing)}\n`);
    for (const data of withoutLines(chunks.filter(({ fromClient }) => !fromClient).map(({ octets }) => octets))) seed.write(data);

    // the node's own proof, in the framing that Perl's S chose too
    const [ownGreeting = '', ownNonce = '', ownProof = ''] = await seed.lines(3);
    const sent = recordedClient[2]?.split(';')[2] ?? '';
    expect(ownProof).toBe(proofLine(secret, [ownGreeting, ownNonce], [greeting, nonce], sent));
    expect(await connection).toMatchObject({
      node: 'G',
      initiator: true,
      method: 'hmac_sha3_512',
      provider: 'AE-2.01',
      framing: { sent, received: framing },
    });

    // what it tells its master, and asks it
    seed.startData({ received: sent, sent: framing, node: 'G' });
    expect(await seed.settle()).toBe(true);
    const names = new Map([[node.addresses[0] ?? '', RECORDED_ADDRESS]]);
    const actual = seed.take().map((message) => renamed(message, names));
    const asked = chunks.filter(({ fromClient }) => fromClient).flatMap(({ messages }) => messages.map(({ value }) => value));
    const recorded = asked.filter(([name]) => name === '').map((message) => ({ byPeer: false, message }));
    const used = new Set<DeviationId>();
    const [exchange] = compared([{ peer: 'G', at: 0, recorded, actual, left: false }], 'S', used);
    expect(exchange?.actual).toStrictEqual(exchange?.expected);
    expect([...used]).toStrictEqual(['asks-once']);
    expect(log.entries.filter(({ text }) => text === 'ignored an unknown request')).toStrictEqual([]);
    expect(got).toStrictEqual(forPort.map(([, ...message]) => message));

    node.snd('G#echo', 'S#me', 'over the seed connection', [1, null]);
    expect(await seed.settle()).toBe(true);
    expect(seed.take()).toStrictEqual([['echo', 'S#me', 'over the seed connection', [1, null]]]);
    expect(log.entries.filter(({ level }) => level === 'warn' || level === 'error')).toStrictEqual([]);
    socket.destroy();
    listener.close();
  });
});

const LF = 0x0a;

/** What was sent after the three handshake lines, in the recorded pieces. */
function withoutLines(pieces: readonly Uint8Array[]): Uint8Array[] {
  let lines = 0;
  return pieces.flatMap((piece) => {
    let at = 0;
    while (lines < 3 && at < piece.length) if (piece[at++] === LF) lines++;
    return at < piece.length ? [piece.subarray(at)] : [];
  });
}
