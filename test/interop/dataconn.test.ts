import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { createNode, PortDied, StreamRefused, type MpNode, type PortStream } from 'rxmp';
import { silentLog } from 'rxmp/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GreetingLines } from '../../src/wire/proof.js';
import { clientOf, connectTo, type Client } from './client.js';
import { greetingOf, introduce, proofLine } from './handshake.js';

const SECRET = 'of these tests';
const PERL = 'perl/1';
const EXPECT = 'AnyEvent::MP::DataConn::_expect';

/** What a peer has got behind the three lines of the handshake. */
const rawOf = ({ octets }: Client): string => Buffer.from(octets).toString().split('\n').slice(3).join('\n');

/** The handshake of a data connection, from either end: AnyEvent::MP greets with the protocol only where it has connected. */
async function shakeHands(client: Client, first: string): Promise<Client> {
  const own: GreetingLines = [first, `nonce ${Math.random()}`];
  const other = await greetingOf(client);
  client.write(`${[...own, proofLine(SECRET, own, other, 'json')].join('\n')}\n`);
  await client.lines(3);
  return client;
}

const connectData = async (address: string, id: string, node = PERL): Promise<Client> =>
  shakeHands(await connectTo(address), `aemp-dataconn;1;${node};hmac_sha3_512;json;dataconn_id=${id}`);

async function textOf({ readable }: PortStream): Promise<string> {
  let text = '';
  for await (const octets of readable) text += Buffer.from(octets).toString();
  return text;
}

let node: MpNode;
let perl: Client;
beforeEach(async () => {
  node = await createNode({ nodeid: 'r', binds: ['127.0.0.1:0'], global: true, secret: SECRET, log: silentLog });
  perl = await introduce(node.addresses[0]!, { node: PERL, secret: SECRET });
});
afterEach(async () => {
  await node.close();
});

describe('V16: a node of AnyEvent::MP opens a stream to a function of this node', () => {
  async function taken(): Promise<{ readonly client: Client; readonly stream: PortStream; readonly data: readonly unknown[] }> {
    const found = new Promise<readonly unknown[]>((resolve) => node.register('My::take', (_self, ...args: readonly unknown[]) => { resolve(args); }));
    perl.send('', EXPECT, 'id*1', `${PERL}#p`, 5, 'My::take', 'x', 7);
    await perl.settle();
    const client = await connectData(node.addresses[0]!, 'id*1');
    const args = await found;
    return { client, stream: args.at(-1) as PortStream, data: args.slice(0, -1) };
  }

  it('which gets its data and the stream; the connection carries both ways, and its end is the end', async () => {
    const { client, stream, data } = await taken();
    expect(data).toEqual(['x', 7]);
    const [first] = await client.lines(1);
    expect(first).toMatch(/^aemp;1;r;/);
    const writer = stream.writable.getWriter();
    await writer.write(Buffer.from('from rxmp'));
    await client.until(() => rawOf(client) === 'from rxmp');
    client.write('from perl');
    await client.close();
    expect(await textOf(stream)).toBe('from perl');
    expect(await stream.opened).toBe('direct');
    expect(await writer.closed.catch((error: unknown) => error)).toMatchObject({ code: 'STREAM_ABORTED', port: PERL });
  });

  it('what this node has written and closed arrives before the end', async () => {
    const { client, stream } = await taken();
    const writer = stream.writable.getWriter();
    await writer.write(Buffer.alloc(300_000, 'x'));
    await writer.close();
    await client.until(() => client.closed);
    expect(rawOf(client).length).toBe(300_000);
  });

  it('what this node gives up is broken', async () => {
    const { client, stream } = await taken();
    await stream.writable.abort(new Error('no'));
    await client.until(() => client.closed);
    expect(await textOf(stream).catch((error: unknown) => error)).toMatchObject({ code: 'STREAM_ABORTED' });
  });

  it('without a connection in time the port that was named is killed', async () => {
    perl.send('', EXPECT, 'id*2', `${PERL}#p`, 0.05, 'My::take');
    await perl.until(() => true);
    await new Promise((resolve) => setTimeout(resolve, 150));
    await perl.settle();
    expect(perl.take().filter(([, tag]) => tag === 'kil1')).toEqual([['', 'kil1', 'p', 'AnyEvent::MP::DataConn', 'r: no connection within 0.05 seconds']]);
    const late = await connectData(node.addresses[0]!, 'id*2');
    await late.until(() => late.closed);
  });

  it('nobody else takes its place, and what nobody expects is closed', async () => {
    node.register('My::take', () => { throw new Error('it ran'); });
    perl.send('', EXPECT, 'id*3', `${PERL}#p`, 5, 'My::take');
    perl.send('', EXPECT, { no: 'id' });
    await perl.settle();
    for (const other of [await connectData(node.addresses[0]!, 'id*3', 'perl/2'), await connectData(node.addresses[0]!, 'id*9')]) {
      await other.until(() => other.closed);
    }
    expect(node.nodeIsUp(PERL)).toBe(true);
  });
});

describe('V16: this node opens a stream to a function of a node of AnyEvent::MP', () => {
  let server: Server;
  beforeEach(async () => {
    server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    perl.send('', 'g_slave', { "'l": { [PERL]: [`127.0.0.1:${(server.address() as AddressInfo).port}`] } });
    await perl.settle();
    perl.take();
  });
  afterEach(() => { server.close(); });

  const expectation = async (): Promise<readonly unknown[]> => {
    let found: readonly unknown[] | undefined;
    await perl.until(() => (found ??= perl.take().find(([, tag]) => tag === EXPECT)) !== undefined);
    return found!;
  };

  it('tells it first, then connects', async () => {
    const connection = once(server, 'connection') as Promise<[Socket]>;
    const stream = node.openStream(PERL, 'Some::function', 'a', [1]);
    const [, , id, port, seconds, ...rest] = await expectation();
    expect([typeof id, seconds, rest]).toEqual(['string', 30, ['Some::function', 'a', [1]]]);
    expect(port).toMatch(/^r#/);
    const [socket] = await connection;
    const client = clientOf(socket);
    const [first] = await client.lines(1);
    expect(first).toMatch(/^aemp-dataconn;1;r;/);
    expect(first).toContain(`;dataconn_id=${String(id)}`);
    await shakeHands(client, `aemp;1;${PERL};hmac_sha3_512;json`);
    const writer = stream.writable.getWriter();
    await writer.write(Buffer.from('hello'));
    await client.until(() => rawOf(client) === 'hello');
    client.write('good bye');
    socket.end();
    expect(await textOf(stream)).toBe('good bye');
    expect(await stream.opened).toBe('direct');
  });

  it('fails when it kills the port', async () => {
    const stream = node.openStream(PERL, 'Some::function');
    const [, , , port] = await expectation();
    perl.send('', 'kil1', String(port).split('#')[1], 'AnyEvent::MP::DataConn', 'no such function');
    const failure = await stream.opened.catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(PortDied);
    expect(failure).toMatchObject({ port: PERL, reason: ['AnyEvent::MP::DataConn', 'no such function'] });
  });

  it('fails when nobody listens there', async () => {
    const closed = once(server, 'close');
    server.close();
    await closed;
    const failure = await node.openStream(PERL, 'Some::function').opened.catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StreamRefused);
    expect((failure as Error).message).toMatch(/no connection: .*connection refused/);
  });

  it('only functions take streams there', async () => {
    const failure = await node.openStream(`${PERL}#p`).opened.catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StreamRefused);
    expect((failure as Error).message).toContain('takes streams for its functions only');
  });
});
