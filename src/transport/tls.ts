import { constants } from 'node:crypto';
import type { Duplex as Stream } from 'node:stream';
import { connect, createSecureContext, type SecureContext, type SecureContextOptions, type TLSSocket } from 'node:tls';
import { EMPTY, merge, Observable } from 'rxjs';
import { realClock, type Clock } from '../env/clock.js';
import { HandshakeFailed } from '../wire/errors.js';
import { formatAuth } from '../wire/greeting.js';
import type { Duplex } from './duplex.js';
import { connectionFailure, TransportError } from './failure.js';
import { createPacer, HANDSHAKE_PAUSE } from './pacer.js';
import { placeOf } from './place.js';
import type { SecureDuplex, TlsRole, Upgrade } from './secure.js';
import { socketDuplex } from './socket-duplex.js';
import type { OwnCredentials } from './tls-credentials.js';
import { certificateFault, tlsFault } from './tls-failure.js';
import { createTlsListener, type Shaking } from './tls-listener.js';
import { streamOf } from './tls-stream.js';

/** Options of {@link createTlsUpgrade}. */
export interface TlsUpgradeOptions {
  readonly clock?: Clock;
  /** How long a closed connection may make no progress before it is destroyed, in ms; default 5,000. */
  readonly closeTime?: number;
}

/**
 * The keying material that is exported as `binding`. The ciphers of TLS 1.2 are those with ephemeral keys and authenticated
 * encryption; sessions are neither resumed nor renegotiated. Both make `binding` unique to one session.
 */
const BINDING = { label: 'EXPORTER-rxmp', octets: 32 } as const;
const CIPHERS = [
  ...['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'],
  ...['ECDHE+AESGCM', 'ECDHE+CHACHA20'],
].join(':');

/**
 * TLS on a connection that is open already (wire.md §1.3), over any duplex that carries octets. TLS 1.3 and 1.2.
 *
 * Both ends show a certificate, and each verifies that the other's was signed by one of its CAs. Names in certificates are
 * not compared with anything, as in AnyEvent::MP: a node id is no host name. So whoever has a certificate of one of the CAs
 * is a member of the network.
 *
 * Errors with a {@link HandshakeFailed} that says which end did not like which certificate, and why. An end that refuses
 * the other's certificate says so inside of TLS (`refused;...`), since in TLS 1.3 the client is done before the server has
 * seen its certificate.
 */
export function createTlsUpgrade(credentials: OwnCredentials, options: TlsUpgradeOptions = {}): Upgrade {
  const { clock = realClock, closeTime = 5_000 } = options;
  const context: SecureContextOptions = {
    key: credentials.own.key,
    cert: credentials.own.cert,
    ca: [...credentials.ca],
    minVersion: 'TLSv1.2',
    ciphers: CIPHERS,
    secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_COMPRESSION | constants.SSL_OP_NO_RENEGOTIATION,
  };
  const shakeHandsAsServer = createTlsListener(context);
  // made once: it reads all certificates
  let clientContext: SecureContext | undefined;
  const pacer = createPacer(clock, HANDSHAKE_PAUSE);

  const shakeHands = (duplex: Duplex, early: Uint8Array, role: TlsRole): Observable<SecureDuplex> =>
    new Observable((subscriber) => {
      const stream = streamOf(duplex, early);
      let pending = true;
      const fail = (reason: string): void => {
        pending = false;
        subscriber.error(new HandshakeFailed(reason));
      };
      const broken = (error: Error): void => {
        if (pending) fail(tlsFault(error) ?? error.message);
      };
      const shaken = (socket: TLSSocket): void => {
        // Deno has none
        if (!('exportKeyingMaterial' in socket)) {
          fail('the TLS of this platform has no exportKeyingMaterial, to which the proofs of nodes are bound; wss:// needs none');
          stream.destroy();
          return;
        }
        // asked once: Node.js takes it out of the client's chain
        const shown = socket.getPeerX509Certificate();
        const fault = shown === undefined ? 'is missing: it has sent none' : certificateFault(socket, shown);
        if (fault === undefined) {
          pending = false;
          socket.off('error', broken);
          subscriber.next(secureDuplex(socket, stream, duplex, { clock, closeTime }));
          subscriber.complete();
          return;
        }
        const refusal = formatAuth({ method: 'refused', data: `your certificate ${fault}`, framing: '', keys: new Map() });
        socket.resume().end(`${refusal}\n`, () => {
          fail(`the other end's certificate ${fault}`);
        });
      };
      if (role === 'client') shakeHandsAsClient(stream, (clientContext ??= createSecureContext(context)), { shaken, broken });
      else shakeHandsAsServer(stream, { shaken, broken });
      return () => {
        if (pending) stream.destroy();
      };
    });

  return (duplex, early, role) =>
    new Observable((subscriber) =>
      pacer.enter(placeOf(duplex.remoteAddress), () => { subscriber.add(shakeHands(duplex, early, role).subscribe(subscriber)); }),
    );
}

function shakeHandsAsClient(stream: Stream, secureContext: SecureContext, { shaken, broken }: Shaking): void {
  // as the server's side, it accepts any certificate at first
  const socket = connect({ secureContext, socket: stream, rejectUnauthorized: false, checkServerIdentity: () => undefined });
  socket.on('error', broken);
  socket.once('secureConnect', () => {
    shaken(socket);
  });
}

function secureDuplex(
  socket: TLSSocket,
  stream: Stream,
  duplex: Duplex,
  times: { readonly clock: Clock; readonly closeTime: number },
): SecureDuplex {
  const { remoteAddress } = duplex;
  socket.disableRenegotiation();
  // TLS itself may only see that the connection below is gone, not why
  stream.once('error', (error) => socket.destroy(error));
  const binding = Uint8Array.from(socket.exportKeyingMaterial(BINDING.octets, BINDING.label, Buffer.alloc(0)));
  const inner = socketDuplex(socket, {
    ...times,
    remoteAddress,
    failure: (cause) => (cause instanceof TransportError ? cause : connectionFailure(remoteAddress, tlsFault(cause) ?? cause)),
    abort: () => {
      duplex.close(new Error('aborted'));
      socket.destroy();
    },
  });
  return {
    ...inner,
    binding,
    gone$: merge(inner.gone$, duplex.gone$ ?? EMPTY),
    get unsent() {
      return inner.unsent + (duplex.unsent ?? 0);
    },
    close(error, within) {
      if (within !== undefined) {
        const end = times.clock.monotonic() + within;
        // the stream closes the connection below when it is done; that has the rest of the time
        for (const done of ['finish', 'close']) stream.once(done, () => { duplex.close(undefined, Math.max(0, end - times.clock.monotonic())); });
      }
      inner.close(error, within);
    },
  };
}
