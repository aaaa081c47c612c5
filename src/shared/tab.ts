import { BehaviorSubject, filter, merge, Observable, Subject, Subscription, switchMap, take, throwError } from 'rxjs';
import { channelDuplex } from '../channel/duplex.js';
import type { Request } from '../channel/core/mux.js';
import type { CredentialsOption } from '../access/guest/types.js';
import type { Env } from '../env/env.js';
import type { LifeEvent } from '../network/life/core/life.js';
import type { Address } from '../transport/address.js';
import type { Duplex, Transport } from '../transport/duplex.js';
import { connectFailure } from '../transport/failure.js';
import { BadAddress } from '../wire/errors.js';
import { createLine, type Bus, type Line, type Word } from './line.js';

export interface TabContext {
  readonly env: Pick<Env, 'clock' | 'limits'>;
  /** Buses to whoever holds the connection, one after the other; errors when there can't be one. Unsubscribing leaves. */
  readonly buses$: Observable<Bus>;
  readonly credentials: CredentialsOption | undefined;
  /** What the browser tells of this page. */
  readonly life$: Observable<LifeEvent>;
}

export type Tab = ReturnType<typeof createTab>;

/** How long a shared connection that is closed may make no progress, ms, as over TCP. */
const CLOSE_TIME = 5_000;
/** In so many tasks that were put off a little a goodbye gets from the node of a tab into the socket of the same page: the channels at each end of the line, and the line, take one each. */
const STEPS = 6;

/** A tab's end of the connection that all share: its node connects through it, as if it were a WebSocket (A4). */
export function createTab({ env, buses$, credentials, life$ }: TabContext) {
  const { clock } = env;
  /** That is listened to at the other end. */
  const ready$ = new BehaviorSubject<Line | undefined>(undefined);
  const reachable$ = new Subject<LifeEvent>();
  const failed$ = new Subject<never>();
  let line: Line | undefined;
  let joined = new Subscription();

  const answer = (to: Line, number: number): void => {
    Promise.resolve()
      .then(() => {
        if (credentials === undefined) throw new Error('this tab has no credentials');
        return typeof credentials === 'function' ? credentials() : credentials;
      })
      .then(
        (text) => { to.say('credentials', number, text); },
        (error: unknown) => { to.say('no credentials', number, error instanceof Error ? error.message : String(error)); },
      );
  };

  const heard = (from: Line, word: Word): void => {
    switch (word[0]) {
      case 'welcome':
        ready$.next(from);
        break;
      case 'ask':
        answer(from, word[1]);
        break;
      case 'reachable':
        reachable$.next('reachable');
        break;
    }
  };

  const endLine = (): void => {
    ready$.next(undefined);
    line?.end('the tab that had the connection is gone');
    line = undefined;
  };

  const met = (bus: Bus): void => {
    endLine();
    const next = createLine(bus, env, (request: Request) => { request.refuse('a tab takes nobody in'); });
    line = next;
    next.word$.subscribe((word) => { heard(next, word); });
  };

  const join = (): void => {
    joined = buses$.subscribe({ next: met, error: (error: unknown) => { failed$.error(error); } });
  };
  const leave = (): void => {
    line?.say('bye');
    joined.unsubscribe();
    endLine();
  };

  const afterSteps = (steps: number, task: () => void): void => { clock.soon(() => { if (steps > 1) afterSteps(steps - 1, task); else task(); }); };

  let isHere = true;
  const told = (event: LifeEvent): void => {
    if (event === 'hide' || event === 'freeze') {
      isHere = false;
      // what the node says at last goes first
      afterSteps(STEPS, () => { if (!isHere) leave(); });
    } else if (!isHere && event !== 'online' && event !== 'offline') {
      isHere = true;
      leave();
      join();
    } else if (event === 'visible' || event === 'online') line?.say('awake');
  };
  const living = new Subscription();

  const connect = (address: Address): Observable<Duplex> =>
    ready$.pipe(
      filter((now) => now !== undefined),
      take(1),
      switchMap((now) => new Observable<Duplex>((subscriber) => now.open([address.text], {
        opened(channel) {
          subscriber.next(channelDuplex(channel, { clock, closeTime: CLOSE_TIME, remoteAddress: address.text, secure: address.scheme === 'wss' }));
          subscriber.complete();
        },
        failed: (reason) => { subscriber.error(connectFailure(address, reason)); },
      }))),
    );

  const transport: Transport = {
    schemes: ['ws', 'wss'],
    listen: ({ text }) => throwError(() => new BadAddress(`cannot listen on ${text}: browsers only connect, so leave "binds" out`)),
    connect,
  };

  join();
  return {
    transport,
    /** What the node of the tab is told. */
    life$: merge(life$, reachable$),
    /** Begins to follow the life of the page: after the node, which has something to say before. */
    follow(): void { living.add(life$.subscribe(told)); },
    /** Once somebody holds the connection; errors when nobody can. */
    ready$: merge(ready$.pipe(filter((now) => now !== undefined), take(1)), failed$).pipe(take(1)),
    close(): void {
      living.unsubscribe();
      leave();
    },
  };
}
