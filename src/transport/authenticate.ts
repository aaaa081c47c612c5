import { Observable, Subject, Subscription, takeUntil, throwIfEmpty } from 'rxjs';
import type { Env } from '../env/env.js';
import { deadline } from '../env/time.js';
import { HandshakeFailed, RxmpError, type HandshakeFailure } from '../wire/errors.js';
import type { Greeting } from '../wire/greeting.js';
import type { GuestToken } from '../wire/guest-token.js';
import { createLineReader } from '../wire/lines.js';
import type { Duplex } from './duplex.js';
import {
  DATA_PROTOCOL,
  greetingLines,
  handshakeStart,
  handshakeStep,
  type Agreement,
  type HandshakeConfig,
  type HandshakeEvent,
  type RefusalCode,
} from './handshake.js';
import type { LinkLimits } from './guest-limits.js';
import { createLink, END_OF_FILE, type Established, type Link } from './link.js';
import { announcesTls } from './methods.js';
import type { TlsRole, Upgrade } from './secure.js';

/** A handshake's configuration, and what puts TLS onto a connection where both ends want that. */
export interface AuthenticateConfig extends HandshakeConfig {
  readonly upgrade?: Upgrade | undefined;
  /** Limits of the new link that are not those of the node. */
  limitsOf?(agreement: Agreement): LinkLimits | undefined;
  /** Goes on with the link that the handshake has agreed on; undefined: it is gone. */
  goOn?(established: Established): Link | undefined;
  /** Takes a connection that is no link, but belongs to a stream. */
  streamConnected?(established: Established): void;
}

export interface Refusal {
  readonly code: RefusalCode;
  readonly text: string;
}

/** Lets peers in. A gate that needs to know first that the peer has the secret answers `hold` and is asked again then. */
export interface Gate {
  greeted(peer: Greeting): 'admit' | 'hold' | Refusal;
  /** `token`: what a guest has shown. */
  verified(peer: Greeting, answer: (verdict: 'admit' | Refusal) => void, token?: GuestToken): void;
}

/** A connection that did not become one, with what its handshake had found out. */
export class ConnectionFailed extends HandshakeFailed {
  /** The id that the other end gave itself, if it got so far. */
  readonly peer: string | undefined;
  /** It has said nothing at all. */
  readonly silent: boolean;
  constructor(message: string, peer?: string, failure?: HandshakeFailure, silent = false) {
    super(message, failure);
    this.peer = peer;
    this.silent = silent;
  }
}

/**
 * Runs the handshake on a duplex while subscribed: emits the link and completes, or closes the duplex and errors with
 * {@link ConnectionFailed}. Unsubscribing before that closes the duplex.
 */
