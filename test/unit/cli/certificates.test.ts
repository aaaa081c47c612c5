import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createProgram } from '../../../src/cli/program.js';
import { checkRunOptions, readRunWords } from '../../../src/cli/run-options.js';
import { readTlsFiles } from '../../../src/cli/tls-files.js';
import { readCredentials } from '../../../src/transport/tls-credentials.js';
import { certificate } from '../../fixtures/certificates.js';

const folder = mkdtempSync(join(tmpdir(), 'rxmp-cli-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const at = (name: string): string => join(folder, name);

let printed = '';
beforeEach(() => {
  printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation(((text: string, done: () => void) => {
    printed += text;
    done();
    return true;
  }) as typeof process.stdout.write);
});
afterEach(() => {
  vi.restoreAllMocks();
});
const rxmp = async (...words: readonly string[]): Promise<void> => {
  await createProgram().parseAsync(['node', 'rxmp', ...words]);
};
const days = (certificate: X509Certificate): number => (Date.parse(certificate.validTo) - Date.now()) / 86_400_000;

describe('rxmp gencert', () => {
  it('writes key and certificate that sign themselves, which only the owner can read', async () => {
    await rxmp('gencert', at('a.pem'), '--name', 'a network', '--days', '30', '--hosts', 'a.example, 10.0.0.1,2001:db8::1');
    const text = readFileSync(at('a.pem'), 'utf8');
    const made = new X509Certificate(text);
    expect(statSync(at('a.pem')).mode & 0o777).toBe(0o600);
    expect([made.subject, made.issuer, made.ca]).toEqual(['CN=a network', 'CN=a network', true]);
    expect(made.verify(made.publicKey)).toBe(true);
    expect(made.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' });
    expect([made.checkHost('a.example'), made.checkIP('10.0.0.1'), made.checkIP('2001:db8::1')]).toEqual(['a.example', '10.0.0.1', '2001:db8::1']);
    expect(made.checkIP('2001:db8::2')).toBeUndefined();
    expect(days(made)).toBeCloseTo(30, 1);
    expect(readCredentials({ cert: text })?.own).toBeDefined();
    expect(printed).toMatch(/^\S+a\.pem: certificate of "a network", valid until \d{4}-\d\d-\d\d\n$/);
  });

  it('signs with a CA; the file has its certificate too, and is no CA itself', async () => {
    await rxmp('gencert', at('ca.pem'), '--name', 'ca', '--days', '36500');
    await rxmp('gencert', at('b.pem'), '--ca', at('ca.pem'), '--name', 'b');
    const ca = new X509Certificate(readFileSync(at('ca.pem')));
    const { own, ca: cas } = readCredentials({ cert: readFileSync(at('b.pem'), 'utf8') })!;
    const made = new X509Certificate(own!.cert);
    expect([made.checkIssued(ca), made.verify(ca.publicKey), made.ca]).toEqual([true, true, false]);
    expect(cas.map((pem) => new X509Certificate(pem).subject)).toEqual(['CN=b', 'CN=ca']);
    expect(days(ca)).toBeCloseTo(36_500, 1);
    expect(days(made)).toBeCloseTo(3_650, 1);
    await expect(rxmp('gencert', at('c.pem'), '--ca', at('b.pem'))).rejects.toThrow("b.pem can't sign: its first certificate is no CA");
    await expect(rxmp('gencert', at('c.pem'), '--ca', at('none.pem'))).rejects.toThrow("none.pem can't sign: ENOENT");
  });

  it('overwrites a file only when told to, and then with the right mode', async () => {
    writeFileSync(at('d.pem'), 'precious', { mode: 0o644 });
    await expect(rxmp('gencert', at('d.pem'))).rejects.toThrow('d.pem exists: overwrite it with --force');
    expect(readFileSync(at('d.pem'), 'utf8')).toBe('precious');
    await rxmp('gencert', at('d.pem'), '--force');
    expect(readFileSync(at('d.pem'), 'utf8')).toContain('BEGIN CERTIFICATE');
    expect(statSync(at('d.pem')).mode & 0o777).toBe(0o600);
  });

  it.each([
    [['--days', 'ten'], '--days is "ten": expected a whole number of at least 1'],
    [['--days', '99999999'], '--days is 99999999: expected at most 2000000'],
    [['--hosts', 'fe80::1%eth0'], '--hosts has "fe80::1%eth0": expected an address without a zone'],
  ])('refuses %j', async (words, message) => {
    await expect(rxmp('gencert', at('e.pem'), ...words)).rejects.toThrow(message);
  });
});

describe('rxmp gensecret', () => {
  it('prints 256 random bits, others each time', async () => {
    await rxmp('gensecret');
    await rxmp('gensecret');
    const [one, two] = printed.trim().split('\n');
    expect(Buffer.from(one!, 'base64url')).toHaveLength(32);
    expect(one).not.toBe(two);
  });
});

describe('PEM files of the command line', async () => {
  const pem = await certificate();
  writeFileSync(at('own.pem'), pem);

  it('come from options, or else the environment', () => {
    expect(readTlsFiles({ cert: at('own.pem') }, { RXMP_CERT: at('none.pem') })).toEqual({ tls: { cert: pem } });
    expect(readTlsFiles({}, { RXMP_CA: at('own.pem') })).toEqual({ tls: { ca: pem } });
    expect(readTlsFiles({}, { RXMP_CERT: '' })).toEqual({});
    expect(() => readTlsFiles({ key: at('none.pem') }, {})).toThrow(/^key: cannot read the PEM file: ENOENT/);
  });

  it('rxmp run takes them as keys; a certificate is as good as a secret for a node that listens', () => {
    expect(readRunWords(['cert', at('own.pem'), 'ca', at('own.pem')], {}).tls).toEqual({ cert: pem, ca: pem });
    expect(readRunWords(['acceptPlain', 'true', 'cert', at('own.pem')], { RXMP_SECRET: 'x' }).acceptPlain).toBe(true);
    expect(() => { checkRunOptions(readRunWords([], {})); }).toThrow('needs a secret: set RXMP_SECRET, or add: secret <text>; or a certificate: cert <file>');
  });
});
