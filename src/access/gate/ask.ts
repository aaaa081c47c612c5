import { createBounded } from '../../env/bounded.js';
import type { Env } from '../../env/env.js';
import { timeOfDay } from '../../env/time-of-day.js';
import { isThenable } from '../../kernel/core/handler.js';
import { kindOf } from '../../wire/message.js';
import { printable, shown } from '../../wire/printable.js';
import { isWellFormed } from '../../wire/well-formed.js';
import { allowanceOf } from '../core/allowance.js';
import { readRights } from '../core/read-rights.js';
import type { Admission, GuestsOption, GuestVisit } from './types.js';

/** Asks who somebody is by his credentials; a text is why he is refused. */
export type Ask = (credentials: string, visit: GuestVisit, answered: (result: Admission | string) => void) => void;

/** Other nodes are told of the user in a greeting, which has to be short. */
const LONGEST_USER = 1_024;

/** Asks the program, and not in the middle of anything; what it says is checked. */
export function createAsk(option: GuestsOption, env: Env): Ask {
  const { log, limits, clock } = env;
  /** Somebody has to see to these; strangers may cause as many as they like. */
  const troubles = createBounded(env);

  const checked = ({ user, may, expires, limits: given }: Admission): Admission => {
    if (typeof user !== 'string' || user === '') throw new TypeError(`admit gave ${kindOf(user)} as the user: expected a text`);
    if (!isWellFormed(user) || encodeURIComponent(user).length > LONGEST_USER) throw new TypeError(`admit gave ${shown(user)} as the user: expected at most ${LONGEST_USER} octets as encodeURIComponent writes them`);
    if (expires !== undefined && !Number.isFinite(expires)) throw new TypeError(`admit gave ${String(expires)} as "expires": expected milliseconds since 1970`);
    allowanceOf(limits, given);
    if (expires !== undefined && expires <= timeOfDay(clock)) throw new Error('the credentials have expired');
    return { user, may: readRights(may), expires, limits: given };
  };

  return (credentials, visit, answered) => {
    const failed = (error: unknown): void => {
      const text = error instanceof Error ? error.message : String(error);
      log.info({ guest: visit.guest, remoteAddress: visit.remoteAddress, err: error }, `${visit.guest} at ${visit.remoteAddress} is not let in: ${printable(text)}`);
      if (isTrouble(error)) troubles((_, others) => { log.warn({ err: error }, `guests can't be judged: ${printable(text)}${others}`); });
      answered(text);
    };
    const decided = (given: Admission | undefined): void => {
      let result: Admission | string;
      try {
        result = given === undefined ? 'these credentials are not accepted' : checked(given);
      } catch (error) {
        failed(error);
        return;
      }
      answered(result);
    };
    clock.soon(() => {
      let given: ReturnType<GuestsOption['admit']>;
      try {
        given = option.admit(credentials, visit);
      } catch (error) {
        failed(error);
        return;
      }
      if (isThenable(given)) given.then(decided, failed);
      else decided(given);
    });
  };
}

/** Whether `admit` has failed rather than refused: a mistake in it, or something behind it that does not answer. */
const isTrouble = (error: unknown): boolean => !(error instanceof Error) || Object.getPrototypeOf(error) !== Error.prototype || error.cause !== undefined;
