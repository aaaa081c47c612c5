import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createNode, defaultLimits, type MpNode } from '../../src/index.js';
import { connectTo, type Client } from './client.js';
import { echoes, greetingOf, introduce, proofLine } from './handshake.js';
import { outcomeOf } from './knock.js';
import { captureLog, type LogEntry } from './log.js';
import { startG, type NodeG } from './perl-g.js';

const SECRET = 'geheim';
const MESSAGE_SIZE = 2_000;

let g: NodeG;
let good: Client;
let checks = 0;
beforeAll(async () => {
  g = await startG({ secret: SECRET, limits: { messageSize: MESSAGE_SIZE } });
  good = await introduce(g.address, { node: 'good', secret: SECRET });
});
afterAll(async () => {
  await good.close();
  await g[Symbol.asyncDispose]();
});

/** Everything else goes on: the connection that was there before, and a new one. */
async function restGoesOn(): Promise<void> {
  expect(await echoes(good, 'good', `check ${++checks}`)).toBe(true);
  const fresh = await introduce(g.address, { node: `fresh${checks}`, secret: SECRET });
  expect(await echoes(fresh, `fresh${checks}`, 'hello')).toBe(true);
  await fresh.close();
}

/**
 * Why the connection with this client ended, from all lines of all levels that name its address; the line that it came up
 * does not count.
 */
function onlyReason({ address }: Client): LogEntry | undefined {
  const reasons = g.log.reasons(address);
  expect(reasons).toHaveLength(1);
  return reasons[0];
}

describe('bad handshakes: the connection ends with one logged reason, everything else goes on', () => {
  const hello = (node = 'bad', rest = ''): string => `aemp;1;${node};hmac_sha3_512;json${rest}`;
  const pad = (length: number): string => hello('bad', ';pad=').padEnd(length, 'x');

  const cases: readonly (readonly [string, RegExp, (client: Client) => Promise<string | Uint8Array>])[] = [
    [
      'wrong secret',
      /wrong secret/,
      async (client) => {
        const own = [hello(), 'nonce'] as const;
        return [...own, proofLine('other', own, await greetingOf(client), 'json')].join('\n');
      },
    ],
    [
      'same nonce',
      /our own nonce/,
      async (client) => {
        const other = await greetingOf(client);
        const own = [hello(), other[1]] as const;
        return [...own, proofLine(SECRET, own, other, 'json')].join('\n');
      },
    ],
    ['echoed greeting', /echoed/, async (client) => (await greetingOf(client)).join('\n')],
    ['own id', /another node has our node id/, () => Promise.resolve(`${hello('G')}\nnonce`)],
    ['own id with another run', /another node has our node id/, () => Promise.resolve(`${hello('G', ';run=other')}\nnonce`)],
    ['other version', /version 1/, () => Promise.resolve('aemp;2;bad;hmac_sha3_512;json')],
    ['other protocol', /protocol aemp/, () => Promise.resolve('xmpp;1;bad;hmac_sha3_512;json')],
    ['4,097-octet line', /4096/, () => Promise.resolve(pad(4_096))],
    ['4,097 octets without an end', /4096/, () => Promise.resolve(pad(4_096))],
    ['garbage', /UTF-8|protocol/, () => Promise.resolve(Buffer.from('00fffe0d0a80', 'hex'))],
    ['cleartext', /cleartext/, () => Promise.resolve(`${hello()}\nnonce\ncleartext;${Buffer.from(SECRET).toString('hex')};json`)],
  ];

  it.each(cases)('%s', async (_, reason, says) => {
    const client = await connectTo(g.address);
    const said = await says(client);
    client.write(said);
    client.write('\n');
    expect(await outcomeOf(client)).toMatchObject({ accepted: false });
    expect(onlyReason(client)?.text).toMatch(reason);
    await restGoesOn();
  });

  it('a line of exactly 4,096 octets with its delimiter, octet by octet, is fine', async () => {
    const client = await connectTo(g.address);
    const own = [pad(4_095), 'nonce'] as const;
    const text = [...own, proofLine(SECRET, own, await greetingOf(client), 'json'), ''].join('\n');
    for (const octet of Buffer.from(text)) {
      client.write(Uint8Array.of(octet));
      if (octet === 0x78) continue;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await client.lines(3)).toHaveLength(3);
    client.startData({ received: 'json', sent: 'json', node: 'bad' });
    expect(await echoes(client, 'bad', 'octet by octet')).toBe(true);
    await client.close();
  });

  it('handshake-time: who says nothing is sent away after limits.handshakeTime, 10 s by default', async () => {
    expect(defaultLimits.handshakeTime).toBe(10_000);
    await using impatient = await startG({ secret: SECRET, limits: { handshakeTime: 100 } });
    const client = await connectTo(impatient.address);
    await client.until(() => client.closed);
    expect(impatient.log.reasons(client.address).map(({ text }) => text)).toStrictEqual([
      expect.stringMatching(/no complete handshake within 100 ms/),
    ]);
  });
});

