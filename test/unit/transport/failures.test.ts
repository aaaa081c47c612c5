import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { parseAddress } from '../../../src/transport/address.js';
import { connectFailure, connectionFailure, listenFailure, lookupFailure, TransportError } from '../../../src/transport/failure.js';
import { certificateFault, tlsFault } from '../../../src/transport/tls-failure.js';

const coded = (code: unknown, message = 'as the system says'): Error => Object.assign(new Error(message), { code });

describe('what a failure says', () => {
  it.each<[unknown, string]>([
    [coded('ECONNREFUSED'), 'connection refused (ECONNREFUSED)'],
    [coded('EPIPE'), 'the other end has closed (EPIPE)'],
    [coded('EOTHER'), 'as the system says'],
    // what every object has is no code
    [coded('toString'), 'as the system says'],
    [coded(7), 'as the system says'],
    [coded('EOTHER', ''), 'EOTHER'],
    [new TypeError(''), 'TypeError'],
    [new Error('plain'), 'plain'],
    ['a text', 'a text'],
    [undefined, 'undefined'],
  ])('of %s: %s', (cause, reason) => {
    const address = parseAddress('host.example:4040');
    const failures = [listenFailure(address, cause), lookupFailure(address, cause), connectFailure(address, cause), connectionFailure('there', cause)];
    expect(failures.map(({ message }) => message)).toEqual([
      `cannot listen on host.example:4040: ${reason}`,
      `cannot look up host.example: ${reason}`,
      `cannot connect to host.example:4040: ${reason}`,
      `connection with there failed: ${reason}`,
    ]);
    for (const failure of failures) expect(failure).toMatchObject({ name: 'TransportError', code: 'TRANSPORT_ERROR' });
    expect(failures.slice(0, 3).every((failure) => failure instanceof TransportError && failure.cause === cause)).toBe(true);
  });
});

describe('why TLS has failed', () => {
  it.each<[unknown, string | undefined]>([
    ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'the other end refuses our certificate: it knows no CA that has signed it (alert UNKNOWN_CA)'],
    ['ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED', 'the other end refuses our certificate: it has expired, or is not yet valid (alert CERTIFICATE_EXPIRED)'],
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'the other end refuses our certificate: it got none (alert CERTIFICATE_REQUIRED)'],
    ['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', 'the other end finds no common cipher, or wants a certificate of another kind (HANDSHAKE_FAILURE)'],
    ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'no common version of TLS: ours are 1.2 and 1.3 (PROTOCOL_VERSION)'],
    ['ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR', 'the other end has ended TLS with the alert INTERNAL_ERROR'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'what the other end sends is not TLS (WRONG_VERSION_NUMBER)'],
    ['ERR_SSL_NO_SHARED_CIPHER', 'no common cipher (NO_SHARED_CIPHER)'],
    // an alert of this name is a refusal; an error of this end is none
    ['ERR_SSL_UNKNOWN_CA', 'TLS failed: UNKNOWN_CA'],
    ['ERR_SSL_BAD_RECORD', 'TLS failed: BAD_RECORD'],
    ['ERR_SSL_toString', 'TLS failed: toString'],
    ['ERR_SSL_TLSV1_ALERT_toString', 'the other end has ended TLS with the alert toString'],
    ['ECONNRESET', 'the other end has closed the connection during the TLS handshake (ECONNRESET)'],
    ['EPIPE', undefined],
    [7, undefined],
    [undefined, undefined],
  ])('%s: %s', (code, text) => {
    expect(tlsFault(coded(code))).toBe(text);
  });

  it('is not told of an error without a code', () => {
    expect(tlsFault(new Error('ECONNRESET'))).toBeUndefined();
  });
});

describe('what is wrong with a certificate', () => {
  const ca = { validFrom: 'Jan  1 00:00:00 2020 GMT', validTo: 'Jan  1 00:00:00 2022 GMT', issuerCertificate: undefined };
  const leaf = { validFrom: 'Jan  1 00:00:00 2021 GMT', validTo: 'Jan  1 00:00:00 2023 GMT', issuerCertificate: ca };
  const faultOf = (authorizationError: string | null, certificate: object = leaf): string | undefined =>
    certificateFault({ authorized: authorizationError === null, authorizationError } as unknown as TLSSocket, certificate as unknown as X509Certificate);

  it.each([
    [null, undefined],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'is signed by an unknown CA (UNABLE_TO_VERIFY_LEAF_SIGNATURE)'],
    ['CERT_SIGNATURE_FAILURE', 'is signed by an unknown CA (CERT_SIGNATURE_FAILURE)'],
    // of a chain the first date to end, and the last to begin
    ['CERT_HAS_EXPIRED', 'has expired: it was valid until 2022-01-01T00:00:00.000Z'],
    ['CERT_NOT_YET_VALID', 'is not yet valid: it will be from 2021-01-01T00:00:00.000Z'],
    ['INVALID_PURPOSE', 'is not made for its role: nodes need one for both server and client authentication'],
    ['CERT_REVOKED', "can't be verified (CERT_REVOKED)"],
  ])('%s: %s', (code, fault) => {
    expect(faultOf(code)).toBe(fault);
  });

  it('by the dates of the leaf, where it stands alone', () => {
    expect(faultOf('CERT_HAS_EXPIRED', { ...leaf, issuerCertificate: undefined })).toContain('2023-01-01');
    expect(faultOf('CERT_NOT_YET_VALID', { ...leaf, issuerCertificate: undefined })).toContain('2021-01-01');
    expect(faultOf('CERT_NOT_YET_VALID', { ...leaf, validFrom: 'Jan  1 00:00:00 2019 GMT' })).toContain('2020-01-01');
  });
});
