import { createNode, tcpTransport, webSocketTransport, type Limits } from 'rxmp';
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { map } from 'rxjs';
import { afterEach, describe, expect, it } from 'vitest';
import { recordedLog, type RecordedLog } from '../../../marbles/world.js';
import { transportCompliance } from '../../../src/testing/compliance.js';
import { parseAddress } from '../../../src/transport/address.js';
import type { Transport } from '../../../src/transport/duplex.js';
import { certificate } from '../../fixtures/certificates.js';
import { binaryHeader, proxyHeader, textHeader, tlsField } from '../../fixtures/proxy-headers.js';

const secret = 'of nodes behind a proxy that has no headers of HTTP';
const trusting = { trustProxy: ['127.0.0.1'], proxyProtocol: true };
const PROXY = '127.0.0.1';
const OTHER = '127.0.0.2';
const VISITOR = '203.0.113.7';
const UNKNOWN = Buffer.from('PROXY UNKNOWN\r\n');
const LOCAL = binaryHeader(0x20, 0, Buffer.alloc(0));
const UPGRADE = ['GET /mp HTTP/1.1', 'Host: chat.example', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=='];

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

const cert = await certificate({ hosts: ['127.0.0.1'] });
const tls = { cert, ca: cert };
const kinds = {
  tcp: { bind: '127.0.0.1:0', make: (): Transport => tcpTransport(trusting) },
  ws: { bind: 'ws://127.0.0.1:0/mp', make: (): Transport => webSocketTransport(trusting) },
  wss: { bind: 'wss://127.0.0.1:0/mp', make: (): Transport => webSocketTransport({ ...trusting, tls }) },
} as const;
type Kind = keyof typeof kinds;

async function listening(kind: Kind, limits: Partial<Limits> = {}): Promise<{ kind: Kind; log: RecordedLog; port: number }> {
  const { bind, make } = kinds[kind];
  const log = recordedLog();
  const node = await createNode({ nodeid: 'hub', binds: [bind], secret, log, limits, transports: [make()] });
  open.push(node);
  return { kind, log, port: Number(/:(\d+)/.exec(node.addresses[0] ?? '')?.[1]) };
}

/** What becomes of a connection: what it hears, until it is told who the node is, or ends. */
interface Call {
  readonly socket: Socket;
  heard: string;
  ended: boolean;
}

function dial(port: number, localAddress = PROXY): Call {
  const socket = connectTcp({ host: '127.0.0.1', port, localAddress });
  open.push({ close: () => socket.destroy() });
  const call: Call = { socket, heard: '', ended: false };
  socket.on('error', () => undefined).on('close', () => (call.ended = true));
  return call;
}

/** Comes with a header, and goes on as a client does. */
async function visit({ kind, port }: { readonly kind: Kind; readonly port: number }, header: Uint8Array, localAddress = PROXY, more: readonly string[] = []): Promise<Call> {
  const call = dial(port, localAddress);
  await once(call.socket, 'connect');
  call.socket.write(header);
  let stream = call.socket;
  if (kind === 'wss') {
    const secured = connectTls({ socket: call.socket, ca: cert, checkServerIdentity: () => undefined });
    secured.on('error', () => undefined);
    stream = secured;
  }
  if (kind === 'tcp') stream.write('aemp;1;visitor;rxmp_sha3_512;json\n');
  else stream.write([...UPGRADE, ...more, '', ''].join('\r\n'));
  stream.on('data', (data: Buffer) => (call.heard += data.toString('latin1')));
  await expect.poll(() => call.ended || call.heard.includes('aemp;1;hub;') || / 4\d\d /.test(call.heard)).toBe(true);
  return call;
}

/** The address by which the node knows a visitor; undefined: it did not let him in. */
const knownAs = ({ heard }: Call): string | undefined => /peeraddr=([^;\r\n]*)/.exec(heard)?.[1];
const warnings = ({ lines }: RecordedLog): string[] =>
  lines.filter((line) => line.startsWith('warn')).map((line) => line.slice(5).replace(/(127\.0\.0\.\d):\d+/g, '$1:PORT'));

describe.each(Object.keys(kinds) as Kind[])('G9: proxies of a listener of %s that speak the PROXY protocol', (kind) => {
  it.each([
    ['version 1', textHeader(VISITOR), `${VISITOR}:5678`],
    ['version 1, IPv6', textHeader('2001:db8::7'), '[2001:db8::7]:5678'],
    ['version 2', proxyHeader(VISITOR), `${VISITOR}:5678`],
    ['version 2, IPv6', proxyHeader('2001:db8::7'), '[2001:db8::7]:5678'],
    ['version 1, UNKNOWN', UNKNOWN, '127.0.0.1:PORT'],
    ['version 2, LOCAL', LOCAL, '127.0.0.1:PORT'],
    ['version 2, UNSPEC', binaryHeader(0x21, 0, Buffer.alloc(0)), '127.0.0.1:PORT'],
  ])('name the visitor: %s', async (_, header, address) => {
    const hub = await listening(kind);
    const call = await visit(hub, header);
    expect(knownAs(call)).toBe(address.replace('PORT', String(call.socket.localPort)));
    expect(warnings(hub.log)).toEqual([]);
  });

  it('may send the header in pieces, and what follows along with it', async () => {
    const hub = await listening(kind);
    for (const header of [textHeader(VISITOR), proxyHeader(VISITOR)]) {
      const call = dial(hub.port);
      call.socket.setNoDelay(true);
      await once(call.socket, 'connect');
      for (const octet of header.subarray(0, -1)) {
        call.socket.write(Buffer.from([octet]));
        await new Promise((resolve) => setImmediate(resolve));
      }
      const rest = header.subarray(-1);
      if (kind === 'wss') {
        call.socket.write(rest);
        const secured = connectTls({ socket: call.socket, ca: cert, checkServerIdentity: () => undefined });
        secured.write([...UPGRADE, '', ''].join('\r\n'));
        secured.on('data', (data: Buffer) => (call.heard += data.toString('latin1')));
      } else {
        const hello = kind === 'tcp' ? 'aemp;1;visitor;rxmp_sha3_512;json\n' : [...UPGRADE, '', ''].join('\r\n');
        call.socket.write(Buffer.concat([rest, Buffer.from(hello)]));
        call.socket.on('data', (data: Buffer) => (call.heard += data.toString('latin1')));
      }
      await expect.poll(() => knownAs(call)).toBe(`${VISITOR}:5678`);
    }
  });

  it.each([
    ['none', Buffer.from('GET /mp HTTP/1.1\r\n'), 'a proxy of trustProxy has to begin with a PROXY header (proxyProtocol), and this one began with "GET /mp HTTP/1.1\\r\\n'],
    ['a bad one', Buffer.from('PROXY TCP4 1.2.3.4\r\n'), 'bad PROXY header: expected PROXY TCP4, TCP6 or UNKNOWN, then two addresses and two ports, got "PROXY TCP4 1.2.3.4\\r\\n"'],
    ['one that is too long', Buffer.from(`PROXY ${'x'.repeat(200)}`), 'bad PROXY header: a line of version 1 has 107 octets at most'],
    ['a bad one of version 2', binaryHeader(0x21, 0x11, Buffer.alloc(3)), 'bad PROXY header: two addresses of family 1 take 12 octets, and there are 3'],
  ])('lose the connection if the header is %s, with a reason', async (_, octets, reason) => {
    const hub = await listening(kind);
    const call = await visit(hub, octets);
    expect(call).toMatchObject({ heard: '', ended: true });
    expect(warnings(hub.log)).toEqual([expect.stringContaining(`connection from 127.0.0.1:PORT failed: ${reason}`)]);
    // others are not disturbed
    expect(knownAs(await visit(hub, textHeader(VISITOR)))).toBe(`${VISITOR}:5678`);
  });

  it.each([
    ['takes too long', (socket: Socket) => socket.write('PROXY TCP4')],
    ['is cut off', (socket: Socket) => socket.end('PROXY TCP4').resume()],
  ])('lose the connection if the header %s', async (_, send) => {
    const hub = await listening(kind, { handshakeTime: 200 });
    const call = dial(hub.port);
    send(call.socket);
    await expect.poll(() => call.ended).toBe(true);
    await expect.poll(() => warnings(hub.log)).toEqual(['connection from 127.0.0.1:PORT failed: only 10 octets of a PROXY header came within 200 ms']);
  });

  it('that only look whether somebody listens are no warning', async () => {
    const hub = await listening(kind, { handshakeTime: 100 });
    const [checks, silent] = [dial(hub.port), dial(hub.port)];
    checks.socket.end();
    for (const { socket } of [checks, silent]) socket.resume();
    await expect.poll(() => [checks.ended, silent.ended]).toEqual([true, true]);
    expect(warnings(hub.log)).toEqual([]);
  });

  it('are the only ones who may: a header of others is bad input, and without one they come in', async () => {
    const hub = await listening(kind);
    const call = await visit(hub, Buffer.alloc(0), OTHER);
    expect(knownAs(call)).toBe(`${OTHER}:${call.socket.localPort}`);
    for (const header of [textHeader(VISITOR), proxyHeader(VISITOR)]) {
      expect(await visit(hub, header, OTHER)).toMatchObject({ heard: '', ended: true });
    }
    expect(warnings(hub.log)).toEqual(['connection from 127.0.0.2:PORT failed: it sent a PROXY header, and is not one of the proxies of trustProxy']);
  });

  it('limits of one address count the visitor, not the proxy', async () => {
    const hub = await listening(kind, { addressHandshakes: 2, handshakeTime: 60_000 });
    const from = async (address: string): Promise<boolean> => knownAs(await visit(hub, textHeader(address))) !== undefined;
    expect([await from(VISITOR), await from(VISITOR), await from(VISITOR), await from('203.0.113.8')]).toEqual([true, true, false, true]);
    expect([await from('2001:db8:0:1::5'), await from('2001:db8:0:1::6'), await from('2001:db8:0:1:7::7')]).toEqual([true, true, false]);
    expect(warnings(hub.log)).toEqual([expect.stringContaining('(limits.addressHandshakes)')]);
  });

  it('who leaves, by himself or because he may not come in, leaves his place', async () => {
    const hub = await listening(kind, { addressHandshakes: 1, handshakeTime: 60_000 });
    for (let n = 0; n < 3; n++) {
      const call = await visit(hub, textHeader(VISITOR));
      expect([n, knownAs(call)]).toEqual([n, `${VISITOR}:5678`]);
      expect(knownAs(await visit(hub, textHeader(VISITOR)))).toBeUndefined();
      call.socket.destroy();
      await expect.poll(async () => {
        const next = await visit(hub, textHeader(VISITOR));
        next.socket.destroy();
        return knownAs(next);
      }).toBeDefined();
    }
  });
});

describe('G9: X-Forwarded-* behind the PROXY protocol', () => {
  const forged = ['X-Forwarded-For: 198.51.100.1', 'X-Forwarded-Proto: https'];

  it('are believed of proxies that the header names, and of nobody else', async () => {
    const hub = await listening('ws');
    expect(knownAs(await visit(hub, textHeader(VISITOR), PROXY, forged))).toBe(`${VISITOR}:5678`);
    expect(knownAs(await visit(hub, textHeader('127.0.0.1'), PROXY, forged))).toBe('198.51.100.1');
    for (const header of [UNKNOWN, LOCAL]) {
      const call = await visit(hub, header, PROXY, forged);
      expect(knownAs(call)).toBe(`127.0.0.1:${call.socket.localPort}`);
    }
  });

  it('are not believed where everybody who connects is a proxy', async () => {
    kinds.ws satisfies { bind: string };
    const node = await createNode({ nodeid: 'hub', binds: [kinds.ws.bind], secret, log: recordedLog(), transports: [webSocketTransport({ ...trusting, trustProxy: true })] });
    open.push(node);
    const port = Number(/:(\d+)/.exec(node.addresses[0] ?? '')?.[1]);
    expect(knownAs(await visit({ kind: 'ws', port }, textHeader(VISITOR), PROXY, forged))).toBe(`${VISITOR}:5678`);
  });

  it('that name a visitor count him, though a proxy of the header stands between', async () => {
    const hub = await listening('ws', { addressHandshakes: 1, handshakeTime: 60_000 });
    const from = async (address: string): Promise<boolean> =>
      knownAs(await visit(hub, textHeader('127.0.0.1'), PROXY, [`X-Forwarded-For: ${address}`])) !== undefined;
    expect([await from('198.51.100.1'), await from('198.51.100.2'), await from('198.51.100.2')]).toEqual([true, true, false]);
  });
});

describe('G9: the options', () => {
  it.each<[string, () => unknown, string]>([
    ['TCP without trustProxy', () => tcpTransport({ proxyProtocol: true }), 'the option "proxyProtocol" needs "trustProxy", the addresses of the proxies: trustProxy: [\'10.0.0.5\']'],
    ['WebSockets of nobody', () => webSocketTransport({ proxyProtocol: true, trustProxy: false }), 'the option "proxyProtocol" needs "trustProxy", the addresses of the proxies: trustProxy: [\'10.0.0.5\']'],
    ['TCP without the protocol', () => tcpTransport({ trustProxy: ['10.0.0.5'] }), 'the option "trustProxy" of tcpTransport means nothing without proxyProtocol: true'],
    ['no address', () => tcpTransport({ trustProxy: ['proxy'], proxyProtocol: true }), 'trustProxy has "proxy": expected true, or a list of IP addresses and networks: [\'127.0.0.1\', \'10.0.0.0/8\']'],
  ])('that mean nothing are refused: %s', (_, make, message) => {
    expect(make).toThrow(new TypeError(message));
  });
});

/** Each client writes a header first, as a proxy does for it. */
function throughProxy(): Transport {
  const transport = tcpTransport(trusting);
  return {
    ...transport,
    connect: (address) =>
      transport.connect(address).pipe(
        map((duplex) => {
          duplex.write(textHeader(VISITOR));
          return duplex;
        }),
      ),
  };
}

transportCompliance(
  'tcp behind the PROXY protocol',
  () => Promise.resolve({ transport: throughProxy(), bind: '127.0.0.1:0', address: (listening) => listening, close: () => Promise.resolve() }),
  { describe, it },
);

it('G9: a gate is told from where a guest comes', async () => {
  const visits: unknown[] = [];
  const admit = (credentials: unknown, visit: object): undefined => { visits.push([credentials, visit]); };
  const gate = await createNode({ nodeid: 'gate', binds: ['127.0.0.1:0'], secret, log: recordedLog(), transports: [tcpTransport(trusting)], guests: { admit } });
  open.push(gate);
  open.push(await createNode({ seeds: [...gate.addresses], credentials: () => 'a token', log: recordedLog(), transports: [throughProxy()] }));
  await expect.poll(() => visits).toEqual([['a token', expect.objectContaining({ remoteAddress: `${VISITOR}:5678` })]]);
});

it.each<[string, 'tcp' | 'ws', Buffer, readonly string[], boolean]>([
  ['by TLS', 'tcp', proxyHeader(VISITOR, 1, tlsField(1)), [], true],
  ['without TLS', 'tcp', proxyHeader(VISITOR, 1, tlsField(0)), [], false],
  ['by TLS', 'ws', proxyHeader(VISITOR, 1, tlsField(1)), [], true],
  ['without TLS, and says himself that he has', 'ws', proxyHeader(VISITOR, 1, tlsField(0)), ['X-Forwarded-Proto: https'], false],
  ['by another proxy, with TLS between the two', 'ws', proxyHeader(PROXY, 1, tlsField(1)), ['X-Forwarded-Proto: http'], false],
  ['by another proxy, and by TLS to that one', 'ws', proxyHeader(PROXY, 1, tlsField(0)), ['X-Forwarded-Proto: https'], true],
])('G9: who comes %s, to %s, is secure as far as his proxy says so', async (_, kind, header, more, secure) => {
  const { bind, make } = kinds[kind];
  const found: unknown[] = [];
  let port = 0;
  const listener = make().listen(parseAddress(bind)).subscribe((event) => {
    if (event.kind === 'listening') port = Number(/:(\d+)/.exec(event.addresses[0]?.replace('ws://', '') ?? '')?.[1]);
    else found.push(event.duplex.secure);
  });
  open.push({ close: () => { listener.unsubscribe(); } });
  await expect.poll(() => port).not.toBe(0);
  const call = dial(port);
  call.socket.write(header);
  if (kind === 'ws') call.socket.write([...UPGRADE, ...more, '', ''].join('\r\n'));
  await expect.poll(() => found).toEqual([secure]);
});

it('G9: the transport alone, without a node that receives, reads headers too', async () => {
  const found: string[] = [];
  let port = 0;
  const listener = tcpTransport(trusting).listen(parseAddress('127.0.0.1:0')).subscribe((event) => {
    if (event.kind === 'listening') port = Number(event.addresses[0]?.split(':')[1]);
    else found.push(event.duplex.remoteAddress);
  });
  open.push({ close: () => { listener.unsubscribe(); } });
  await expect.poll(() => port).not.toBe(0);
  const [good, bad] = [dial(port), dial(port)];
  good.socket.write(textHeader(VISITOR));
  bad.socket.write('nonsense');
  await expect.poll(() => [found, bad.ended]).toEqual([[`${VISITOR}:5678`], true]);
});
