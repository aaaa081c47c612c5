import { catchError, defer, from, map, of, throwError, type Observable } from 'rxjs';
import type { Env } from '../../env/env.js';
import type { Cancel } from '../../env/clock.js';
import { timeOfDay } from '../../env/time-of-day.js';
import { ConnectionFailed } from '../../transport/authenticate.js';
import type { GuestToken } from '../../wire/guest-token.js';
import { printable } from '../../wire/printable.js';
import { CONTROL } from '../core/judge.js';
import { mayWrite } from '../core/holder.js';
import { describeRight, type Right } from '../core/rights.js';
import { Forbidden } from '../../kernel/errors.js';
import type { GuestConfig } from './types.js';

export interface VisitorContext {
  readonly env: Pick<Env, 'clock' | 'log' | 'limits'>;
  readonly config: GuestConfig;
}

/** What the guest's side does with the rest of its node. */
export interface VisitorHost {
  /** Sends to the node port of the gate. */
  send(message: readonly unknown[]): void;
  /** A family is not watched, a question not answered, and keys are not set: whoever waits for them is told. */
  deniedFamily(family: string, error: Forbidden): void;
  deniedQuery(query: string, error: Forbidden): void;
  deniedKeys(family: string, keys: readonly string[]): void;
  /** A call that waits for its answer at this port. */
  deniedCall(reply: string, error: Forbidden): void;
  /** Nobody is to try any more. */
  dismissed(text: string): void;
}

/** Credentials are shown again when this share of their time is left, and this long before their end at most, ms. */
const EARLY_SHARE = 0.2;
const EARLY_TIME = 60_000;
/** What was not renewed is tried again after this time, ms. */
const RETRY_TIME = 5_000;

export type Visitor = ReturnType<typeof createVisitor>;

/** The guest's own side: shows its credentials, again when they are about to end (G7), and knows what it may do. */
export function createVisitor({ env, config }: VisitorContext) {
  const { clock, log, limits } = env;
  let host: VisitorHost | undefined;
  /** Undefined until the gate has told them. */
  let rights: readonly Right[] | undefined;
  let expires: number | undefined;
  let cancelRenewal: Cancel = () => undefined;

  const credentials = (): Observable<string> =>
    defer(() => {
      const given = typeof config.credentials === 'string' ? config.credentials : config.credentials();
      return typeof given === 'string' ? of(given) : from(given);
    }).pipe(
      map((text: unknown) => {
        if (typeof text === 'string' && text.length < limits.guestCredentials) return text;
        throw new TypeError(typeof text === 'string' ? `credentials of ${text.length} characters: limits.guestCredentials is ${limits.guestCredentials}` : `credentials are ${typeof text}: expected a text`);
      }),
      catchError((error: unknown) => throwError(() => new ConnectionFailed(`there are no credentials: ${error instanceof Error ? error.message : String(error)}`, undefined, 'credentials'))),
    );

  const renew = (): void => {
    credentials().subscribe({
      next: (text) => { host?.send([CONTROL, 'renew', text]); },
      error: (error: unknown) => {
        log.warn({ err: error }, error instanceof Error ? error.message : String(error));
        renewIn(RETRY_TIME);
      },
    });
  };
  const renewIn = (ms: number): void => {
    cancelRenewal();
    cancelRenewal = clock.after(ms, renew);
  };

  const admitted = (given: readonly Right[], until: number | undefined): void => {
    rights = given;
    expires = until;
    cancelRenewal();
    if (until === undefined) return;
    const left = until - timeOfDay(clock);
    renewIn(Math.max(0, left - Math.min(EARLY_TIME, left * EARLY_SHARE)));
  };

  const denied = (what: string, right: string | undefined, of: unknown): void => {
    const error = new Forbidden(printable(what), right === undefined ? undefined : printable(right));
    log.warn({ what: error.what, right: error.right }, error.message);
    if (typeof of !== 'object' || of === null) return;
    const { family, keys, query, reply } = of as { readonly family?: unknown; readonly keys?: unknown; readonly query?: unknown; readonly reply?: unknown };
    if (typeof reply === 'string') host?.deniedCall(reply, error);
    else if (typeof query === 'string' || typeof query === 'number') host?.deniedQuery(String(query), error);
    else if (typeof family === 'string' && Array.isArray(keys)) host?.deniedKeys(family, keys.filter((key) => typeof key === 'string'));
    else if (typeof family === 'string') host?.deniedFamily(family, error);
  };

  return {
    /** What is shown at the next handshake. Errors with `ConnectionFailed` where there is nothing. */
    token: (): Observable<GuestToken> => credentials().pipe(map((text) => ({ key: config.key, credentials: text }))),
    /** From now on the node is there. */
    serve(given: VisitorHost): void { host = given; },
    /** Throws {@link Forbidden}; before the gate has told the rights everything may be tried. */
    checkWrite(family: string, key: string): void {
      if (rights === undefined || mayWrite(rights, family, key)) return;
      throw new Forbidden(`to set ${JSON.stringify(key)} in ${JSON.stringify(family)}`, describeRight({ kind: 'write', family, key }));
    },
    /** What the gate has told, for programs. */
    get rights() {
      return rights;
    },
    get expires() {
      return expires;
    },
    requests: {
      knows: (tag: string): boolean => tag === CONTROL,
      handle(_from: string, tag: string, [what, ...args]: readonly unknown[]): boolean {
        if (tag !== CONTROL) return false;
        const [first, second, third] = args;
        if (what === 'admitted' && Array.isArray(first)) admitted(first as readonly Right[], typeof second === 'number' ? second : undefined);
        else if (what === 'forbidden') denied(String(first), typeof second === 'string' ? second : undefined, third);
        else if (what === 'not renewed') {
          log.warn({}, `the gate does not take the new credentials: ${printable(String(first))}`);
          renewIn(RETRY_TIME);
        } else if (what === 'dismissed') {
          const text = printable(String(second));
          log.warn({ code: first }, `the gate has sent this guest away: ${text}`);
          // there is nobody to show others to
          cancelRenewal();
          // with other credentials it may come again
          if (first === 'revoked') host?.dismissed(text);
        }
        return true;
      },
    },
    close(): void {
      cancelRenewal();
    },
  };
}
