import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { secretBits } from '../../../src/env/secret-strength.js';
import { warnOfWeakSecret } from '../../../src/network/weak-secret.js';
import { silentLog } from '../../../src/testing/index.js';
import { parseAddress } from '../../../src/transport/address.js';

const warnings = (secret: string | undefined, addresses: readonly string[]): string[] => {
  const lines: string[] = [];
  const log = { ...silentLog, warn: (_details: object, text: string) => lines.push(text) };
  warnOfWeakSecret(secret, addresses.map(parseAddress), log);
  return lines;
};

describe('a secret', () => {
  it.each(['', 'change me', 'Passw0rd!', 'correct horse battery staple', '1234567890123456', 'x'.repeat(100), 'deadbeef'.repeat(8), 'ab'.repeat(40)])(
    '%j looks weak',
    (secret) => {
      expect(secretBits(secret)).toBeLessThan(64);
    },
  );

  it('of 128 or more random bits does not, however it is written', () => {
    for (let i = 0; i < 1_000; i++) {
      for (const octets of [randomBytes(16), randomBytes(32)]) {
        for (const encoding of ['hex', 'base64url'] as const) {
          const secret = octets.toString(encoding);
          expect(secretBits(secret), secret).toBeGreaterThanOrEqual(64);
        }
      }
    }
  });

  it('of 64 bits is enough, of fewer is not', () => {
    const [enough, less] = ['x7q2m9k4q9x2k7m4', 'x7q2m9k4q9x2k7mn'];
    expect([secretBits(enough), warnings(enough, ['*:4040'])]).toEqual([64, []]);
    expect(secretBits(less)).toBeLessThan(64);
    expect(warnings(less, ['*:4040'])).toHaveLength(1);
  });

  it('that is weak is warned of once, without showing it, where somebody off this machine can meet the node', () => {
    for (const address of ['*:4040', '192.0.2.1:4040', 'wss://hub.example/mp']) {
      const [line, ...more] = warnings('change me', ['127.0.0.1:4041', address]);
      expect(line).toBe('the secret looks weak (about 10 bits): strangers can test guesses offline; use one that "rxmp gensecret" prints');
      expect(more).toEqual([]);
    }
  });

  it('is no matter on loopback, for a node that meets nobody, and without one', () => {
    expect(warnings('weak', ['127.0.0.1:0', '[::1]:0', 'ws://localhost:80/mp', 'memory://a'])).toEqual([]);
    expect(warnings('weak', [])).toEqual([]);
    expect(warnings(undefined, ['*:4040'])).toEqual([]);
    expect(warnings(randomBytes(32).toString('base64url'), ['*:4040'])).toEqual([]);
  });
});
