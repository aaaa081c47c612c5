import { merge, Observable, switchMap, take, throwError } from 'rxjs';
import type { Env } from '../env/env.js';
import { deadline } from '../env/time.js';
import type { Address } from '../transport/address.js';
import type { Duplex, Transport } from '../transport/duplex.js';
import type { Link } from '../transport/link.js';
import { BadAddress } from '../wire/errors.js';

/** Connects to an address and authenticates, while subscribed: a new link, or the given one goes on. */
export type Dial = (address: Address, resumes?: Link) => Observable<Link>;

/** Finds the transport of an address; throws {@link BadAddress} when there is none. */
export function transportFor(transports: readonly Transport[], address: Address): Transport {
  const found = transports.find((transport) => transport.schemes.includes(address.scheme));
  if (found !== undefined) return found;
  const schemes = new Set(transports.flatMap((transport) => transport.schemes));
  throw new BadAddress(`"${address.text}": no transport for "${address.scheme}" here, only for ${[...schemes].join(', ')}`);
}

/** Errors when nothing has come within `limits.handshakeTime`. */
function tooLate({ clock, limits: { handshakeTime } }: Env, what: string): Observable<never> {
  return new Observable((subscriber) =>
    deadline(clock, handshakeTime, () => { subscriber.error(new Error(`${what} within ${handshakeTime} ms`)); }),
  );
}

/** `via` is the transport of relays, which nobody configures. */
export function createDial<L = Link>(
  env: Env,
  transports: readonly Transport[],
  via: Pick<Transport, 'connect'>,
  authenticated: (duplex: Duplex, address: Address, resumes: Link | undefined) => Observable<L>,
): (address: Address, resumes?: Link) => Observable<L> {
  return (address, resumes) => {
    try {
      const connected$ = (address.scheme === 'via' ? via : transportFor(transports, address)).connect(address);
      return merge(connected$, tooLate(env, `${address.text} did not answer`)).pipe(take(1), switchMap((duplex) => authenticated(duplex, address, resumes)));
    } catch (error) {
      return throwError(() => error);
    }
  };
}

/** Looks the addresses of a name up, each time that it is subscribed to; undefined: the address is no name. */
export type Resolve = (address: Address) => Observable<readonly Address[]> | undefined;

export function createResolve(env: Env, transports: readonly Transport[]): Resolve {
  return (address) => {
    const found$ = transports.find(({ schemes }) => schemes.includes(address.scheme))?.resolve?.(address);
    return found$ && merge(found$, tooLate(env, `cannot look up ${address.host}: no answer`)).pipe(take(1));
  };
}
