import { defer, Observable, repeat } from 'rxjs';
import { awaitLock, holdLock, locksHere } from '../channel/port/life.js';
import { defaultLimits } from '../env/limits.js';
import { realClock } from '../env/clock.js';
import { cryptoRandom, word } from '../env/random.js';
import { browser } from '../browser-node.js';
import { busOver, messagesOf, type MessageTarget } from './bus.js';
import { createHub, type Hub } from './hub.js';
import type { Bus, HubOptions } from './line.js';

/** What is used of a SharedWorker. */
export interface SharedWorkerLike extends EventTarget {
  readonly port: unknown;
}

const LOCK_LENGTH = 16;

/** The first that a tab says to the worker: what connection it wants, the name of that, and a lock that it holds. */
type Hello = readonly ['hello', HubOptions, string, string];

/** The first that the worker says: a lock that it holds. */
type Lock = readonly ['lock', string];

/** Gives a bus to a SharedWorker, and to another one when it has ended; errors when it can't be started. */
export function workerBuses(start: () => SharedWorkerLike, options: HubOptions, name: string, unique: () => string): Observable<Bus> {
  return defer(() => workerBus(start(), options, name, `${name} tab ${unique()}`)).pipe(repeat());
}

/** Completes when the worker has ended, as far as that can be seen. */
function workerBus(worker: SharedWorkerLike, options: HubOptions, name: string, lock: string): Observable<Bus> {
  return new Observable((subscriber) => {
    const port = worker.port as MessageTarget;
    worker.addEventListener('error', (event) => {
      const { message } = event as Event & { readonly message?: string };
      subscriber.error(new Error(`the SharedWorker of sharedNode() has failed${message ? `: ${message}` : ': is its file there?'}`));
    });
    subscriber.add(messagesOf(port).subscribe((message) => {
      const [what, held] = message as Lock;
      if (what === 'lock') subscriber.add(awaitLock(held, () => { subscriber.complete(); }));
    }));
    const begin = (): void => {
      subscriber.next(busOver(port));
      port.start?.();
      port.postMessage(['hello', options, name, lock] satisfies Hello);
    };
    const stopBeingHere = holdLock(lock, begin);
    if (locksHere() === undefined) begin();
    subscriber.add(() => {
      stopBeingHere();
      port.close();
    });
  });
}

/**
 * What a SharedWorker runs that holds the connection of all tabs (A4): the whole of its file.
 *
 * @example
 * ```ts
 * serveTabs();
 * ```
 */
export function serveTabs(): void {
  const hubs = new Map<string, Hub>();
  const lock = `rxmp worker ${word(cryptoRandom, LOCK_LENGTH)}`;
  // as long as it runs; a tab that asked for it sooner would get it itself
  const held = new Promise<void>((resolve) => { holdLock(lock, resolve); });
  const env = { clock: realClock, limits: defaultLimits, random: cryptoRandom };

  const hubOf = (name: string, options: HubOptions): Hub => {
    const hub = hubs.get(name) ?? createHub(browser, env, options);
    hubs.set(name, hub);
    return hub;
  };

  const greeted = (port: MessageTarget, [, options, name, tabLock]: Hello): void => {
    const hub = hubOf(name, options);
    void held.then(() => { port.postMessage(['lock', lock] satisfies Lock); });
    const tab = hub.join(busOver(port), tabLock);
    port.addEventListener('close', tab.gone);
    tab.word$.subscribe({
      complete() {
        port.close();
        if (hub.size > 0 || hubs.get(name) !== hub) return;
        hubs.delete(name);
        hub.close();
      },
    });
  };

  (globalThis as unknown as EventTarget).addEventListener('connect', (event) => {
    const [port] = (event as Event & { readonly ports: readonly MessageTarget[] }).ports;
    if (port === undefined) return;
    port.addEventListener('message', (message) => { greeted(port, (message as Event & { readonly data: Hello }).data); }, { once: true });
    port.start?.();
  });
}
