import { catchError, EMPTY, map, merge, Observable, switchMap, take, tap, throwError, throwIfEmpty, timer } from 'rxjs';
import type { Env } from '../env/env.js';
import { isVia, parseAddress } from '../transport/address.js';
import { authenticate, type AuthenticateConfig, type Gate } from '../transport/authenticate.js';
import type { Duplex, Transport } from '../transport/duplex.js';
import { DATA_KEY, DATA_PROTOCOL } from '../transport/handshake.js';
import type { Established } from '../transport/link.js';
import { shown } from '../wire/printable.js';
import { createDial } from './dial.js';
import { describe, summary } from './failures.js';

export interface StreamConnectionsContext {
  readonly env: Env;
  readonly transports: readonly Transport[];
  /** The handshake of a connection that this node opens. */
  handshake(duplex: Duplex): Omit<AuthenticateConfig, 'initiator'>;
}

/** Connections of streams go to addresses only: through a relay there is a link already. */
const NO_RELAY: Pick<Transport, 'connect'> = { connect: () => throwError(() => new Error('it is no address')) };

/** A connection for a stream has to be made within this time, ms; otherwise the stream goes through the link. */
const TIME = 2_000;
/** The next address has its turn after this time, ms, even if the last one has not answered. */
const INTERVAL = 250;

/** This node has chosen the other end itself. */
const openGate: Gate = { greeted: () => 'admit', verified: (_, answer) => { answer('admit'); } };

/**
 * Makes a connection for a stream (V15) to one of the addresses of a node, while subscribed: emits it and completes; errors with what was wrong
 * with each address, or when none has answered in time.
 */
export function createStreamConnections({ env, transports, handshake }: StreamConnectionsContext) {
  const { clock } = env;

  const authenticated = (duplex: Duplex, id: string): Observable<Established> =>
    new Observable((subscriber) => {
      // it does not outlive its connection: what was written to it is not kept
      const { keys, resume: _, ...config } = handshake(duplex);
      const streamConnected = (established: Established): void => { subscriber.next(established); };
      const own = { initiator: true, protocol: DATA_PROTOCOL, keys: new Map([...keys, [DATA_KEY, id]]), streamConnected };
      return authenticate(duplex, { ...config, ...own }, env, openGate).subscribe({
        error: (error: unknown) => { subscriber.error(error); },
        complete: () => { subscriber.complete(); },
      });
    });

  return (node: string, addresses: readonly string[], id: string): Observable<Established> => {
    const failures: string[] = [];
    const dial = createDial(env, transports, NO_RELAY, (duplex) => authenticated(duplex, id));
    const isUsable = (address: string): boolean => !isVia(address) && transports.some(({ schemes }) => schemes.includes(schemeOf(address) ?? ''));
    const attempt = (address: string, number: number): Observable<Established> =>
      timer(number * INTERVAL, clock).pipe(
        switchMap(() => dial(parseAddress(address))),
        tap(({ duplex, agreement: { peer } }) => {
          if (peer.node === node) return;
          duplex.close(new Error('another node is meant'));
          throw new Error(`${address} is ${peer.node}, not ${node}`);
        }),
        catchError((error: unknown) => {
          failures.push(describe(shown(address), error));
          return EMPTY;
        }),
      );
    const made$ = merge(...addresses.filter(isUsable).map(attempt)).pipe(throwIfEmpty(() => new Error(summary(failures) || 'none of its addresses can be connected to here')));
    const late$ = timer(TIME, clock).pipe(map(() => { throw new Error(`no answer within ${TIME} ms`); }));
    return merge(made$, late$).pipe(take(1));
  };
}

/** Undefined for what is no address: another node may say anything. */
function schemeOf(address: string): string | undefined {
  try {
    return parseAddress(address).scheme;
  } catch {
    return undefined;
  }
}
