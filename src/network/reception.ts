import type { Observable, Subscription } from 'rxjs';
import type { Env } from '../env/env.js';
import type { Address } from '../transport/address.js';
import { ConnectionFailed } from '../transport/authenticate.js';
import type { Duplex, Transport, Visit } from '../transport/duplex.js';
import type { Link } from '../transport/link.js';
import { isLoopback } from '../transport/loopback.js';
import { transportFor } from './dial.js';
import { createDoorkeeper } from './doorkeeper.js';
import { createStrangers } from './strangers.js';

/** What receiving visitors needs of the network. */
export interface ReceptionContext {
  readonly env: Env;
  readonly transports: readonly Transport[];
  /** Nobody is let in without TLS, so that nothing travels in clear. */
  readonly alwaysTls: boolean;
  /** What ends with the network. */
  readonly open: Subscription;
  /** The handshake of a connection that somebody else has made. */
  authenticated(duplex: Duplex): Observable<Link>;
}

/** Listens, and lets in who comes: within the limits, and when he has proved himself. */
export function createReception({ env, transports, alwaysTls, open, authenticated }: ReceptionContext) {
  const { log, limits } = env;
  const doorkeeper = createDoorkeeper(env);
  const strangers = createStrangers(env);

  const enter = (visit: Visit): (() => void) | undefined => {
    const leave = doorkeeper.enter(visit);
    if (typeof leave !== 'string') return leave;
    strangers.refused(visit.remoteAddress, leave);
    return undefined;
  };

  const welcome = (duplex: Duplex, leave: (() => void) | undefined): void => {
    const { remoteAddress } = duplex;
    if (leave === undefined) {
      duplex.close(new Error('too many handshakes'));
      return;
    }
    const handshake = authenticated(duplex).subscribe({ error: (error: unknown) => { report(error, remoteAddress); } });
    handshake.add(() => {
      leave();
      open.remove(handshake);
    });
    open.add(handshake);
  };

  const report = (error: unknown, remoteAddress: string): void => {
    const text = error instanceof Error ? error.message : String(error);
    const failure = error instanceof ConnectionFailed ? error.failure : undefined;
    // simultaneous connections and own seeds are nothing to worry about
    if (failure === 'connected' || failure === 'self') log.debug({ remoteAddress }, text);
    // as load balancers do, to see whether somebody listens
    else if (error instanceof ConnectionFailed && error.silent) log.debug({ remoteAddress }, `connection from ${remoteAddress}: ${text}`);
    else if (failure === 'duplicate') log.error({ remoteAddress }, `refused ${remoteAddress}: ${text}`);
    else strangers.failed(remoteAddress, text);
  };

  const warnOffLoopback = (addresses: readonly string[]): void => {
    const exposed = addresses.filter((address) => !isLoopback(address) && !address.startsWith('wss:'));
    if (exposed.length === 0 || alwaysTls) return;
    log.warn({ addresses: exposed }, `${exposed.join(', ')}: messages travel in clear off this machine; use TLS or a tunnel`);
  };

  return {
    /** Asked for each connection, by transports that ask. */
    enter,
    /** A connection is there; `leave` is what `enter` gave for it. */
    welcome,
    /** Listens, and tells the real addresses, each time that they change; resolves then, or rejects with an error that names the bind. */
    listen(bind: Address, at: (addresses: readonly string[]) => void = () => undefined): Promise<void> {
      let listening = false;
      const listener = {};
      /** A transport that has not asked is asked for nothing more than the connection. */
      const unasked = (duplex: Duplex) =>
        enter({ remoteAddress: duplex.remoteAddress, listener, isCrowded: false, evict: () => { duplex.close(new Error('it makes room for others')); } });
      return new Promise((resolve, reject) => {
        const missed = (error: Error): void => { strangers.missed(bind.text, error.message); };
        open.add(
          transportFor(transports, bind)
            .listen(bind, { connections: limits.connections, enter, failed: strangers.failed, missed })
            .subscribe({
              next: (event) => {
                if (event.kind === 'connection') welcome(event.duplex, event.leave ?? unasked(event.duplex));
                else {
                  listening = true;
                  warnOffLoopback(event.addresses);
                  at(event.addresses);
                  resolve();
                }
              },
              complete: () => {
                at([]);
                log.warn({ bind: bind.text }, `${bind.text} does not listen any more: what it listened on was closed`);
                resolve();
              },
              error: (cause: unknown) => {
                const error = cause instanceof Error ? cause : new Error(String(cause));
                if (listening) log.error({ err: error, bind: bind.text }, `${bind.text} does not listen any more: ${error.message}`);
                at([]);
                reject(error);
              },
            }),
        );
      });
    },
  };
}
