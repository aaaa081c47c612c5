import { createPrivateKey, type KeyObject, webcrypto, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { BitString, Integer, OctetString, Utf8String, type BaseBlock } from 'asn1js';
import {
  AltName,
  AttributeTypeAndValue,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  Extension,
  GeneralName,
  Time,
  TimeType,
} from 'pkijs';
import { ipv6Groups } from '../transport/ipv6.js';

/** What a certificate is to say. */
export interface CertificateOptions {
  /** The common name; for people, nobody checks it. */
  readonly name: string;
  /** Host names and IP addresses, which clients of `wss://` check. */
  readonly hosts?: readonly string[];
  readonly from: Date;
  readonly until: Date;
  /** Who signs. Default: the certificate itself, which may then sign others too. */
  readonly issuer?: Issuer;
}

/** A certificate that signs others, with its key. */
export interface Issuer {
  readonly certificate: Certificate;
  readonly key: webcrypto.CryptoKey;
}

const { subtle } = webcrypto;
const CURVE = { name: 'ECDSA', namedCurve: 'P-256' } as const;
/** Bits of key usage, the first one on the left: digital signature; and for a CA also the signing of certificates. */
const SIGNS = 0b1000_0000;
const SIGNS_CERTIFICATES = 0b1000_0100;
const SERIAL_OCTETS = 16;

/**
 * Makes a key (EC, P-256) and its certificate, as one PEM text: key, certificate, and the issuer's certificate if there is
 * one. It serves both roles of TLS, since the roles of nodes are drawn by lot.
 */
export async function makeCertificate(options: CertificateOptions): Promise<string> {
  const { name, hosts = [], from, until, issuer } = options;
  const keys = await subtle.generateKey(CURVE, true, ['sign', 'verify']);
  const certificate = new Certificate();
  certificate.version = 2; // counted from 0: X.509 version 3
  certificate.serialNumber = new Integer({ valueHex: serialNumber() });
  certificate.subject.typesAndValues.push(
    new AttributeTypeAndValue({ type: '2.5.4.3', value: new Utf8String({ value: name }) }),
  );
  certificate.issuer = issuer?.certificate.subject ?? certificate.subject;
  certificate.notBefore = timeOf(from);
  certificate.notAfter = timeOf(until);
  await certificate.subjectPublicKeyInfo.importKey(keys.publicKey);
  const ownId = await keyId(certificate);
  const isCa = issuer === undefined;
  certificate.extensions = [
    extension('2.5.29.19', true, new BasicConstraints({ cA: isCa }).toSchema()),
    extension('2.5.29.15', true, new BitString({ valueHex: Uint8Array.of(isCa ? SIGNS_CERTIFICATES : SIGNS).buffer })),
    extension('2.5.29.14', false, ownId),
    extension('2.5.29.35', false, authority(issuer === undefined ? ownId : await keyId(issuer.certificate))),
  ];
  if (hosts.length > 0) {
    certificate.extensions.push(extension('2.5.29.17', false, new AltName({ altNames: hosts.map(generalName) }).toSchema()));
  }
  await certificate.sign(issuer?.key ?? keys.privateKey, 'SHA-256');
  const texts = [
    pem('PRIVATE KEY', await subtle.exportKey('pkcs8', keys.privateKey)),
    pem('CERTIFICATE', certificate.toSchema().toBER()),
  ];
  if (issuer !== undefined) texts.push(pem('CERTIFICATE', issuer.certificate.toSchema().toBER()));
  return texts.join('');
}

/** Reads a CA: a PEM text with its key (EC or RSA) and its certificate first. Throws when they can't sign. */
export async function readIssuer(text: string): Promise<Issuer> {
  const certificate = new X509Certificate(text);
  const key = createPrivateKey(text);
  if (!certificate.ca) throw new Error('its first certificate is no CA');
  if (!certificate.checkPrivateKey(key)) throw new Error('its key is not the key of its first certificate');
  const pkcs8 = key.export({ type: 'pkcs8', format: 'der' });
  return {
    certificate: Certificate.fromBER(certificate.raw),
    key: await subtle.importKey('pkcs8', pkcs8, algorithmOf(key), false, ['sign']),
  };
}

const CURVES: Readonly<Record<string, string>> = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' };

function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): webcrypto.EcKeyImportParams | webcrypto.RsaHashedImportParams {
  if (asymmetricKeyType === 'rsa') return { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  const namedCurve = CURVES[asymmetricKeyDetails?.namedCurve ?? ''];
  if (namedCurve !== undefined) return { name: 'ECDSA', namedCurve };
  throw new Error(`its key is of the kind ${asymmetricKeyType}: expected EC (P-256, P-384, P-521) or RSA`);
}

/** X.509 writes years before 2050 in two digits. */
function timeOf(value: Date): Time {
  return new Time({ type: value.getUTCFullYear() < 2050 ? TimeType.UTCTime : TimeType.GeneralizedTime, value });
}

function extension(extnID: string, critical: boolean, value: BaseBlock): Extension {
  return new Extension({ extnID, critical, extnValue: value.toBER() });
}

/** Positive, and of full length. */
function serialNumber(): ArrayBuffer {
  const octets = webcrypto.getRandomValues(new Uint8Array(SERIAL_OCTETS));
  octets[0] = ((octets[0] ?? 0) & 0x3f) | 0x40;
  return octets.buffer;
}

/** The id by which certificates name a key: the SHA-1 of its bits. It identifies, it protects nothing. */
async function keyId({ subjectPublicKeyInfo }: Certificate): Promise<OctetString> {
  const bits = subjectPublicKeyInfo.subjectPublicKey.valueBlock.valueHexView;
  return new OctetString({ valueHex: await subtle.digest('SHA-1', bits) });
}

function authority(keyIdentifier: OctetString): BaseBlock {
  return new AuthorityKeyIdentifier({ keyIdentifier }).toSchema();
}

const DNS_NAME = 2;
const IP_ADDRESS = 7;

function generalName(host: string): GeneralName {
  if (isIP(host) === 0) return new GeneralName({ type: DNS_NAME, value: host });
  return new GeneralName({ type: IP_ADDRESS, value: new OctetString({ valueHex: ipOctets(host).buffer }) });
}

/** 4 octets, or 16. */
function ipOctets(host: string): Uint8Array<ArrayBuffer> {
  if (isIP(host) === 4) return Uint8Array.from(host.split('.'), Number);
  const groups = ipv6Groups(host) ?? [];
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
}

function pem(label: string, der: ArrayBuffer): string {
  const lines = Buffer.from(der).toString('base64').match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}
