import { filter, firstValueFrom } from 'rxjs';
import { createNode, PortDied, StreamAborted, StreamRefused, type PortStream } from 'rxmp';
import { silentLog } from 'rxmp/testing';
import { describe, expect, it } from 'vitest';
import { certificate } from '../../fixtures/certificates.js';
import { connectTo } from '../../interop/client.js';
import { greetingOf, proofLine } from '../../interop/handshake.js';
import { contentOf, failureOf, octets, PLACES, send, startBoth, taker } from './nodes.js';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

describe.each(PLACES)('V14: a stream to a port of %s', (place) => {
  it('carries octets both ways, with the arguments, and each direction ends by itself', async () => {
    await using both = await startBoth(place);
    const { port, taken } = await taker(both);
    const stream = both.a.openStream(port.id, 'file', { size: 3 });
    const sending = send(stream, octets(300_000), text('Grüße'));
    const { args, stream: there, from } = await taken;
    expect([args, from]).toEqual([['file', { size: 3 }], both.a.id]);
    const arrived = await contentOf(there.readable);
    await sending;
    expect(Buffer.compare(arrived, Buffer.concat([octets(300_000), text('Grüße')]))).toBe(0);
    // the other direction is still open
    const answering = send(there, octets(100_000, 3));
    expect(Buffer.compare(await contentOf(stream.readable), octets(100_000, 3))).toBe(0);
    await answering;
    expect(await stream.opened).toBe({ 'the same node': 'local', 'a node that listens': 'direct', 'a node that does not listen': 'direct' }[place as string] ?? 'channel');
  });

  it('octets that are text in UTF-8 stay octets', async () => {
    await using both = await startBoth(place);
    const { port, taken } = await taker(both);
    const sent = text('äöü€🙂'.repeat(60_000));
    const sending = send(both.a.openStream(port), sent);
    const { stream } = await taken;
    expect(Buffer.compare(await contentOf(stream.readable), sent)).toBe(0);
    await sending;
  });

  it('carries values where both are told so', async () => {
    await using both = await startBoth(place);
    const { port, taken } = await taker<unknown>(both);
    const values = [1, 'two', { three: [3, null] }, octets(1_000), [text('octets')], 'x'.repeat(200_000)];
    const sending = send(both.a.openStream<unknown>(port, { values: true }), ...values);
    const got: unknown[] = [];
    for await (const value of (await taken).stream.readable) got.push(value);
    await sending;
    expect(got).toEqual(values);
  });

  it('a reader that does not read stops the writer', async () => {
    await using both = await startBoth(place);
    const { port, taken } = await taker(both);
    const writer = both.a.openStream(port).writable.getWriter();
    const { stream } = await taken;
    let written = 0;
    const writing = (async () => {
      for (let i = 0; i < 400; i++) {
        await writer.write(octets(65_536, i));
        written++;
      }
      await writer.close();
    })();
    let before = -1;
    while (before < written) {
      before = written;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    // TCP has buffers of its own, of some megabytes
    expect(written).toBeLessThan(300);
    expect((await contentOf(stream.readable)).length).toBe(400 * 65_536);
    await writing;
  });

  it('the reason of an abort is that of an error at the other end, at once, and the other direction goes on', async () => {
    await using both = await startBoth(place);
    const { port, taken } = await taker(both);
    const here = both.a.openStream(port);
    const writer = here.writable.getWriter();
    void writer.write(octets(10)).catch(() => undefined);
    const { stream: there } = await taken;
    await writer.abort(new Error('the disk is gone'));
    const failure = await failureOf(contentOf(there.readable));
    expect(failure).toBeInstanceOf(StreamAborted);
    expect(failure).toMatchObject({ code: 'STREAM_ABORTED', port: both.a.id, reason: ['die', 'the disk is gone'] });
    await Promise.all([send(there, text('still here')), contentOf(here.readable).then((got) => { expect(Buffer.from(got).toString()).toBe('still here'); })]);
  });

  it('who cancels reading stops the writer with the reason, also one that waits for room', async () => {
    await using both = await startBoth(place);
    const { port, taken } = await taker(both);
    const writer = both.a.openStream(port).writable.getWriter();
    const { stream } = await taken;
    const writing = (async () => {
      for (;;) await writer.write(octets(65_536));
    })();
    writing.catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await stream.readable.cancel(['enough', 5]);
    expect(await failureOf(writing)).toMatchObject({ code: 'STREAM_ABORTED', port: port.id, reason: ['enough', 5] });
  });

  it('a signal gives both directions up', async () => {
    await using both = await startBoth(place);
    const { port, taken } = await taker(both);
    const controller = new AbortController();
    const here = both.a.openStream(port, 'x', { signal: controller.signal });
    const { stream: there, args } = await taken;
    expect(args).toEqual(['x']);
    const wanted = new Error('not any more');
    controller.abort(wanted);
    expect(await failureOf(contentOf(here.readable))).toBe(wanted);
    expect(await failureOf(here.writable.getWriter().closed)).toBe(wanted);
    expect(await failureOf(contentOf(there.readable))).toMatchObject({ reason: ['die', 'not any more'] });
    expect(await failureOf(there.writable.getWriter().closed)).toMatchObject({ reason: ['die', 'not any more'] });
  });

  it('when the port dies both directions fail with its reason', async () => {
    await using both = await startBoth(place);
    const { port, taken } = await taker(both);
    const here = both.a.openStream(port);
    const { stream: there } = await taken;
    await here.opened;
    both.b.kil(port, 'over', 'it is');
    for (const failure of [await failureOf(contentOf(here.readable)), await failureOf(here.writable.getWriter().closed)]) {
      expect(failure).toBeInstanceOf(PortDied);
      expect(failure).toMatchObject({ port: port.id, reason: ['over', 'it is'] });
    }
    expect(await failureOf(contentOf(there.readable))).toMatchObject({ code: 'PORT_DIED', reason: ['over', 'it is'] });
  });

  it('a port that nobody streams to refuses, and says why', async () => {
    await using both = await startBoth(place);
    const { port } = await taker(both);
    const silent = both.b.port();
    for (const [id, why] of [[silent.id, 'nobody takes streams there'], [`${both.b.id}#none`, 'there is no such port'], [both.b.id, 'no function without a name']] as const) {
      const stream = both.a.openStream(id);
      const failure = await failureOf(stream.opened);
      expect(failure).toBeInstanceOf(StreamRefused);
      expect((failure as Error).message).toContain(`no stream to ${id}: ${why}`);
      expect(await failureOf(contentOf(stream.readable))).toBe(failure);
    }
    expect(port.id).not.toBe(silent.id);
  });

  it('a function that is registered takes streams to its node', async () => {
    await using both = await startBoth(place);
    await taker(both);
    both.b.register('echo', (_self, prefix: string, stream: PortStream) => {
      expect(prefix).toBe('>');
      void stream.readable.pipeTo(stream.writable).catch(() => undefined);
    });
    const stream = both.a.openStream(both.b.id, 'echo', '>');
    const sending = send(stream, text('hello'));
    expect(Buffer.from(await contentOf(stream.readable)).toString()).toBe('hello');
    await sending;
  });

  it('when a node is closed its streams fail there and at the other end', async () => {
    await using both = await startBoth(place);
    const { port, taken } = await taker(both);
    const here = both.a.openStream(port);
    const { stream: there } = await taken;
    await here.opened;
    await both.b.close();
    expect(await failureOf(contentOf(there.readable))).toMatchObject({ code: 'NODE_CLOSED' });
    expect(await failureOf(contentOf(here.readable))).toMatchObject(both.a === both.b ? { code: 'NODE_CLOSED' } : { code: 'PORT_DIED', port: port.id });
    expect(await failureOf(here.writable.getWriter().closed)).toBeInstanceOf(Error);
  });
});

describe('V15: a connection of its own', () => {
  const SECRET = 'only for this test';

  it('where none of the addresses can be reached, a stream goes through the connection of the nodes', async () => {
    // nobody listens on the first one, and the second is a node that was not meant
    await using other = await createNode({ binds: ['127.0.0.1:0'], secret: SECRET, log: silentLog });
    await using b = await createNode({ binds: ['127.0.0.1:0'], advertise: ['127.0.0.1:1', ...other.addresses, 'quic://nowhere'], secret: SECRET, log: silentLog });
    await using a = await createNode({ seeds: b.addresses, secret: SECRET, log: silentLog });
    const port = b.port();
    b.streams(port).subscribe(({ stream }) => void stream.readable.pipeTo(stream.writable).catch(() => undefined));
    await firstValueFrom(a.monNodes().pipe(filter(({ up }) => up)));
    const stream = a.openStream(port);
    const sending = send(stream, octets(100_000));
    expect(Buffer.compare(await contentOf(stream.readable), octets(100_000))).toBe(0);
    await sending;
    expect(await stream.opened).toBe('channel');
  });

  it.each(['ws://127.0.0.1:0', 'wss://127.0.0.1:0', 'tls'])('%s: with the same authentication and the same protection', async (bind) => {
    const tls = { cert: await certificate({ hosts: ['127.0.0.1'] }) };
    const options = bind === 'tls' ? { binds: ['127.0.0.1:0'], tls } : bind.startsWith('wss') ? { binds: [bind], tls } : { binds: [bind] };
    await using b = await createNode({ ...options, secret: SECRET, log: silentLog });
    await using a = await createNode({ seeds: b.addresses, secret: SECRET, log: silentLog, ...(bind !== 'ws://127.0.0.1:0' && { tls }) });
    const port = b.port();
    b.streams(port).subscribe(({ stream }) => void stream.readable.pipeTo(stream.writable).catch(() => undefined));
    await firstValueFrom(a.monNodes().pipe(filter(({ up }) => up)));
    const stream = a.openStream(port);
    const sending = send(stream, octets(300_000));
    expect(Buffer.compare(await contentOf(stream.readable), octets(300_000))).toBe(0);
    await sending;
    expect(await stream.opened).toBe('direct');
  });

  it('is no connection of the node: nothing of it shows, and the node that it is with stays one', async () => {
    await using both = await startBoth('a node that listens');
    const connections: unknown[] = [];
    both.b.connections$.subscribe((connection) => connections.push(connection));
    const { port, taken } = await taker(both);
    const stream = both.a.openStream(port);
    await Promise.all([taken, stream.opened]);
    expect(connections.length).toBe(1);
    await stream.readable.cancel();
    await stream.writable.close().catch(() => undefined);
    expect(both.b.upNodes()).toEqual([both.a.id]);
  });

  it('a stream that nobody expects is no way in, and costs nothing but its connection', async () => {
    await using both = await startBoth('a node that listens');
    const client = await connectTo(both.b.addresses[0]!);
    const own = ['aemp-dataconn;1;stranger;hmac_sha3_512;json;dataconn_id=guessed', 'a nonce'] as const;
    client.write(`${own.join('\n')}\n${proofLine(SECRET, own, await greetingOf(client), 'json')}\n`);
    await client.until(() => client.closed);
    expect(both.b.nodeIsUp('stranger')).toBeUndefined();
    const refused = await connectTo(both.b.addresses[0]!);
    refused.write(`aemp-other;1;stranger;hmac_sha3_512;json\nnonce\n`);
    await refused.until(() => refused.closed);
  });
});
