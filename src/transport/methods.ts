import { HandshakeFailed } from '../wire/errors.js';
import { formatGuestToken, guestIdOf, parseGuestToken, type GuestToken } from '../wire/guest-token.js';
import { formatAuth, type AuthLine, type Greeting } from '../wire/greeting.js';
import { cleartextProof, hmacProof, rxmpProof, tlsProof, verifyProof, type Transcript } from '../wire/proof.js';

/**
 * How one end can prove itself (wire.md §1.4); `rxmp_sha3_512` is known among rxmp nodes only, as is `rxmp_guest`, by which guests show
 * their credentials to a gate, and the gate proves nothing. What each of them protects is in `docs/security.md`.
 */
export type Method = NodeMethod | 'rxmp_guest';

/** How a node proves itself that is no guest. */
export type NodeMethod = 'rxmp_sha3_512' | 'hmac_sha3_512' | 'tls_sha3_512' | 'tls_anon' | 'cleartext';

/**
 * `none`: this end has no TLS. `offered`: it wants TLS, and goes on without where the other end has none. `required`: it refuses
 * others. `outside`: the transport is encrypted already (`wss://`), and knows nothing of certificates of nodes.
 */
export type TlsMode = 'none' | 'offered' | 'required' | 'outside';

/** What decides on the methods of one end. */
export interface Credentials {
  /** The shared secret; an end that has none can only prove itself by its certificate. */
  readonly secret: string | undefined;
  readonly tls: TlsMode;
  /** Accept a peer that sends the secret itself. AnyEvent::MP does; rxmp only when told to. */
  readonly acceptCleartext: boolean;
  /** Accept a peer that has a good certificate, but not the secret, although there is one. */
  readonly acceptCertificate: boolean;
  /** Accept a peer inside TLS that proves nothing; it is marked as not trusted. */
  readonly acceptAnonymous: boolean;
  /** Other methods are neither accepted nor used. Default: all of them. */
  readonly methods?: readonly NodeMethod[] | undefined;
  /** This end is a gate: it lets guests in. */
  readonly guests?: boolean | undefined;
  /** This end is a guest, shows this, and nothing else. */
  readonly guest?: GuestToken | undefined;
}

/** Whether this end wants to put TLS onto the connection. */
export function wantsTls({ tls }: Pick<Credentials, 'tls'>): boolean {
  return tls === 'offered' || tls === 'required';
}

/** What this end accepts, best first, as its greeting says. */
export function acceptedMethods(own: Credentials): readonly Method[] {
  if (own.guest !== undefined) return ['rxmp_guest'];
  const accepted = nodeMethods(own);
  return own.guests === true ? [...accepted, 'rxmp_guest'] : accepted;
}

function nodeMethods(own: Credentials): readonly NodeMethod[] {
  const hasSecret = own.secret !== undefined;
  const inTls = wantsTls(own);
  const accepted: Readonly<Record<NodeMethod, boolean>> = {
    rxmp_sha3_512: hasSecret,
    hmac_sha3_512: hasSecret,
    // who has set a secret too wants it to be asked for
    tls_sha3_512: inTls && (!hasSecret || own.acceptCertificate),
    tls_anon: inTls && own.acceptAnonymous,
    cleartext: hasSecret && own.acceptCleartext,
  };
  return allowedOf(own, METHODS).filter((method) => accepted[method]);
}

/** All that nodes can be told to use, best first. */
export const METHODS: readonly NodeMethod[] = ['rxmp_sha3_512', 'hmac_sha3_512', 'tls_sha3_512', 'tls_anon', 'cleartext'];

function allowedOf({ methods }: Credentials, names: readonly NodeMethod[]): readonly NodeMethod[] {
  return methods === undefined ? names : names.filter((name) => methods.includes(name));
}

/** What this end can send; never the secret itself, and never nothing. */
function offeredMethods(own: Credentials, secure: boolean): readonly Method[] {
  if (own.guest !== undefined) return ['rxmp_guest'];
  const offered: readonly NodeMethod[] = own.secret === undefined ? [] : ['rxmp_sha3_512', 'hmac_sha3_512'];
  // a proof that this end would not accept is not given away either: somebody could pass it on
  const allowed = allowedOf(own, secure ? [...offered, 'tls_sha3_512'] : offered);
  return own.guests === true ? [...allowed, 'rxmp_guest'] : allowed;
}

/**
 * The method to prove ourselves with: the first one of the other end's list that this end can send, but `rxmp_sha3_512` wherever
 * it stands. Throws {@link HandshakeFailed} when there is none.
 *
 * @param secure the connection is inside TLS
 */
export function chooseMethod(own: Credentials, peer: Greeting, secure: boolean): Method {
  const offered = offeredMethods(own, secure);
  for (const name of peer.auth.includes('rxmp_sha3_512') ? ['rxmp_sha3_512', ...peer.auth] : peer.auth) {
    const method = offered.find((known) => known === name);
    if (method !== undefined) return method;
  }
  const hints = [
    ...(own.secret === undefined ? ['no secret is configured here'] : []),
    ...(own.tls === 'none' && announcesTls(peer) ? ['no TLS is configured here'] : []),
  ];
  throw new HandshakeFailed(
    `no common authentication method: the other end accepts ${list(peer.auth)}, we offer ${[list(offered), ...hints].join(': ')}`,
    'no_common_method',
  );
}

