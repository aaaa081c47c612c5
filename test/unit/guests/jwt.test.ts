import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as jose from 'jose';
import { createNode } from 'rxmp';
import { jwtGuests, send, type GuestVisit, type JwtGuestsOptions } from 'rxmp/guests';
import { silentLog } from 'rxmp/testing';
import { filter, firstValueFrom, map } from 'rxjs';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

const SECRET = 'a secret of thirty-two octets...';
const AT = Date.parse('2030-01-01T00:00:00Z');
const visit: GuestVisit = { guest: 'guest:AAAAAAAAAAAAAAAAAAAAAAAA', remoteAddress: '127.0.0.1:1', origin: undefined };
const may = [send('gate#lobby')];
const claims = () => ({ may });

type Key = jose.CryptoKey | Uint8Array;
interface Pair { readonly publicKey: jose.CryptoKey; readonly privateKey: jose.CryptoKey }
let rsa: Pair;
let ec: Pair;

beforeAll(async () => {
  [rsa, ec] = await Promise.all([jose.generateKeyPair('RS256', { extractable: true }), jose.generateKeyPair('ES256', { extractable: true })]);
});
afterEach(() => vi.useRealTimers());

const octets = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A token of Ada for the shop, which ends in ten minutes. */
function token(alg: string, key: Key, own: jose.JWTPayload = {}, header: object = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return new jose.SignJWT({ sub: 'ada', aud: 'shop', iss: 'https://login.example', exp: now + 600, ...own }).setProtectedHeader({ alg, ...header }).sign(key);
}

