import { describe, expect, it } from 'vitest';
import { generateKeyPairSync } from 'node:crypto';
import { createNode, type NodeOptions } from 'rxmp';
import { silentLog } from 'rxmp/testing';
import { readCredentials, type CredentialOptions } from '../../../src/transport/tls-credentials.js';
import { certificate } from '../../fixtures/certificates.js';

const ca = await certificate({ name: 'ca' });
const pem = await certificate({ issuer: ca });
const [key = '', own = '', above = ''] = pem.split(/(?<=-----END [A-Z ]+-----\n)/);

describe('readCredentials', () => {
  it('takes one text with everything, as cert and as tls.cert; all its certificates are CAs then', () => {
    const expected = { own: { key, cert: own + above }, ca: [own, above] };
    expect(readCredentials({ cert: pem })).toEqual(expected);
    expect(readCredentials({ tls: { cert: pem } })).toEqual(expected);
  });

  it('takes key and CAs apart, whatever stands around them, and puts the certificate of the key first', () => {
    const cert = `made by me\n${above}${own}`.replaceAll('\n', '\r\n');
    const read = readCredentials({ tls: { cert, key: `# key\n${key}`, ca: above } });
    expect(read?.own?.key).toBe(key);
    expect(read?.own?.cert.replaceAll('\r\n', '\n')).toBe(own + above);
    expect(read?.ca).toEqual([above]);
  });

  it('takes CAs alone, for wss:// seeds, and nothing at all', () => {
    expect(readCredentials({ tls: { ca: above } })).toEqual({ own: undefined, ca: [above] });
    expect(readCredentials({})).toBeUndefined();
  });

  const encrypted = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' },
  }).privateKey;
  const broken = own.replace(/MII./, 'MIIA');
  it.each<[string, unknown, string]>([
    ['both', { cert: pem, tls: { cert: pem } }, 'the options "tls" and "cert" mean the same: give one of them'],
    ['a file name', { cert: 'node.pem' }, 'the option "cert" has no certificate: expected a PEM text, -----BEGIN CERTIFICATE----- and so on'],
    ['octets', { tls: { cert: Buffer.from(pem) } }, 'the option "tls.cert" is no text: expected PEM'],
    ['a text for tls', { tls: pem }, 'the option "tls" is no object: expected { cert, key, ca }, PEM texts'],
    ['no key', { cert: own }, 'the option "cert" has no key: expected a PEM text, -----BEGIN PRIVATE KEY----- and so on'],
    ['no key in tls', { tls: { cert: own } }, '-----BEGIN PRIVATE KEY----- and so on: put it there, or into "tls.key"'],
    ['two keys', { cert: key + key + own }, 'the option "cert" has more than one key: expected the key of the certificate'],
    ["another one's key", { cert: key + above }, 'the option "cert" has no certificate for its key'],
    ['an encrypted key', { tls: { cert: own, key: encrypted } }, 'it must not be encrypted'],
    ['a key only', { tls: { key } }, 'the option "tls.key" needs "tls.cert", its certificate'],
    ['a broken certificate', { cert: key + broken }, 'the option "cert" has a certificate that can\'t be read: '],
    ['no CA in ca', { tls: { cert: pem, ca: key } }, 'the option "tls.ca" has no certificate'],
    ['a misspelt part', { tls: { certificate: pem } }, 'the option "tls" has no "certificate": expected cert, key, ca'],
  ])('refuses %s, and so does createNode', async (_name, options, message) => {
    expect(() => readCredentials(options as CredentialOptions)).toThrow(TypeError);
    expect(() => readCredentials(options as CredentialOptions)).toThrow(message);
    await expect(createNode({ ...(options as NodeOptions), log: silentLog })).rejects.toThrow(message);
  });
});
