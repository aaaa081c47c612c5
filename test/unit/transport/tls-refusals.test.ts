import { connect, createServer, type TLSSocket } from 'node:tls';
import { describe, expect, it } from 'vitest';
import type { Duplex } from '../../../src/transport/duplex.js';
import { createTlsUpgrade } from '../../../src/transport/tls.js';
import { streamOf } from '../../../src/transport/tls-stream.js';
import { HandshakeFailed } from '../../../src/wire/errors.js';
import { certificate, credentials, days } from '../../fixtures/certificates.js';
import { outcome, pair, shakeHands } from '../../fixtures/tls-peers.js';

const NOTHING = new Uint8Array();
const from = days(-3);
const until = days(3);
const yesterday = days(-1);
const tomorrow = days(1);
const iso = (date: Date): string => `${date.toISOString().slice(0, 19)}.000Z`;

const ca = await certificate({ name: 'ca', from, until });
const strangers = await certificate({ name: 'ca', from, until });
const member = credentials({ cert: await certificate({ name: 'member', issuer: ca }), ca });
const good = createTlsUpgrade(member);

/** Its certificate is no good to others; it accepts those of the CA. */
const bad = {
  'one of an unknown CA': credentials({ cert: await certificate({ issuer: strangers }), ca }),
  'one that signed itself': credentials({ cert: strangers, ca }),
  'one that has expired': credentials({ cert: await certificate({ issuer: ca, from, until: yesterday }), ca }),
  'one that is not yet valid': credentials({ cert: await certificate({ issuer: ca, from: tomorrow, until }), ca }),
};
const faults: Readonly<Record<keyof typeof bad, string>> = {
  'one of an unknown CA': 'is signed by an unknown CA (SELF_SIGNED_CERT_IN_CHAIN)',
  'one that signed itself': 'is signed by an unknown CA (DEPTH_ZERO_SELF_SIGNED_CERT)',
  'one that has expired': `has expired: it was valid until ${iso(yesterday)}`,
  'one that is not yet valid': `is not yet valid: it will be from ${iso(tomorrow)}`,
};

describe('certificates that are refused, between rxmp nodes', () => {
  for (const role of ['client', 'server'] as const) {
    it.each(Object.keys(bad) as (keyof typeof bad)[])(`of the TLS ${role}: %s; both ends know why`, async (name) => {
      const other = createTlsUpgrade(bad[name]);
      const outcomes = await (role === 'client' ? shakeHands(other, good) : shakeHands(good, other));
      const refuser = role === 'client' ? outcomes.server : outcomes.client;
      const refused = outcomes[role];
      expect(refuser).toEqual({ duplex: undefined, reason: `HandshakeFailed: the other end's certificate ${faults[name]}` });
      expect(refused.reason).toBe(`refused;your certificate ${faults[name]};`);
    });
  }

  it('both of each other: each says what is wrong with the other one', async () => {
    const stranger = createTlsUpgrade(credentials({ cert: strangers }));
    const { client, server } = await shakeHands(stranger, good);
    expect(client.reason).toContain("the other end's certificate is signed by an unknown CA");
    expect(server.reason).toContain("the other end's certificate is signed by an unknown CA");
    expect([client.duplex, server.duplex]).toEqual([undefined, undefined]);
  });

  it('a CA in between that has expired is named by its date', async () => {
    const old = await certificate({ name: 'old ca', from, until: yesterday });
    const end = createTlsUpgrade(credentials({ cert: await certificate({ issuer: old, from, until }), ca: ca + old }));
    const { client } = await shakeHands(createTlsUpgrade({ ...member, ca: [old] }), end);
    expect(client.reason).toBe(`HandshakeFailed: the other end's certificate has expired: it was valid until ${iso(yesterday)}`);
  });
});

describe('ends that are no rxmp nodes', () => {
  /** What a TLS end of Node.js saw: errors, and the text that it got. */
  async function seenBy(socket: TLSSocket): Promise<string> {
    let text = '';
    const error = await new Promise<string>((resolve) => {
      socket.on('data', (data: Buffer) => (text += data.toString()));
      socket.on('error', (cause) => {
        resolve(cause.message);
      });
      socket.on('close', () => {
        resolve('');
      });
    });
    return error + text;
  }
  const client = (left: Duplex, options: object): TLSSocket =>
    connect({ socket: streamOf(left, NOTHING), rejectUnauthorized: false, ...options });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('a client without a certificate, %s', async (version) => {
    const { left, right } = pair();
    const server = outcome(good(right, NOTHING, 'server'));
    const told = seenBy(client(left, { maxVersion: version }));
    expect((await server).reason).toBe("HandshakeFailed: the other end's certificate is missing: it has sent none");
    expect(await told).toBe('refused;your certificate is missing: it has sent none;\n');
  });

  it('a server that wants another kind of certificate says so by an alert', async () => {
    const { left, right } = pair();
    const server = createServer({ ...member.own, requestCert: true, maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' });
    server.on('tlsClientError', () => undefined);
    server.emit('connection', streamOf(right, NOTHING));
    const { reason } = await outcome(good(left, NOTHING, 'client'));
    expect(reason).toContain('HandshakeFailed: the other end finds no common cipher, or wants a certificate of another kind');
  });

  it('one that knows TLS 1.1 only', async () => {
    const { left, right } = pair();
    client(left, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }).on('error', () => undefined);
    const { reason } = await outcome(good(right, NOTHING, 'server'));
    expect(reason).toBe('HandshakeFailed: no common version of TLS: ours are 1.2 and 1.3 (UNSUPPORTED_PROTOCOL)');
  });

  it.each(['client', 'server'] as const)('one that speaks no TLS at all, with a TLS %s', async (role) => {
    const { left, right } = pair();
    left.write('tls_sha3_512;00112233;json\n');
    left.incoming$.subscribe();
    const { reason } = await outcome(good(right, NOTHING, role));
    expect(reason).toBe('HandshakeFailed: what the other end sends is not TLS (WRONG_VERSION_NUMBER)');
  });

  it.each(['client', 'server'] as const)('one that goes during the handshake with a TLS %s', async (role) => {
    const { left, right, cut } = pair();
    const pending = outcome(good(right, NOTHING, role));
    left.close();
    expect((await pending).reason).toMatch(/^HandshakeFailed: the other end has closed the connection during the TLS handshake/);
    const again = pair();
    const cutOff = outcome(good(again.right, NOTHING, role));
    again.cut('no route');
    expect((await cutOff).reason).toContain('connection with memory://left failed: no route');
    cut('over');
  });

  it('a refusal is one HandshakeFailed, and the duplex is closed', async () => {
    const { left, right } = pair();
    const errors: unknown[] = [];
    const ended = new Promise((resolve) => {
      good(right, NOTHING, 'server').subscribe({
        error: (error: unknown) => {
          errors.push(error);
          right.incoming$.subscribe({ complete: () => { resolve(undefined); } });
        },
      });
    });
    const told = await outcome(createTlsUpgrade(bad['one that signed itself'])(left, NOTHING, 'client'));
    expect(told.reason).toContain('refused;');
    await ended;
    expect(errors).toEqual([expect.any(HandshakeFailed)]);
  });
});