/** What a guest is told that shows a token; undefined: it is let in. */
async function refusal(options: Omit<JwtGuestsOptions, 'claims'>, shown: string): Promise<string | undefined> {
  const { admit } = await jwtGuests({ claims, ...options });
  try {
    await admit(shown, visit);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

describe('jwtGuests', () => {
  it('lets in who shows a good token, as its subject and until it ends', async () => {
    const { admit } = await jwtGuests({ key: SECRET, audience: 'shop', issuer: ['https://login.example', 'https://other.example'], claims });
    const exp = Math.floor(Date.now() / 1000) + 60;
    expect(await admit(await token('HS256', octets(SECRET), { exp }), visit)).toEqual({ user: 'ada', may, expires: exp * 1000 });
    expect(await admit(await new jose.SignJWT({ sub: 'bob', aud: ['shop'], iss: 'https://other.example' }).setProtectedHeader({ alg: 'HS512' }).sign(octets(SECRET)), visit)).toEqual({ user: 'bob', may, expires: undefined });
  });

  it('asks the program what the guest may do', async () => {
    const asked: unknown[] = [];
    const { admit } = await jwtGuests({
      key: SECRET,
      async claims(payload, from) {
        asked.push([payload['role'], from.remoteAddress]);
        if (payload['role'] === 'banned') throw new Error('you are banned');
        return payload['role'] === 'clerk' ? { user: `clerk ${payload.sub ?? ''}`, expires: 5, may: [], limits: { ports: 7 } } : undefined;
      },
    });
    const of = async (role: string) => admit(await token('HS256', octets(SECRET), { role }), visit);
    expect(await of('clerk')).toEqual({ user: 'clerk ada', expires: 5, may: [], limits: { ports: 7 } });
    expect(await of('nobody')).toBeUndefined();
    await expect(of('banned')).rejects.toThrow('you are banned');
    expect(asked).toEqual(['clerk', 'nobody', 'banned'].map((role) => [role, '127.0.0.1:1']));
  });

  it('refuses a token without a user', async () => {
    const { sub: _, ...nobody } = jose.decodeJwt(await token('HS256', octets(SECRET)));
    const unsigned = new jose.SignJWT(nobody).setProtectedHeader({ alg: 'HS256' });
    expect(await refusal({ key: SECRET }, await unsigned.sign(octets(SECRET)))).toBe('the token does not say whose it is');
    expect(await refusal({ key: SECRET }, await token('HS256', octets(SECRET), { sub: '' }))).toBe('the token does not say whose it is');
  });

  it('tells in a few words what is wrong with a token', async () => {
    const options = { key: SECRET, audience: 'shop', issuer: 'https://login.example' };
    const now = Math.floor(Date.now() / 1000);
    const of = async (own: jose.JWTPayload, secret = SECRET) => refusal(options, await token('HS256', octets(secret), own));
    expect(await of({})).toBeUndefined();
    expect(await of({ exp: now - 1 })).toBe('the token has expired');
    expect(await of({}, 'another secret of thirty-two octets')).toBe("the token's signature is wrong");
    expect(await of({ aud: 'bank' })).toBe('the token is for another audience');
    expect(await of({ iss: 'https://evil.example' })).toBe('the token is of another issuer');
    expect(await of({ nbf: now + 60 })).toBe('the token is not valid yet');
    for (const text of ['', 'hello', 'a.b.c', '..', `${'A'.repeat(9_000)}.b.c`]) expect(await refusal(options, text)).toBe('this is no token');
    const [head = '', , signature = ''] = (await token('HS256', octets(SECRET))).split('.');
    expect(await refusal(options, `${head}.${jose.base64url.encode('{"sub":"root","aud":"shop"}')}.${signature}`)).toBe("the token's signature is wrong");
  });

  it('tells nothing of what the token says, and keeps it out of the error', async () => {
    const { admit } = await jwtGuests({ key: SECRET, claims, audience: 'the inner name of the shop' });
    const error: unknown = await Promise.resolve(admit(await token('HS256', octets(SECRET), { email: 'ada@home.example' }), visit)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Error);
    expect(Object.keys(error as object)).toEqual([]);
    expect((error as Error).cause).toBeUndefined();
  });

  it('bears clocks that differ, and the rights last as long as the token is taken', async () => {
    const exp = Math.floor(Date.now() / 1000) - 3;
    const late = await token('HS256', octets(SECRET), { exp });
    expect(await refusal({ key: SECRET }, late)).toBe('the token has expired');
    const { admit } = await jwtGuests({ key: SECRET, clockTolerance: 60_000, claims });
    expect(await admit(late, visit)).toMatchObject({ expires: exp * 1000 + 60_000 });
  });
});

describe('algorithms of jwtGuests', () => {
  it('"none" is never accepted', async () => {
    const unsigned = new jose.UnsecuredJWT({ sub: 'ada' }).encode();
    const pem = await jose.exportSPKI(rsa.publicKey);
    for (const key of [SECRET, pem, rsa.publicKey]) expect(await refusal({ key }, unsigned)).toBe("the token's algorithm is not accepted");
    const { sub } = jose.decodeJwt(unsigned);
    const noNone = [{ alg: 'none' }, { alg: 'NONE' }, { alg: '' }, {}].map((header) => `${jose.base64url.encode(JSON.stringify(header))}.${jose.base64url.encode(JSON.stringify({ sub }))}.`);
    for (const text of noNone) expect(await refusal({ key: SECRET }, text)).toMatch(/^(the token's algorithm is not accepted|this is no token)$/);
    await expect(jwtGuests({ key: SECRET, algorithms: ['none'], claims })).rejects.toThrow('the option "algorithms" of jwtGuests has "none": expected some of HS256, HS384, HS512');
  });

  it('a public key is no secret: who has it can sign nothing with it', async () => {
    const pem = await jose.exportSPKI(rsa.publicKey);
    const jwk = await jose.exportJWK(rsa.publicKey);
    const forged = [pem, pem.trim(), JSON.stringify(jwk), jwk.n!].map((text) => token('HS256', octets(text)));
    for (const shown of await Promise.all(forged)) {
      for (const key of [pem, octets(pem), `\n${pem}`, jwk, JSON.stringify(jwk), rsa.publicKey]) {
        expect(await refusal({ key }, shown)).toBe("the token's algorithm is not accepted");
      }
    }
    await expect(jwtGuests({ key: pem, algorithms: ['RS256', 'HS256'], claims })).rejects.toThrow('has "HS256": expected some of RS256,');
  });

  it.each(['RS256', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'])('%s: by a PEM text, a JSON Web Key and a CryptoKey', async (alg) => {
    const pair = await jose.generateKeyPair(alg, { extractable: true });
    const keys = [await jose.exportSPKI(pair.publicKey), await jose.exportJWK(pair.publicKey), pair.publicKey];
    const own = await token(alg, pair.privateKey);
    const other = await token(alg, (await jose.generateKeyPair(alg)).privateKey);
    for (const key of keys) {
      expect(await refusal({ key }, own)).toBeUndefined();
      expect(await refusal({ key, algorithms: [alg] }, own)).toBeUndefined();
      expect(await refusal({ key }, other)).toBe("the token's signature is wrong");
      expect(await refusal({ key }, await token('HS256', octets(SECRET)))).toBe("the token's algorithm is not accepted");
    }
  });

  it('those that are named are the only ones', async () => {
    const pem = await jose.exportSPKI(rsa.publicKey);
    expect(await refusal({ key: pem, algorithms: ['PS256'] }, await token('RS256', rsa.privateKey))).toBe("the token's algorithm is not accepted");
    expect(await refusal({ key: { ...(await jose.exportJWK(rsa.publicKey)), alg: 'RS512' } }, await token('RS256', rsa.privateKey))).toBe("the token's algorithm is not accepted");
  });

  it('a key of another kind, and one that is too short, are errors that do not show it', async () => {
    const privatePem = await jose.exportPKCS8(rsa.privateKey);
    const wrong: [JwtGuestsOptions['key'], string][] = [
      ['hush', 'is a secret of 4 octets: expected 32 at least'],
      [octets('hush'), 'is a secret of 4 octets: expected 32 at least'],
      [{ kty: 'oct', k: 'aHVzaA' }, 'is a secret of 4 octets: expected 32 at least'],
      [privatePem, 'is a PEM text of PRIVATE KEY: expected PUBLIC KEY or CERTIFICATE'],
      ['-----BEGIN PUBLIC KEY-----\nnonsense\n-----END PUBLIC KEY-----', "is a PEM text of PUBLIC KEY that can't be read: expected RSA, P-256"],
      [await jose.exportJWK(ec.privateKey), 'is a private key: expected the public one'],
      [ec.privateKey, 'is a private key: expected the public one'],
      [{ kty: 'EC', crv: 'secp256k1' }, 'is a JSON Web Key of EC secp256k1: expected oct, RSA, P-256'],
      [(await jose.generateKeyPair('RSA-OAEP')).publicKey, 'is a CryptoKey for RSA-OAEP: expected one for HMAC'],
      ['{ no JSON', 'is a text that begins with { and is no JSON: expected a secret'],
      [{ kid: '7' } as never, 'is an object of kid: expected a secret'],
      [5 as never, 'is number: expected a secret'],
      [null as never, 'is object: expected a secret'],
    ];
    for (const [key, text] of wrong) {
      const error: unknown = await jwtGuests({ key: key!, claims }).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(TypeError);
      expect((error as Error).message).toContain(`the option "key" of jwtGuests ${text}`);
    }
  });
});

/** A server of keys that can be exchanged. */
async function startIssuer(): Promise<{ readonly url: string; keys: object[]; status: number; asked: number; [Symbol.asyncDispose](): Promise<void> }> {
  const issuer = { url: '', keys: [] as object[], status: 200, asked: 0, [Symbol.asyncDispose]: () => closed(server) };
  const server = createServer((_, response) => {
    issuer.asked++;
    response.writeHead(issuer.status, { 'content-type': 'application/json' }).end(JSON.stringify({ keys: issuer.keys }));
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  issuer.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`;
  return issuer;
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => { server.close(() => { resolve(); }); });
}

describe('jwtGuests with the keys of an issuer', () => {
  const published = async (pair: Pair, kid: string) => ({ ...(await jose.exportJWK(pair.publicKey)), kid });

  it('fetches them when they are needed, keeps them, and finds new ones', async () => {
    vi.useFakeTimers({ now: AT, toFake: ['Date'] });
    await using issuer = await startIssuer();
    issuer.keys = [await published(rsa, 'old')];
    const { admit } = await jwtGuests({ jwks: issuer.url, audience: 'shop', claims });
    expect(issuer.asked).toBe(0);
    const old = () => token('RS256', rsa.privateKey, {}, { kid: 'old' });
    const young = () => token('ES256', ec.privateKey, {}, { kid: 'new' });
    for (let i = 0; i < 3; i++) expect(await admit(await old(), visit)).toMatchObject({ user: 'ada' });
    expect(issuer.asked).toBe(1);

    issuer.keys = [await published(ec, 'new')];
    // who makes up keys must not make the gate ask all the time
    await expect(admit(await young(), visit)).rejects.toThrow("the token's key is not known");
    expect(issuer.asked).toBe(1);
    vi.setSystemTime(AT + 31_000);
    expect(await admit(await young(), visit)).toMatchObject({ user: 'ada' });
    expect(issuer.asked).toBe(2);
    await expect(admit(await old(), visit)).rejects.toThrow("the token's key is not known");
    await expect(admit(await token('ES256', (await jose.generateKeyPair('ES256')).privateKey, {}, { kid: 'new' }), visit)).rejects.toThrow("the token's signature is wrong");
    await expect(admit(await token('HS256', octets(SECRET), {}, { kid: 'new' }), visit)).rejects.toThrow("the token's algorithm is not accepted");
  });

  it('says which key is meant, where there are several', async () => {
    await using issuer = await startIssuer();
    issuer.keys = [await published(rsa, 'one'), await published(await jose.generateKeyPair('RS256', { extractable: true }), 'two')];
    expect(await refusal({ jwks: issuer.url }, await token('RS256', rsa.privateKey))).toBe('the token does not say which key it is signed with');
  });

  it('does not tell a guest what is wrong with the issuer; the log has it', async () => {
    await using issuer = await startIssuer();
    issuer.status = 500;
    const { admit } = await jwtGuests({ jwks: new URL(issuer.url), claims });
    const shown = await token('RS256', rsa.privateKey, {}, { kid: 'one' });
    await expect(admit(shown, visit)).rejects.toMatchObject({ message: 'the token could not be checked', cause: { message: expect.stringContaining('200 OK') } });
    issuer.status = 200;
    issuer.keys = [await published(rsa, 'one')];
    expect(await admit(shown, visit)).toMatchObject({ user: 'ada' });
  });
});

describe('options of jwtGuests', () => {
  const wrong: [string, object, string][] = [
    ['neither key nor jwks', {}, 'jwtGuests needs one of the options "jwks" and "key"'],
    ['both', { key: SECRET, jwks: 'https://login.example/jwks' }, 'jwtGuests needs one of the options "jwks" and "key"'],
    ['a misspelt one', { key: SECRET, audiance: 'shop' }, 'the option "audiance" of jwtGuests is unknown: expected jwks, key, issuer'],
    ['a variable that is not set', { key: SECRET, audience: undefined }, 'the option "audience" of jwtGuests is undefined: leave it out'],
    ['an empty audience', { key: SECRET, audience: '' }, 'the option "audience" of jwtGuests is "": expected a text'],
    ['no issuer in the list', { key: SECRET, issuer: [] }, 'the option "issuer" of jwtGuests is []: expected a text'],
    ['no claims', { key: SECRET, claims: 'all' }, 'the option "claims" of jwtGuests is string: expected a function'],
    ['keys that others could change', { jwks: 'http://login.example/jwks' }, 'the option "jwks" of jwtGuests is "http://login.example/jwks": expected a URL with https:'],
    ['no URL', { jwks: 'jwks' }, 'the option "jwks" of jwtGuests is "jwks": expected a URL'],
    ['an algorithm that no key is for', { jwks: 'https://login.example/jwks', algorithms: ['HS256'] }, 'the option "algorithms" of jwtGuests has "HS256"'],
    ['a time that is none', { key: SECRET, clockTolerance: -1 }, 'clockTolerance is -1: expected milliseconds'],
  ];
  it.each(wrong)('%s: an error that says what would be right', async (_, options, text) => {
    await expect(jwtGuests({ claims, ...options })).rejects.toThrow(text);
  });

  it('a package that is missing is named', async () => {
    vi.resetModules();
    vi.doMock('jose', () => { throw new Error("Cannot find package 'jose'"); });
    try {
      const entry = await import('../../../src/guests/index.js');
      expect(entry.send('gate#lobby')).toEqual(may[0]);
      await expect(entry.jwtGuests({ key: SECRET, claims })).rejects.toThrow('jwtGuests needs the package "jose": npm install jose');
    } finally {
      vi.doUnmock('jose');
      vi.resetModules();
    }
  });
});

describe('G7: a gate with jwtGuests', () => {
  it('lets guests in by their tokens, and says to others what is wrong', async () => {
    const guests = await jwtGuests({ key: SECRET, audience: 'shop', claims: ({ sub = '' }) => ({ may: [send(`gate#${sub}`)] }) });
    await using gate = await createNode({ nodeid: 'gate', binds: ['ws://127.0.0.1:0/mp'], guests, log: silentLog });
    const shown = await token('HS256', octets(SECRET));
    await using page = await createNode({ seeds: gate.addresses, credentials: shown, log: silentLog });
    await using stranger = await createNode({ seeds: gate.addresses, credentials: () => token('HS256', octets(SECRET), { aud: 'bank' }), log: silentLog });
    const told = firstValueFrom(stranger.status$.pipe(map((now) => ('why' in now ? now.why : undefined)), filter((why) => why?.code === 'refused')));
    const [one] = await firstValueFrom(gate.guests$.pipe(filter((all) => all.length > 0)));
    expect(one).toMatchObject({ id: page.id, user: 'ada', may: [send('gate#ada')], expires: jose.decodeJwt(shown).exp! * 1000 });
    expect(await told).toMatchObject({ text: expect.stringContaining('the token is for another audience') });
  });
});
