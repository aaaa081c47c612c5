import { Observable } from 'rxjs';
import type { Clock } from '../env/clock.js';
import { parseAddress, type Address } from '../transport/address.js';
import { lookupFailure } from '../transport/failure.js';

/** Names that stand for addresses, as DNS has them; what they say may change at any time. */
export function createNames(clock: Clock) {
  const names = new Map<string, readonly string[] | undefined>();
  return {
    /** Undefined: the name is one, but nobody knows it. */
    set(name: string, addresses: readonly string[] | undefined): void {
      names.set(name, addresses);
    },
    /** `resolve` of a transport. The answer comes after `latency` ms, and is what is known then. */
    resolve(address: Address, latency: () => number): Observable<readonly Address[]> | undefined {
      if (!names.has(address.text)) return undefined;
      return new Observable((subscriber) =>
        clock.after(latency(), () => {
          const found = names.get(address.text);
          if (found === undefined) {
            subscriber.error(lookupFailure(address, 'unknown host name'));
            return;
          }
          subscriber.next(found.map(parseAddress));
          subscriber.complete();
        }),
      );
    },
  };
}
