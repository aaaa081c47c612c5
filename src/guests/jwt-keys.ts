import type * as Jose from 'jose';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { textOf } from '../wire/octets.js';
import type { JwtCryptoKey, JwtJsonKey, JwtKey } from './jwt-types.js';

/** How keys are found, and what they may be used for. */
export interface JwtKeys {
  readonly find: Jose.JWTVerifyGetKey;
  readonly algorithms: readonly string[];
}

const HMAC = ['HS256', 'HS384', 'HS512'];
const RSA = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];
const CURVES: Readonly<Record<string, readonly string[]>> = { 'P-256': ['ES256'], 'P-384': ['ES384'], 'P-521': ['ES512'], Ed25519: ['EdDSA', 'Ed25519'] };
/** Those of public keys: who can check a signature can't make one. */
export const PUBLIC_ALGORITHMS: readonly string[] = [...RSA, ...Object.values(CURVES).flat()];

/** A secret has to be as long as the shortest of the hashes (RFC 7518, 3.2): who has a token can try shorter ones out. */
const SECRET_OCTETS = 32;

const PEM = /^\s*-----BEGIN ([A-Z0-9 ]+)-----/;

/** Reads a key. Rejects with a TypeError that says what would be right; the key is not in it. */
export async function readKey(jose: typeof Jose, given: JwtKey): Promise<JwtKeys> {
  if (typeof given === 'string') return readText(jose, given);
  if (given instanceof Uint8Array) return readOctets(jose, given);
  if (typeof given !== 'object' || given === null) throw wrong(typeof given);
  if ('algorithm' in given) return { find: () => given, algorithms: algorithmsOf(given) };
  if ('kty' in given) return readJson(jose, given);
  throw wrong(`an object of ${Object.keys(given).join(', ') || 'nothing'}`);
}

/** A public key that is written down must not become a secret: everybody knows it, and could sign with it. */
function readText(jose: typeof Jose, text: string): Promise<JwtKeys> | JwtKeys {
  const [, label] = PEM.exec(text) ?? [];
  if (label !== undefined) return readPem(jose, text.trim(), label);
  if (!/^\s*\{/.test(text)) return readSecret(utf8ToBytes(text));
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw wrong('a text that begins with { and is no JSON');
  }
  return readKey(jose, json as JwtJsonKey);
}

function readOctets(jose: typeof Jose, octets: Uint8Array): Promise<JwtKeys> | JwtKeys {
  const text = textOf(octets) ?? '';
  return PEM.test(text) ? readText(jose, text) : readSecret(octets);
}

function readSecret(octets: Uint8Array): JwtKeys {
  if (octets.length >= SECRET_OCTETS) return { find: () => octets, algorithms: HMAC };
  throw wrong(`a secret of ${octets.length} octets`, `${SECRET_OCTETS} at least, from a random generator`);
}

async function readPem(jose: typeof Jose, text: string, label: string): Promise<JwtKeys> {
  const read = label === 'CERTIFICATE' ? jose.importX509 : jose.importSPKI;
  if (label !== 'CERTIFICATE' && label !== 'PUBLIC KEY') throw wrong(`a PEM text of ${label}`, 'PUBLIC KEY or CERTIFICATE');
  for (const algorithms of [RSA, ...Object.values(CURVES)]) {
    const keys = await Promise.all(algorithms.map((name) => read(text, name))).catch(() => undefined);
    // it is of another kind
    if (keys === undefined) continue;
    return { find: ({ alg }) => keys[algorithms.indexOf(alg)] ?? missing(), algorithms };
  }
  throw wrong(`a PEM text of ${label} that can't be read`, 'RSA, P-256, P-384, P-521 or Ed25519');
}

function readJson(jose: typeof Jose, given: JwtJsonKey): JwtKeys {
  const { kty = '', crv = '', alg, k, d } = given;
  if (d !== undefined) throw wrong('a private key', 'the public one: a gate need not be able to sign');
  if (kty === 'oct') {
    const { algorithms, find } = readSecret(jose.base64url.decode(k ?? ''));
    return { find, algorithms: alg === undefined ? algorithms : [alg] };
  }
  const fitting = kty === 'RSA' ? RSA : CURVES[crv];
  if (fitting === undefined) throw wrong(`a JSON Web Key of ${kty} ${crv}`.trim(), 'oct, RSA, P-256, P-384, P-521 or Ed25519');
  // jose freezes what it is given
  const key = { ...given } as Jose.JWK;
  return { find: () => key, algorithms: alg === undefined ? fitting : [alg] };
}

/** A CryptoKey says itself what it is for. */
function algorithmsOf({ type, algorithm }: JwtCryptoKey): readonly string[] {
  const { name, hash, namedCurve = '' } = algorithm as { name: string; hash?: { name?: string }; namedCurve?: string };
  const bits = hash?.name?.slice(-3) ?? '';
  const found = { HMAC: [`HS${bits}`], 'RSASSA-PKCS1-v1_5': [`RS${bits}`], 'RSA-PSS': [`PS${bits}`], ECDSA: CURVES[namedCurve], Ed25519: CURVES['Ed25519'] }[name];
  if (type === 'private') throw wrong('a private key', 'the public one: a gate need not be able to sign');
  if (found === undefined) throw wrong(`a CryptoKey for ${name}`, 'one for HMAC, RSASSA-PKCS1-v1_5, RSA-PSS, ECDSA or Ed25519');
  return found;
}

function missing(): never {
  throw new TypeError('there is no key for this algorithm');
}

function wrong(got: string, expected = 'a secret (text or octets), or a public key: a PEM text, a JSON Web Key or a CryptoKey'): TypeError {
  return new TypeError(`the option "key" of jwtGuests is ${got}: expected ${expected}`);
}