describe('bad messages: the connection ends with one logged reason, everything else goes on', () => {
  const json = (text: string): Uint8Array => Buffer.from(text);
  const cases: readonly (readonly [string, 'json' | 'cbor', RegExp, Uint8Array])[] = [
    ['no array', 'json', /array/, json('{"a":1}\n')],
    ['no JSON', 'json', /not JSON/, json('["x" : }]\n')],
    ['no UTF-8', 'json', /UTF-8/, Buffer.from('5b22ff225d0a', 'hex')],
    ['no port name', 'json', /port name/, json('[{},"x"]\n')],
    ['a request without its port', 'json', /mon1 wants a port name/, json('["","mon1"]\n')],
    ['a request with an object for a port', 'json', /snd wants a port id/, json('["","snd",{"id":1}]\n')],
    ['an answer to nowhere', 'json', /no port id/, json('["","time","#x"]\n')],
    ['an oversized message', 'json', /messageSize/, json(`["echo","bad#r","${'x'.repeat(MESSAGE_SIZE)}"]\n`)],
    ['no array', 'cbor', /array/, Buffer.from('a0', 'hex')],
    ['no CBOR', 'cbor', /CBOR|cbor/, Buffer.from('82ff', 'hex')],
    ['an oversized message', 'cbor', /messageSize/, Buffer.from('82646563686f5a7fffffff', 'hex')],
  ];

  it.each(cases)('%s (%s)', async (_, framing, reason, octets) => {
    const client = await introduce(g.address, { node: 'bad', secret: SECRET, framing });
    const mark = g.log.entries.length;
    client.write(octets);
    await client.until(() => client.closed);
    expect(onlyReason(client)?.text).toMatch(reason);
    expect(g.log.entries.slice(mark)).toHaveLength(1);
    await restGoesOn();
  });

  it('a request whose answer is too large to be sent', async () => {
    const client = await introduce(g.address, { node: 'bad', secret: SECRET, framing: 'json', sends: 'cbor' });
    // one octet in CBOR, six in JSON
    client.send('', 'snd', 'bad#r', '\u0001'.repeat(MESSAGE_SIZE / 2));
    await client.until(() => client.closed);
    expect(onlyReason(client)?.text).toMatch(/too large/);
    await restGoesOn();
  });

  it('a reason that the monitoring peer cannot be told in its framing still tells it that the port died', async () => {
    const client = await introduce(g.address, { node: 'bad', secret: SECRET, framing: 'cbor' });
    good.send('', 'mon1', 'p1');
    await good.settle();
    client.send('', 'kil1', 'p1', 'octets', Uint8Array.of(0xff));
    await client.settle();
    await good.settle();
    expect(good.take().map((message) => message.slice(0, 3))).toStrictEqual([['', 'kil0', 'p1']]);
    await client.close();
  });
});

