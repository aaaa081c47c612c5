import type * as Jose from 'jose';
import type { GuestsOption } from '../access/gate/types.js';
import { checkTime } from '../env/time.js';
import { isLoopback } from '../transport/loopback.js';
import { PUBLIC_ALGORITHMS, readKey, type JwtKeys } from './jwt-keys.js';
import { refusalOf } from './jwt-reasons.js';
import type { JwtClaims, JwtGuestsOptions } from './jwt-types.js';

/** The type sees to it that none is missing. */
const OPTIONS: Readonly<Record<keyof JwtGuestsOptions, true>> = { jwks: true, key: true, issuer: true, audience: true, algorithms: true, clockTolerance: true, claims: true };

/**
 * The option `guests` of a gate whose guests show JSON Web Tokens. It takes the package `jose`, which is loaded now. Rejects with a TypeError
 * or RangeError for wrong options, and with an Error where `jose` is not installed.
 *
 * @example
 * ```ts
 * import { createNode } from 'rxmp';
 * import { jwtGuests, read, write } from 'rxmp/guests';
 * import { SignJWT } from 'jose';
 * import { filter, firstValueFrom } from 'rxjs';
 *
 * const key = new TextEncoder().encode('of 32 random octets in real life');
 * const guests = await jwtGuests({ key, audience: 'shop', claims: ({ sub = '' }) => ({ may: [read('presence'), write('presence', { key: sub })] }) });
 * const gate = await createNode({ nodeid: 'gate', binds: ['ws://127.0.0.1:0/mp'], guests });
 *
 * // the server that knows the user signs
 * const credentials = () => new SignJWT().setProtectedHeader({ alg: 'HS256' }).setSubject('ada').setAudience('shop').setExpirationTime('10m').sign(key);
 * const page = await createNode({ seeds: gate.addresses, credentials });
 * const [guest] = await firstValueFrom(gate.guests$.pipe(filter((all) => all.length > 0)));
 * console.log(guest?.user); // ada
 * await page.close();
 * await gate.close();
 * ```
 */
export async function jwtGuests(options: JwtGuestsOptions): Promise<GuestsOption> {
  checkOptions(options);
  const jose = await loadJose();
  const { find, algorithms } = await keysOf(jose, options);
  const { claims, issuer, audience, clockTolerance = 0 } = options;
  const conditions = {
    algorithms: chosen(options.algorithms, algorithms),
    clockTolerance: clockTolerance / 1000,
    ...(issuer !== undefined && { issuer: [issuer].flat() }),
    ...(audience !== undefined && { audience: [audience].flat() }),
  };

  return {
    async admit(credentials, visit) {
      const { payload } = await jose.jwtVerify<JwtClaims>(credentials, find, conditions).catch((error: unknown) => { throw refusalOf(error); });
      const given = await claims(payload, visit);
      if (given === undefined) return undefined;
      const { sub, exp } = payload;
      const { user = sub, expires = exp === undefined ? undefined : exp * 1000 + clockTolerance } = given;
      if (typeof user !== 'string' || user === '') throw new Error('the token does not say whose it is');
      return { ...given, user, expires };
    },
  };
}

/** Whoever has no use for tokens need not have it. */
async function loadJose(): Promise<typeof Jose> {
  try {
    return await import('jose');
  } catch (error) {
    throw new Error('jwtGuests needs the package "jose": npm install jose', { cause: error });
  }
}

async function keysOf(jose: typeof Jose, { jwks, key }: JwtGuestsOptions): Promise<JwtKeys> {
  if (key !== undefined) return readKey(jose, key);
  return { find: jose.createRemoteJWKSet(new URL(jwks ?? '')), algorithms: PUBLIC_ALGORITHMS };
}

/** Those that were named, all of which have to fit the key: `none` fits none. */
function chosen(named: readonly string[] | undefined, fitting: readonly string[]): string[] {
  const wrong = named?.find((name) => !fitting.includes(name));
  if (wrong !== undefined) throw new TypeError(`the option "algorithms" of jwtGuests has ${JSON.stringify(wrong)}: expected some of ${fitting.join(', ')}, which its keys are for`);
  return [...(named ?? fitting)];
}

function checkOptions(options: JwtGuestsOptions): void {
  if (typeof options !== 'object' || options === null) throw new TypeError(`the options of jwtGuests are ${typeof options}: expected an object`);
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(OPTIONS, name)) throw new TypeError(`the option "${name}" of jwtGuests is unknown: expected ${Object.keys(OPTIONS).join(', ')}`);
    // a variable of the environment that is not set must not turn a check off
    if (value === undefined) throw new TypeError(`the option "${name}" of jwtGuests is undefined: leave it out, or give it a value`);
  }
  const { jwks, key, claims, clockTolerance } = options;
  if ((jwks === undefined) === (key === undefined)) throw new TypeError('jwtGuests needs one of the options "jwks" and "key"');
  if (typeof claims !== 'function') throw new TypeError(`the option "claims" of jwtGuests is ${typeof claims}: expected a function that says what a guest may do`);
  if (jwks !== undefined) checkUrl(String(jwks));
  for (const name of ['issuer', 'audience', 'algorithms'] as const) {
    if (Object.hasOwn(options, name)) checkTexts(name, options[name]);
  }
  checkTime('clockTolerance', clockTolerance);
}

/** Who could change the keys on their way could sign as anybody. */
function checkUrl(text: string): void {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.host))) return;
  throw new TypeError(`the option "jwks" of jwtGuests is ${JSON.stringify(text)}: expected a URL with https:, or http: of this machine`);
}

function checkTexts(name: string, value: unknown): void {
  const texts: readonly unknown[] = [value].flat();
  if (texts.length > 0 && texts.every((text) => typeof text === 'string' && text !== '')) return;
  throw new TypeError(`the option "${name}" of jwtGuests is ${JSON.stringify(value)}: expected a text, or a list of texts, that are not empty`);
}
