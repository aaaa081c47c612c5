import { ConnectionFailed } from '../transport/authenticate.js';
import { TransportError } from '../transport/failure.js';
import type { HandshakeFailure } from '../wire/errors.js';

/**
 * What is wrong, for programs. Those of {@link HandshakeFailure}, as far as the other end says so; `unreachable`: nobody has answered
 * there, and browsers never tell more; `origin`: a WebSocket server lets nobody in from where this program comes (HTTP 403); `lost`: it was
 * connected, and is no longer; `revoked`: the gate has sent this guest away; `failed`: there is no word for it.
 */
export type TroubleCode = HandshakeFailure | 'unreachable' | 'origin' | 'lost' | 'revoked' | 'failed';

/** Why a seed is not connected. */
export interface Trouble {
  /** For programs, which may have words of their own for it. */
  readonly code: TroubleCode;
  /** For people, in English. */
  readonly text: string;
  /** The address, as it was given; of a name also the address that it stands for. */
  readonly seed: string;
}

/** How it stands with a seed that is not connected. */
export interface Trial {
  /** The number of the attempt that is under way, or comes next, since the seed was connected last. */
  readonly attempt: number;
  /** When that begins, as `clock.monotonic()` has it; undefined: it is under way. */
  readonly nextTry: number | undefined;
  /** Why the last one has failed, or the connection was lost. */
  readonly why: Trouble | undefined;
}

/** What an attempt has failed of. */
export function troubleOf(error: unknown, seed: string): Trouble {
  return { code: codeOf(error), text: error instanceof Error ? error.message : String(error), seed };
}

function codeOf(error: unknown): TroubleCode {
  if (error instanceof ConnectionFailed) return error.failure ?? 'failed';
  return error instanceof TransportError && error.refusesOrigin ? 'origin' : 'unreachable';
}

/** What nobody can wait for: somebody has to put it right. */
const MISTAKES: ReadonlySet<TroubleCode> = new Set(['wrong_secret', 'no_common_method', 'version', 'tls', 'origin', 'duplicate', 'refused', 'credentials']);

/** All seeds as one: the greatest number, the next time, and of what is wrong what somebody has to put right; undefined: there are none. */
export function together(trials: readonly Trial[]): Trial | undefined {
  if (trials.length === 0) return undefined;
  const times = trials.flatMap(({ nextTry }) => nextTry ?? []);
  const troubles = trials.flatMap(({ why }) => why ?? []);
  return {
    attempt: Math.max(...trials.map(({ attempt }) => attempt)),
    nextTry: times.length === trials.length ? Math.min(...times) : undefined,
    why: troubles.find(({ code }) => MISTAKES.has(code)) ?? troubles[0],
  };
}