describe('S18: a used node id', () => {
  it('a second live rxmp node with the same id is refused, with clear errors in both logs', async () => {
    const seeds = [g.address];
    const dup = async (): Promise<{ node: MpNode; log: ReturnType<typeof captureLog> }> => {
      const log = captureLog();
      return { log, node: await createNode({ nodeid: 'dup', seeds, secret: SECRET, log }) };
    };
    const first = await dup();
    await until(() => first.node.nodeIsUp('G') === true);
    const mark = g.log.entries.length;
    const second = await dup();
    await until(() => second.log.entries.some(({ level }) => level === 'error'));
    await until(() => g.log.entries.slice(mark).some(({ level }) => level === 'error'));

    const [told, ...more] = second.log.entries.filter(({ level }) => level === 'error');
    expect(more).toHaveLength(0);
    expect(told?.text).toMatch(/refused: another live node has our node id/);
    const refused = g.log.entries.slice(mark).filter(({ level }) => level === 'error');
    expect(refused.map(({ text }) => text)).toStrictEqual([
      expect.stringMatching(/another live node has the node id "dup"/),
    ]);
    expect(first.node.nodeIsUp('G')).toBe(true);
    expect(second.node.nodeIsUp('G')).not.toBe(true);
    await second.node.close();
    await first.node.close();
    await restGoesOn();
  });

  it('two overlapping handshakes of a node without runs, as Perl makes them: the later connection replaces the other', async () => {
    const mark = g.log.entries.length;
    const own = ['aemp;1;twin;hmac_sha3_512;json', 'nonce'] as const;
    const clients = [await connectTo(g.address), await connectTo(g.address)];
    for (const client of clients) client.write(`${own.join('\n')}\n`);
    for (const client of clients) expect(await client.lines(3)).toHaveLength(3);
    for (const client of clients) client.write(`${proofLine(SECRET, own, await greetingOf(client), 'json')}\n`);
    const [first, last] = clients as [Client, Client];
    last.startData({ received: 'json', sent: 'json', node: 'twin' });
    expect(await echoes(last, 'twin', 'the later one')).toBe(true);
    await first.until(() => first.closed);
    expect(g.log.entries.slice(mark).map(({ text }) => text)).toStrictEqual([
      `connected with twin at ${first.address}`,
      `connected with twin at ${last.address}`,
      'connection with twin ended: replaced by a new connection',
    ]);
    await last.close();
    await restGoesOn();
  });

  it('duplicate-probed: a dead first connection makes room, and its monitors fire first', async () => {
    await using patient = await startG({ secret: SECRET, monitorTimeout: 2_000 });
    const first = await introduce(patient.address, { node: 'H', secret: SECRET, answers: false });
    const seen: string[] = [];
    const { node } = patient;
    node.mon('H#p', (...reason) => seen.push(String(reason[0])));
    node.monNodes().subscribe(({ up }) => seen.push(up ? 'up' : 'down'));
    const second = await introduce(patient.address, { node: 'H', secret: SECRET, nonce: 'another' });
    expect(await echoes(second, 'H', 'restarted')).toBe(true);
    await first.until(() => first.closed);
    expect(first.echoRequests).toContainEqual(['', 'snd', 'G', 'devnull']);
    expect(seen).toStrictEqual(['down', 'transport_error', 'up']);
    await second.close();
  });
});

describe('S16: silence', () => {
  it('echo-requests: a silent peer is asked for a sign of life; one that answers stays, one that does not is lost', async () => {
    await using watchful = await startG({ secret: SECRET, monitorTimeout: 400 });
    const live = await introduce(watchful.address, { node: 'live', secret: SECRET });
    const frozen = await introduce(watchful.address, { node: 'frozen', secret: SECRET, answers: false });
    const began = Date.now();
    await frozen.until(() => frozen.closed);
    expect(Date.now() - began).toBeLessThan(800);
    expect(frozen.echoRequests[0]).toStrictEqual(['', 'snd', 'G', 'devnull']);
    expect(watchful.log.reasons(frozen.address)).toHaveLength(1);
    expect(live.echoRequests.length).toBeGreaterThan(0);
    expect(await echoes(live, 'live', 'alive')).toBe(true);
    await live.close();
  });
});

async function until(condition: () => boolean): Promise<void> {
  for (let look = 0; look < 500; look++) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`waited in vain for ${String(condition)}`);
}
