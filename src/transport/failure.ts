import { RxmpError } from '../wire/errors.js';
import type { Address } from './address.js';

/** What went wrong with listening, connecting, or a connection, in words; `cause` is what the platform said. */
export class TransportError extends RxmpError {
  readonly code = 'TRANSPORT_ERROR';
  override get name(): string { return 'TransportError'; }
  /** A WebSocket server lets nobody in who comes from where this program does: HTTP 403. Browsers do not tell. */
  readonly refusesOrigin: boolean;
  constructor(message: string, { refusesOrigin = false, ...options }: ErrorOptions & { readonly refusesOrigin?: boolean } = {}) {
    super(message, options);
    this.refusesOrigin = refusesOrigin;
  }
}

const WORDS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EADDRINUSE: 'address already in use',
  EADDRNOTAVAIL: 'not an address of this machine',
  EAI_AGAIN: 'the name server does not answer',
  ECONNABORTED: 'connection aborted',
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'reset by the other end',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  ENOTFOUND: 'unknown host name',
  EPIPE: 'the other end has closed',
  ETIMEDOUT: 'timed out',
};

/** Why a bind can't be served; names the bind. */
export function listenFailure(bind: Address, cause: unknown): TransportError {
  return new TransportError(`cannot listen on ${bind.text}: ${reasonOf(cause)}`, { cause });
}

/** Why the addresses of a host are not known; names the host. */
export function lookupFailure({ host }: Address, cause: unknown): TransportError {
  return new TransportError(`cannot look up ${host}: ${reasonOf(cause)}`, { cause });
}

/** Why an address can't be reached; names the address. */
export function connectFailure(address: Address, cause: unknown, refusesOrigin = false): TransportError {
  return new TransportError(`cannot connect to ${address.text}: ${reasonOf(cause)}`, { cause, refusesOrigin });
}

/** Why an open connection broke; names the other end. */
export function connectionFailure(remoteAddress: string, cause: unknown): TransportError {
  return new TransportError(`connection with ${remoteAddress} failed: ${reasonOf(cause)}`, { cause });
}

/** `permission denied (EACCES)`, or what the error says of itself. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  const words = Object.hasOwn(WORDS, code) ? WORDS[code] : undefined;
  if (words !== undefined) return `${words} (${code})`;
  return cause.message || code || cause.name;
}
