import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createNode, type Logger, type MpNode } from 'rxmp';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { certificate } from '../fixtures/certificates.js';
import { claimPort } from '../fixtures/port.js';

/**
 * A peer whose TLS is the program openssl: it opens plain TCP, exchanges the greeting lines, and leaves the rest of the
 * connection to openssl, whose standard input and output are what goes through TLS.
 */
const found = spawnSync('openssl', ['version'], { encoding: 'utf8' });
const hasOpenssl = found.status === 0 && found.stdout.startsWith('OpenSSL');
if (!hasOpenssl) console.warn('SKIPPED: TLS with OpenSSL is not tested, since there is no program "openssl" here');

const folder = mkdtempSync(join(tmpdir(), 'rxmp-openssl-'));
const ca = await certificate({ name: 'ca' });
const pem = await certificate({ issuer: ca });
const strangers = await certificate({ name: 'strangers' });
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
};
const files = { peer: file('peer.pem', await certificate({ issuer: ca })), ca: file('ca.pem', ca), strangers: file('s.pem', strangers) };

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function eventually<T>(what: string, look: () => T | undefined): Promise<T> {
  for (let count = 0; count < 500; count += 1) {
    const value = look();
    if (value !== undefined) return value;
    await wait(10);
  }
  throw new Error(`waited in vain for ${what}`);
}

interface Start {
  readonly node: MpNode;
  readonly warnings: string[];
}

async function startNode(): Promise<Start> {
  const warnings: string[] = [];
  const keep = (_details: object, text: string): unknown => warnings.push(text);
  const log: Logger = { debug: keep, info: keep, warn: keep, error: keep };
  const node = await createNode({ nodeid: 'node', binds: ['127.0.0.1:0'], cert: pem, log });
  ends.push(() => node.close());
  return { node, warnings };
}

type Lines = readonly [string, string];

interface Peer {
  readonly mine: Lines;
  readonly theirs: Lines;
  readonly socket: Socket;
  /** What came through TLS. */
  text(): string;
  send(text: string): void;
}

/** Greets, then lets openssl talk; the nonce decides on the role. */
async function startPeer(node: MpNode, role: 'client' | 'server', version: string, identity: readonly string[], trusted: string): Promise<Peer> {
  const mine: Lines = [`aemp;1;peer;tls_sha3_512;json;tls=1.0`, role === 'client' ? '!low' : '~high'];
  const socket = connect(Number(node.addresses[0]!.split(':')[1]), '127.0.0.1');
  socket.on('error', () => undefined);
  ends.push(() => socket.destroy());
  socket.write(`${mine.join('\n')}\n`);
  let read = Buffer.alloc(0);
  socket.on('data', (data) => (read = Buffer.concat([read, data])));
  await eventually('two lines', () => (read.toString().split('\n').length > 2 ? true : undefined));
  socket.pause();
  socket.removeAllListeners('data');
  const theirs = read.toString('latin1').split('\n').slice(0, 2) as unknown as Lines;
  const early = read.subarray(theirs.join('\n').length + 1);

  const options = [...identity, '-CAfile', trusted, '-verify_return_error', '-quiet', version];
  const relay = (raw: Socket): void => {
    raw.on('error', () => undefined);
    raw.write(early);
    raw.pipe(socket).pipe(raw);
    ends.push(() => raw.destroy());
  };
  let openssl: ChildProcess;
  let text = '';
  if (role === 'client') {
    const local = createServer(relay);
    await new Promise<void>((resolve) => local.listen(0, '127.0.0.1', resolve));
    ends.push(() => local.close());
    const { port } = local.address() as AddressInfo;
    openssl = spawn('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, ...options]);
  } else {
    const port = await claimPort();
    openssl = spawn('openssl', ['s_server', '-accept', `127.0.0.1:${port}`, '-naccept', '1', '-Verify', '3', ...options]);
    let to: Socket | undefined;
    await eventually('openssl to listen', () => {
      to ??= connect(port, '127.0.0.1').on('error', () => (to = undefined));
      return to?.readyState === 'open' ? true : undefined;
    });
    relay(to!);
  }
  ends.push(() => openssl.kill());
  openssl.stdin!.on('error', () => undefined);
  openssl.stdout!.on('data', (data: Buffer) => (text += data.toString()));
  return { mine, theirs, socket, text: () => text, send: (line) => openssl.stdin!.write(line) };
}

const proof = (sender: Lines, receiver: Lines): string =>
  createHash('sha3-512').update([...sender, ...receiver].map((line) => `${line}\n`).join('')).digest('hex');

const versions = ['-tls1_2', '-tls1_3'] as const;
const roles = ['client', 'server'] as const;
const cases = roles.flatMap((role) => versions.map((version) => [role, version] as const));

describe.skipIf(!hasOpenssl)('openssl as the TLS of a peer', () => {
  it.each(cases)('as TLS %s with %s: both prove themselves, messages go both ways', async (role, version) => {
    const { node, warnings } = await startNode();
    const echo = node.port<[string, string]>();
    void node.rcv(echo, { echo: (word) => { node.snd('peer#back', 'got', word); } });
    const peer = await startPeer(node, role, version, ['-cert', files.peer, '-key', files.peer], files.ca);
    peer.send(`tls_sha3_512;${proof(peer.mine, peer.theirs)};json\n`);
    const line = await eventually('the proof of the node', () => /tls_sha3_512;.*/.exec(peer.text())?.[0]).catch((error: unknown) => {
      throw new Error(`${String(error)}; the log: ${warnings.join(' | ')}; text: ${peer.text()}`);
    });
    expect(line.split(';').slice(0, 3)).toEqual(['tls_sha3_512', proof(peer.theirs, peer.mine), 'json']);
    await eventually('the peer to be up', () => (node.nodeIsUp('peer') ? true : undefined));
    peer.send(`${JSON.stringify([echo.id.split('#')[1], 'echo', 'grüße'])}\n`);
    await eventually('the echo', () => (peer.text().includes('["back","got","grüße"]') ? true : undefined));
  });

  it.each(cases)('as TLS %s with %s, it refuses our certificate: the reason says so', async (role, version) => {
    const { node, warnings } = await startNode();
    await startPeer(node, role, version, ['-cert', files.peer, '-key', files.peer], files.strangers);
    const reason = await eventually('the reason', () => warnings.find((text) => text.includes('refuses our certificate')));
    expect(reason).toContain('the other end refuses our certificate: it knows no CA that has signed it (alert UNKNOWN_CA)');
  });

  it.each(cases)('as TLS %s with %s and a certificate of an unknown CA it is refused, and the reason says so', async (role, version) => {
    const { node, warnings } = await startNode();
    await startPeer(node, role, version, ['-cert', files.strangers, '-key', files.strangers], files.ca);
    const reason = await eventually('the reason', () => warnings.find((text) => text.includes('certificate')));
    expect(reason).toContain("the other end's certificate is signed by an unknown CA");
  });

  it.each(versions)('as TLS client with %s and no certificate it is refused, and the reason says so', async (version) => {
    const { node, warnings } = await startNode();
    await startPeer(node, 'client', version, [], files.ca);
    const reason = await eventually('the reason', () => warnings.find((text) => text.includes('certificate')));
    expect(reason).toContain("the other end's certificate is missing: it has sent none");
  });
});
