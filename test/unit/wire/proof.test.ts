import { createHash, createHmac, hkdfSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { cleartextProof, hmacProof, rxmpProof, tlsProof, verifyProof, type Transcript } from '../../../src/wire/proof.js';

describe('proofs (wire.md 1.4)', () => {
  it('agrees with the HMAC of another implementation, UTF-8 included', () => {
    const other = createHmac('sha3-512', 'geheim€').update('ä\nb\nc\nd\n').digest('hex');
    expect(hmacProof('geheim€', ['ä', 'b'], ['c', 'd'])).toBe(other);
  });

  it('differs by direction', () => {
    expect(hmacProof('s', ['a', 'b'], ['c', 'd'])).not.toBe(hmacProof('s', ['c', 'd'], ['a', 'b']));
  });

  it('is lowercase hex in clear text', () => {
    expect(cleartextProof('Jö')).toBe('4ac3b6');
  });

  it.each([
    ['abc', 'abc', true],
    ['abc', 'abd', false],
    ['abc', 'ABC', false],
    ['abc', 'ab', false],
    ['abc', 'abcd', false],
    ['abc', '', false],
    ['', 'a', false],
    ['', '', true],
  ])('verifyProof(%j, %j) is %j', (expected, got, result) => {
    expect(verifyProof(expected, got)).toBe(result);
  });
});

describe('tls_sha3_512 (wire.md 1.4)', () => {
  it('is the hash of the sender’s lines, then the receiver’s', () => {
    const other = createHash('sha3-512').update('ä\nb\nc\nd\n').digest('hex');
    expect(tlsProof(['ä', 'b'], ['c', 'd'])).toBe(other);
    expect(tlsProof(['c', 'd'], ['ä', 'b'])).not.toBe(other);
  });
});

describe('rxmp_sha3_512', () => {
  const transcript: Transcript = {
    role: 'initiator',
    sender: ['sender ä', 'nonce'],
    receiver: ['receiver', 'other nonce'],
    framing: 'json',
    keys: new Map([['key', 'value']]),
    binding: new Uint8Array(32).fill(7),
  };
  const proof = rxmpProof('geheim€', transcript);

  it.each([['\u0007'.repeat(32), transcript], ['', { ...transcript, binding: undefined }]])('agrees with what docs/security.md says, computed by another implementation: binding %j', (binding, given) => {
    const parts = ['rxmp_sha3_512', 'initiator', 'sender ä', 'nonce', 'receiver', 'other nonce', 'json', binding, 'key', 'value'];
    const octets = parts.flatMap((part) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(Buffer.byteLength(part));
      return [length, Buffer.from(part)];
    });
    const key = Buffer.from(hkdfSync('sha3-512', 'geheim€', 'rxmp_sha3_512', 'proof', 64));
    expect(rxmpProof('geheim€', given)).toBe(createHmac('sha3-512', key).update(Buffer.concat(octets)).digest('hex'));
  });

  it.each<[string, Partial<Transcript>]>([
    ['the role', { role: 'acceptor' }],
    ['the greetings', { sender: ['sender a', 'nonce'] }],
    ['the nonces', { receiver: ['receiver', 'another nonce'] }],
    ['the direction', { sender: transcript.receiver, receiver: transcript.sender }],
    ['the framing', { framing: 'cbor' }],
    ['the values of keys', { keys: new Map([['key', 'other']]) }],
    ['the number of keys', { keys: new Map() }],
    ['the TLS session', { binding: new Uint8Array(32).fill(8) }],
    ['that there is TLS', { binding: undefined }],
    // the same octets, cut elsewhere
    ['the border between lines', { sender: ['sender än', 'once'] }],
    ['the border between key and value', { keys: new Map([['ke', 'yvalue']]) }],
    ['the border between framing and keys', { framing: 'jsonkey', keys: new Map([['', 'value']]) }],
  ])('covers %s', (_what, changed) => {
    expect(rxmpProof('geheim€', { ...transcript, ...changed })).not.toBe(proof);
  });

  it('covers the secret, and is no proof by another method', () => {
    expect(rxmpProof('geheim', transcript)).not.toBe(proof);
    expect(hmacProof('geheim€', transcript.sender, transcript.receiver)).not.toBe(proof);
  });
});

describe('a proof that is wrong', () => {
  /** A text that counts how much of it is looked at. */
  const watched = (text: string) => {
    const seen: number[] = [];
    const proof = { length: text.length, charCodeAt: (at: number) => seen.push(at) && text.charCodeAt(at) };
    return { seen, proof: proof as unknown as string };
  };

  it.each(['abcdef', 'xbcdef', 'abcdex', 'xyzxyz', '', 'a', 'abcdefg'])('is looked at to its end, wherever it differs: %j', (text) => {
    const { seen, proof } = watched(text);
    expect(verifyProof('abcdef', proof)).toBe(text === 'abcdef');
    expect(seen).toEqual([0, 1, 2, 3, 4, 5]);
  });
});
