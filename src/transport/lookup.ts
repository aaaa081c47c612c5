import dns from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { defer, map, Observable } from 'rxjs';
import { addressAt, type Address, type Lookup } from './address.js';
import { lookupFailure } from './failure.js';

/** Asks the system: DNS, `/etc/hosts` and whatever else it knows. */
export const systemLookup: Lookup = (host) =>
  new Promise((resolve, reject) => {
    dns.lookup(host, { all: true }, (error, found) => {
      if (error === null) resolve(found.map(({ address }) => address));
      else reject(error);
    });
  });

/** `resolve` of a {@link Transport} whose hosts have names. */
export function resolveHost(address: Address, lookup: Lookup): Observable<readonly Address[]> | undefined {
  if (isIP(address.host) !== 0) return undefined;
  return new Observable((subscriber) =>
    defer(() => lookup(address.host))
      .pipe(map((ips) => [...new Set(ips)].map((ip) => addressAt(address, checkIp(ip)))))
      .subscribe({
        next: (found) => {
          subscriber.next(found);
          subscriber.complete();
        },
        error: (cause: unknown) => {
          subscriber.error(lookupFailure(address, cause));
        },
      }),
  );
}

function checkIp(ip: string): string {
  if (isIP(ip) === 0) throw new TypeError(`${JSON.stringify(ip)} is no IP address`);
  return ip;
}

/** For `net.connect`: the name was looked up already. */
export function alreadyFound(ip: string): LookupFunction {
  const family = isIP(ip);
  return (_host, { all }, done) => {
    if (all === true) done(null, [{ address: ip, family }]);
    else done(null, ip, family);
  };
}