/** The line that proves this end. */
export function proofLine(own: Pick<Credentials, 'secret' | 'guest'>, method: Method, transcript: Transcript): string {
  const { framing, keys } = transcript;
  return formatAuth({ method, data: method === 'rxmp_guest' ? guestData(own) : proofOf(method, own.secret, transcript), framing, keys });
}

/** A gate has nothing to show: who it is has to be clear from the connection (G9). */
const guestData = ({ guest }: Pick<Credentials, 'guest'>): string => (guest === undefined ? '' : formatGuestToken(guest));

/** Whether somebody comes as a guest: such an end knows no other way. */
export const comesAsGuest = ({ auth }: Greeting): boolean => auth.length === 1 && auth[0] === 'rxmp_guest';

/** What a guest has shown; undefined: it came in another way. */
export const shownToken = (method: Method, { data }: AuthLine): GuestToken | undefined => (method === 'rxmp_guest' ? parseGuestToken(data) : undefined);

/** What an authentication line is judged by. */
export interface Evidence {
  readonly line: string;
  readonly auth: AuthLine;
  /** What the other end has to have covered. */
  readonly transcript: Transcript;
}

/** Checks the proof of the other end; gives its method back, or throws {@link HandshakeFailed}. */
export function checkProof(own: Credentials, peer: Greeting, { line, auth, transcript }: Evidence): Method {
  const accepted = acceptedMethods(own);
  const method = accepted.find((name) => name === auth.method);
  if (method === undefined) throw new HandshakeFailed(`authentication method "${auth.method}" is not accepted here`, 'no_common_method');
  if (transcript.binding === undefined && (method === 'tls_sha3_512' || method === 'tls_anon')) {
    throw new HandshakeFailed(`authentication method "${method}" is accepted only inside TLS`);
  }
  if (method === 'rxmp_guest') {
    checkGuest(own, peer, auth);
    return method;
  }
  // by the list that it sent: if somebody has changed that list, no proof fits
  if (method !== 'rxmp_sha3_512' && accepted.includes('rxmp_sha3_512') && peer.auth.includes('rxmp_sha3_512')) {
    throw new HandshakeFailed(`a downgrade: the other end knows rxmp_sha3_512, but its proof is one by ${method}`);
  }
  if (!verifyProof(proofOf(method, own.secret, transcript), auth.data)) throw new HandshakeFailed(MISMATCH[method], method.startsWith('tls_') ? undefined : 'wrong_secret');
  if (method === 'rxmp_sha3_512' && formatAuth(auth) !== line) {
    throw new HandshakeFailed('the authentication line was changed on its way: it is not as rxmp writes it');
  }
  return method;
}

/** Of a gate nothing is expected; a guest has to have the key that its id is made of. */
function checkGuest({ guest }: Credentials, { node }: Greeting, { data }: AuthLine): void {
  if (guest !== undefined) return;
  const token = parseGuestToken(data);
  if (token === undefined) throw new HandshakeFailed('a guest shows <key>:<credentials>', 'refused');
  if (guestIdOf(token.key) !== node) throw new HandshakeFailed(`a guest has shown the key of another guest than ${node}`, 'refused');
}

const CHANGED = 'the handshake was changed on its way';
const MISMATCH: Readonly<Record<NodeMethod, string>> = {
  rxmp_sha3_512: `wrong secret, or ${CHANGED}: the proof does not match`,
  hmac_sha3_512: `wrong secret, or ${CHANGED}: the proof does not match`,
  tls_sha3_512: `${CHANGED}: the other end has seen other greetings`,
  tls_anon: 'tls_anon proves nothing, so nothing may stand there',
  cleartext: 'wrong secret: it is not ours',
};

function proofOf(method: NodeMethod, secret: string | undefined, transcript: Transcript): string {
  const { sender, receiver } = transcript;
  if (method === 'tls_sha3_512') return tlsProof(sender, receiver);
  if (method === 'tls_anon') return '';
  if (secret === undefined) throw new TypeError(`${method} needs a secret`);
  if (method === 'cleartext') return cleartextProof(secret);
  return method === 'hmac_sha3_512' ? hmacProof(secret, sender, receiver) : rxmpProof(secret, transcript);
}

/** The key of a greeting that says: this end can put TLS onto the connection. */
export const TLS_KEY = 'tls';

/** Whether a greeting offers TLS: `tls=1.0`, or a later one that is compatible. */
export function announcesTls(peer: Greeting): boolean {
  return /^1\.\d/.test(peer.keys.get(TLS_KEY) ?? '');
}

/** Names as a person reads them. */
export function list(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.join(', ');
}
