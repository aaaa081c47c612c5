import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { realClock } from '../../../src/env/clock.js';
import { defaultLimits } from '../../../src/env/limits.js';
import { seededRandom, silentLog } from '../../../src/testing/index.js';
import { authenticate, type AuthenticateConfig } from '../../../src/transport/authenticate.js';
import type { Chunk, Duplex } from '../../../src/transport/duplex.js';
import type { TlsRole, Upgrade } from '../../../src/transport/secure.js';
import { createTlsUpgrade } from '../../../src/transport/tls.js';
import { certificate, credentials, days } from '../../fixtures/certificates.js';
import { pair } from '../../fixtures/tls-peers.js';
import { endConfig } from '../../fixtures/two-ends.js';

const env = { clock: realClock, random: seededRandom(1), log: silentLog, limits: defaultLimits };
const ca = await certificate({ name: 'ca' });
const member = createTlsUpgrade(credentials({ cert: await certificate({ issuer: ca }), ca }));
const inTls = (upgrade: Upgrade, options: Partial<AuthenticateConfig> = {}): Partial<AuthenticateConfig> => ({ tls: 'required', upgrade, ...options });

/** What comes of an end's handshake: method and protection, or the reason. */
async function end(duplex: Duplex, config: AuthenticateConfig): Promise<string> {
  const gate = { greeted: () => 'admit' as const, verified: () => undefined };
  try {
    const { method, secure } = await firstValueFrom(authenticate(duplex, config, env, gate));
    return `${method}, ${secure ? 'secure' : 'plain'}`;
  } catch (error) {
    return (error as Error).message;
  }
}

/** A handshake in real TLS; the left end is its client, whoever has opened the connection. */
function meet(left: Partial<AuthenticateConfig>, right: Partial<AuthenticateConfig>): Promise<string[]> {
  const ends = pair();
  return Promise.all([
    end(ends.left, endConfig('left', { nonce: '!low', initiator: false, ...left })),
    end(ends.right, endConfig('right', { nonce: '~high', initiator: true, ...right })),
  ]);
}

describe('the handshake in real TLS', () => {
  it('proves by the secret, or by the certificates where there is none', async () => {
    expect(await meet(inTls(member), inTls(member))).toEqual(['rxmp_sha3_512, secure', 'rxmp_sha3_512, secure']);
    const without = inTls(member, { secret: undefined });
    expect(await meet(without, without)).toEqual(['tls_sha3_512, secure', 'tls_sha3_512, secure']);
  });

  it.each(['left', 'right'] as const)('an expired certificate of the %s end: both ends say so', async (side) => {
    const expired = createTlsUpgrade(credentials({ cert: await certificate({ issuer: ca, from: days(-2), until: days(-1) }), ca }));
    const [left, right] = await (side === 'left' ? meet(inTls(expired), inTls(member)) : meet(inTls(member), inTls(expired)));
    const [guilty, other] = side === 'left' ? [left, right] : [right, left];
    expect(other).toMatch(/^TLS failed: the other end's certificate has expired: it was valid until /);
    expect(guilty).toMatch(/^refused by the other end: "your certificate has expired: it was valid until /);
  });

  it('somebody with a certificate, but without the secret, between two TLS sessions: both ends refuse', async () => {
    const [toLeft, toRight] = [pair(), pair()];
    const outcomes = Promise.all([
      end(toLeft.left, endConfig('left', inTls(member, { nonce: '!low' }))),
      end(toRight.right, endConfig('right', inTls(member, { nonce: '~high', initiator: false }))),
    ]);
    const [first, second] = await Promise.all([greetingOf(toLeft.right), greetingOf(toRight.left)]);
    toLeft.right.write(second);
    toRight.left.write(first);
    const terminate = (duplex: Duplex, role: TlsRole): Promise<Duplex> => firstValueFrom(member(duplex, new Uint8Array(), role));
    const [near, far] = await Promise.all([terminate(toLeft.right, 'server'), terminate(toRight.left, 'client')]);
    near.incoming$.subscribe({ next: (chunk) => far.write(chunk), complete: () => { far.close(); } });
    far.incoming$.subscribe({ next: (chunk) => near.write(chunk), complete: () => { near.close(); } });
    const reason = 'wrong secret, or the handshake was changed on its way: the proof does not match';
    expect(await outcomes).toEqual([reason, reason]);
  });
});

/** The two greeting lines of an end, which it sends in two chunks. */
function greetingOf(duplex: Duplex): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const reading = duplex.incoming$.subscribe((chunk: Chunk) => {
      text += chunk.toString();
      if (text.split('\n').length < 3) return;
      reading.unsubscribe();
      resolve(text);
    });
  });
}
