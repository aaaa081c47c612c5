import { connectionFailure, type TransportError } from './failure.js';

/** Close codes of a connection that ended as it should: normal, going away, no code given. */
const CLEAN: readonly number[] = [1000, 1001, 1005];

/** What an end that can't break a connection off closes it with instead: browsers. Any code that isn't clean would do. */
export const ABORTED = 4000;

/** Why a WebSocket connection broke; undefined: it ended as it should. */
export function closeFailure(remoteAddress: string, code: number, reason: string): TransportError | undefined {
  if (CLEAN.includes(code)) return undefined;
  if (code === 1006) return connectionFailure(remoteAddress, 'broken off by the other end or the network (1006)');
  return connectionFailure(remoteAddress, `closed with code ${code}${reason === '' ? '' : `: ${reason}`}`);
}
