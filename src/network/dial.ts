import { merge, Observable, switchMap, take, throwError } from 'rxjs';
import type { Env } from '../env/env.js';
import { deadline } from '../env/time.js';
import type { Address } from '../transport/address.js';
import type { Duplex, Transport } from '../transport/duplex.js';
import type { Link } from '../transport/link.js';
import { BadAddress } from '../wire/errors.js';

/** Connects to an address and authenticates, while subscribed. */
export type Dial = (address: Address) => Observable<Link>;

/** Finds the transport of an address; throws {@link BadAddress} when there is none. */
export function transportFor(transports: readonly Transport[], address: Address): Transport {
  const found = transports.find((transport) => transport.schemes.includes(address.scheme));
  if (found !== undefined) return found;
  const schemes = new Set(transports.flatMap((transport) => transport.schemes));
  throw new BadAddress(`"${address.text}": no transport for "${address.scheme}" here, only for ${[...schemes].join(', ')}`);
}

export function createDial(
  { clock, limits }: Env,
  transports: readonly Transport[],
  authenticated: (duplex: Duplex) => Observable<Link>,
): Dial {
  /** Errors when nothing has come in time. */
  const tooLate = (address: Address): Observable<never> =>
    new Observable((subscriber) =>
      deadline(clock, limits.handshakeTime, () => { subscriber.error(new Error(`${address.text} did not answer within ${limits.handshakeTime} ms`)); }),
    );
  return (address) => {
    try {
      const connected$ = transportFor(transports, address).connect(address);
      return merge(connected$, tooLate(address)).pipe(take(1), switchMap(authenticated));
    } catch (error) {
      return throwError(() => error);
    }
  };
}