export function authenticate(
  plain: Duplex,
  given: AuthenticateConfig,
  env: Env,
  gate: Gate,
): Observable<Link> {
  return new Observable<Link>((subscriber) => {
    // what a guest shows may be longer than what AnyEvent::MP says
    const lines = createLineReader(given.guests === true ? Math.max(env.limits.handshakeLine, env.limits.guestCredentials) : env.limits.handshakeLine);
    const config: AuthenticateConfig = plain.secure === true ? { ...given, tls: 'outside' } : given;
    /** What the connection is read from and written to: itself, or TLS on it. */
    let duplex = plain;
    let flow = new Subscription();
    let state = handshakeStart;
    let peer: Greeting | undefined;
    let done = false;
    let heard = false;
    const lift = plain.limit?.(env.limits.earlyData);
    const cancelTimer = deadline(env.clock, env.limits.handshakeTime, () => {
      fail(`no complete handshake within ${env.limits.handshakeTime} ms`, 'timeout');
    });

    function fail(reason: string, code?: HandshakeFailure): void {
      state = { phase: 'over' };
      flow.unsubscribe();
      // not abruptly: a refusal that was just written has to leave
      duplex.close();
      subscriber.error(new ConnectionFailed(reason, peer?.node, code, !heard));
    }

    /** From here on the connection is the link's: nothing of the handshake stays in the way of what comes. */
    function finish(agreement: Agreement): void {
      flow.unsubscribe();
      const established: Established = { duplex, early: lines.rest(), agreement, initiator: config.initiator };
      if (isOfStream(agreement.peer, config)) {
        done = true;
        lift?.();
        config.streamConnected?.(established);
        subscriber.complete();
        return;
      }
      const link = agreement.resumed === undefined ? linkOf(established) : config.goOn?.(established);
      if (link === undefined) {
        fail('the link that was to go on is gone', 'forgotten');
        return;
      }
      done = true;
      lift?.();
      subscriber.next(link);
      subscriber.complete();
    }

    function linkOf(established: Established): Link {
      const own = config.limitsOf?.(established.agreement);
      return own === undefined ? createLink(established, env) : createLink(established, { ...env, limits: own.sent }, own.accepted, own.atOnce);
    }

    function step(event: HandshakeEvent): void {
      const next = handshakeStep(config, state, event);
      state = next.state;
      for (const effect of next.effects) {
        switch (effect.kind) {
          case 'send':
            duplex.write(`${effect.line}\n`);
            break;
          case 'secure':
            peer = effect.peer;
            secure(effect.role);
            break;
          case 'greeted': {
            peer = effect.peer;
            const verdict = gate.greeted(peer);
            if (verdict === 'admit') step({ kind: 'admit' });
            else if (verdict !== 'hold') refuse(verdict);
            break;
          }
          case 'verified':
            gate.verified(effect.peer, (verdict) => {
              if (verdict === 'admit') step({ kind: 'admit' });
              else refuse(verdict);
            }, effect.token);
            break;
          case 'done':
            finish(effect.agreement);
            break;
          case 'failed':
            fail(effect.reason, effect.code);
            break;
        }
      }
    }

    function refuse({ code, text }: Refusal): void {
      if (state.phase === 'over') return;
      const next = handshakeStep(config, state, { kind: 'refuse', code, text });
      for (const effect of next.effects) if (effect.kind === 'send') duplex.write(`${effect.line}\n`);
      fail(text, code === 'guest' ? 'refused' : code);
    }

    function receive(chunk: Uint8Array | string): void {
      if (isOver()) return;
      heard = true;
      try {
        lines.push(octetsOf(chunk));
        for (let line = lines.next(); line !== undefined; line = lines.next()) {
          step({ kind: 'line', text: line });
          if (isOver()) return;
          if (isHeld()) {
            // what follows are no lines; it waits in the connection, where it costs nothing
            flow.unsubscribe();
            return;
          }
        }
      } catch (error) {
        if (!(error instanceof RxmpError)) throw error;
        fail(error.message, error instanceof HandshakeFailed ? error.failure : undefined);
      }
    }
    /** The other end's proof is here, ours is held back. */
    const isHeld = (): boolean => state.phase === 'auth' && state.proof !== undefined;
    const isOver = (): boolean => state.phase === 'over';

    function read(): void {
      // not by the subscription: what waits already arrives before there is one
      const stop$ = new Subject<void>();
      const reading = new Subscription(() => {
        stop$.next();
      });
      flow = reading;
      duplex.incoming$.pipe(takeUntil(stop$)).subscribe({
        next: receive,
        error: (error: unknown) => {
          ended(error instanceof Error ? error.message : String(error));
        },
        complete: () => {
          if (!reading.closed) ended(END_OF_FILE);
        },
      });
    }

    /** Puts TLS onto the connection. What has arrived after the two lines is the beginning of it. */
    function secure(role: TlsRole): void {
      const { upgrade } = config;
      if (upgrade === undefined) throw new TypeError('a handshake that announces TLS needs an upgrade');
      flow.unsubscribe();
      const upgrading = new Subscription();
      flow = upgrading;
      const failed = (): Error => new Error('it ended without a word');
      upgrading.add(
        upgrade(plain, lines.rest(), role)
          .pipe(throwIfEmpty(failed))
          .subscribe({
            next: (inTls) => {
              duplex = inTls;
              step({ kind: 'secured', binding: inTls.binding });
              if (!isOver()) read();
            },
            error: (error: unknown) => {
              fail(`TLS failed: ${error instanceof Error ? error.message : String(error)}`, 'tls');
            },
          }),
      );
    }

    // before reading: what the other end has said already is answered at once, and the greeting comes first
    for (const line of greetingLines(config)) duplex.write(`${line}\n`);
    read();
    function ended(reason: string): void {
      if (isOver()) return;
      // who requires TLS hangs up without a word on those who have none
      const wantsMore = config.tls === 'none' && peer !== undefined && announcesTls(peer);
      const hint = wantsMore ? '; it offers TLS, and none is configured here' : '';
      fail(`the connection ended during the handshake: ${reason}${hint}`, wantsMore ? 'tls' : 'ended');
    }

    return () => {
      cancelTimer();
      if (done) return;
      state = { phase: 'over' };
      flow.unsubscribe();
      duplex.close();
    };
  });
}

const isOfStream = (peer: Greeting, { protocol }: HandshakeConfig): boolean => [peer.protocol, protocol].includes(DATA_PROTOCOL);

const encoder = new TextEncoder();

/** A text frame is a line even without its LF. */
function octetsOf(chunk: Uint8Array | string): Uint8Array {
  if (typeof chunk !== 'string') return chunk;
  return encoder.encode(chunk.endsWith('\n') ? chunk : `${chunk}\n`);
}
