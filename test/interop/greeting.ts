import { parseGreeting, type Greeting } from '../../src/wire/greeting.js';
import type { DeviationId } from './deviations.js';
import type { Conversation } from './recorded.js';

/** Those of Perl that a node with a secret, without TLS, accepts too when `cleartext` is allowed. */
const SHARED_METHODS = ['hmac_sha3_512', 'cleartext'];
/** 66 octets in base64. */
const NONCE = /^[A-Za-z0-9+/]{88}$/;

/** A greeting as plain data; what differs from run to run is only checked for its form. */
export function plainGreeting([line = '', nonce = '']: readonly string[]): object {
  const { keys, ...fixed } = parseGreeting(line);
  const plain = Object.fromEntries(keys);
  if (/^\w{10}$/.test(plain['run'] ?? '')) plain['run'] = 'random';
  plain['provider'] = plain['provider']?.replace(/-[\d.]+$/, '-version') ?? '';
  return { ...fixed, ...plain, nonce: NONCE.test(nonce) };
}

/** How rxmp has to greet where Perl greeted so; notes which deviations that takes. */
export function expectedGreeting({ server }: Conversation, peeraddr: string, used: Set<DeviationId>): object {
  const [line = '', nonce = ''] = server;
  const perl: Greeting = parseGreeting(line);
  const auth = ['rxmp_sha3_512', ...perl.auth.filter((name) => SHARED_METHODS.includes(name))];
  const framings = perl.framings.filter((name) => name !== 'storable');
  if (auth.join() !== perl.auth.join()) used.add('greeting-methods');
  if (framings.length < perl.framings.length) used.add('greeting-framings');
  if (perl.keys.get('provider')?.startsWith('AE-')) used.add('greeting-keys');
  const { protocol, version, node } = perl;
  const [mproto, gproto] = [perl.keys.get('mproto'), perl.keys.get('gproto')];
  const own = { provider: 'rxmp-version', run: 'random' };
  return { protocol, version, node, auth, framings, peeraddr, mproto, gproto, ...own, nonce: NONCE.test(nonce) };
}
