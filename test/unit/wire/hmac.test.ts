import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { hmacSha3, platformHmac, portableHmac } from '../../../src/wire/hmac.js';

describe('HMAC-SHA3-512', () => {
  afterEach(() => { vi.unstubAllGlobals(); });

  it('is the same by the platform and in JavaScript, for keys and data of any length', () => {
    const platform = platformHmac();
    if (platform === undefined) throw new Error('this Node.js has no sha3-512: nothing to compare with');
    // a block of SHA3-512 is 72 octets: keys beyond that are hashed first
    const octets = fc.uint8Array({ maxLength: 300 });
    fc.assert(fc.property(octets, octets, (key, data) => {
      const expected = Buffer.from(portableHmac(key, data)).toString('hex');
      expect(Buffer.from(platform(key, data)).toString('hex')).toBe(expected);
      expect(Buffer.from(hmacSha3(key, data)).toString('hex')).toBe(expected);
    }));
  });

  it.each([
    ['no process', undefined],
    ['a process without modules', {}],
    ['no such module', { getBuiltinModule: () => undefined }],
    ['an OpenSSL without SHA-3', { getBuiltinModule: () => ({ getHashes: () => ['sha256'] }) }],
  ])('is none of the platform where there is %s', (_what, process) => {
    vi.stubGlobal('process', process);
    expect(platformHmac()).toBeUndefined();
  });
});
