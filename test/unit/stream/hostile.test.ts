import { firstValueFrom } from 'rxjs';
import { createNode, type MpNode } from 'rxmp';
import { silentLog } from 'rxmp/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { introduce } from '../../interop/handshake.js';
import { failureOf } from './nodes.js';

const SECRET = 'of this test';
const CHANNEL = 'rxmp_channel';

let node: MpNode;
beforeEach(async () => {
  node = await createNode({ nodeid: 'r', binds: ['127.0.0.1:0'], secret: SECRET, log: silentLog });
});
afterEach(() => node.close());

/** A node of rxmp, as it says, that says what it likes. */
const peer = () => introduce(node.addresses[0]!, { node: 'x', secret: SECRET, framing: 'cbor', keys: ['run=1'] });

describe('V14: what another node says of streams', () => {
  it.each([
    ['no port', [5, 'id', false, []]],
    ['no id', ['p', null, false, []]],
    ['no addresses', ['p', 'id', false, 'here']],
    ['addresses that are none', ['p', 'id', false, [1]]],
    ['nothing', []],
  ])('%s: ends its connection', async (_, what) => {
    const client = await peer();
    client.send('', CHANNEL, 'open', 1, 65_536, 'stream', ...what);
    await client.until(() => client.closed);
  });

  it.each([
    ['no CBOR', Uint8Array.of(0xff, 0xff)],
    ['no word of it', Uint8Array.of(0x82, 0x60, 0x61, 0x78)],
    ['an end before the beginning', Uint8Array.of(0x83, 0x60, 0x63, 0x65, 0x6e, 0x64, 0x20)],
  ])('%s as the talk of its end: the stream fails, and nothing else', async (_, talk) => {
    const client = await peer();
    const port = node.port();
    const taken = firstValueFrom(node.streams(port));
    client.send('', CHANNEL, 'open', 1, 65_536, 'stream', port.id.split('#')[1], 'id', false, []);
    const { stream } = await taken;
    client.send('', CHANNEL, 'piece8', 1, 1, talk);
    expect(await failureOf(stream.readable.getReader().read())).toMatchObject({ code: 'PROTOCOL_ERROR' });
    expect(await failureOf(stream.writable.getWriter().closed)).toMatchObject({ code: 'PROTOCOL_ERROR' });
    expect(await client.settle()).toBe(true);
  });

  it('data for a stream that there is not is refused', async () => {
    const client = await peer();
    client.send('', CHANNEL, 'open', 1, 65_536, 'stream data', 'guessed');
    client.send('', CHANNEL, 'open', 2, 65_536, 'stream data', { no: 'id' });
    await client.settle();
    expect(client.take().filter(([, tag, kind]) => tag === CHANNEL && kind === 'refuse').map((message) => message.at(-1))).toEqual(['there is no such stream', 'there is no such stream']);
  });
});
