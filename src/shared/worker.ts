import { Observable } from 'rxjs';
import { holdLock, locksHere } from '../channel/port/life.js';
import { defaultLimits } from '../env/limits.js';
import { realClock } from '../env/clock.js';
import { cryptoRandom } from '../env/random.js';
import { browser } from '../browser-node.js';
import { busOver, type MessageTarget } from './bus.js';
import { createHub, type Hub } from './hub.js';
import type { Bus, HubOptions } from './line.js';

/** What is used of a SharedWorker. */
export interface SharedWorkerLike extends EventTarget {
  readonly port: unknown;
}

/** The first that a tab says to the worker: what connection it wants, the name of that, and a lock that it holds. */
type Hello = readonly ['hello', HubOptions, string, string];

/** Gives a bus to a SharedWorker; errors when that can't be started. */
export function workerBuses(start: () => SharedWorkerLike, options: HubOptions, name: string, unique: () => string): Observable<Bus> {
  return new Observable((subscriber) => {
    const worker = start();
    const port = worker.port as MessageTarget;
    const lock = `${name} tab ${unique()}`;
    worker.addEventListener('error', (event) => {
      const { message } = event as Event & { readonly message?: string };
      subscriber.error(new Error(`the SharedWorker of sharedNode() has failed${message ? `: ${message}` : ': is its file there?'}`));
    });
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
 * import { serveTabs } from 'rxmp/shared';
 *
 * serveTabs();
 * ```
 */
export function serveTabs(): void {
  const hubs = new Map<string, Hub>();
  const env = { clock: realClock, limits: defaultLimits, random: cryptoRandom };

  const hubOf = (name: string, options: HubOptions): Hub => {
    const hub = hubs.get(name) ?? createHub(browser, env, options);
    hubs.set(name, hub);
    return hub;
  };

  const greeted = (port: MessageTarget, [, options, name, lock]: Hello): void => {
    const hub = hubOf(name, options);
    const tab = hub.join(busOver(port), lock);
    port.addEventListener('close', () => { tab.end('the tab is gone'); });
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
