import { filter, firstValueFrom, merge, Observable } from 'rxjs';
import { browser } from '../browser-node.js';
import { life$ } from '../browser-life.js';
import { locksHere } from '../channel/port/life.js';
import { realClock } from '../env/clock.js';
import { limitsWith } from '../env/limits.js';
import { cryptoRandom, word } from '../env/random.js';
import { deadline } from '../env/time.js';
import type { MpNode } from '../mp-node.js';
import type { NodeOptions } from '../options.js';
import type { Platform } from '../platform.js';
import { startNode } from '../start-node.js';
import { hmacSha3 } from '../wire/hmac.js';
import { shown } from '../wire/printable.js';
import { broadcastBuses } from './broadcast.js';
import { createHub } from './hub.js';
import type { HubOptions } from './line.js';
import { createTab } from './tab.js';
import { workerBuses, type SharedWorkerLike } from './worker.js';

/** Options of {@link sharedNode}: those of `createNode`, but for what is not for pages, and the worker. */
export interface SharedNodeOptions extends Omit<NodeOptions, 'binds' | 'transports' | 'attach' | 'tls' | 'cert' | 'clock'> {
  readonly seeds: readonly string[];
  /**
   * Makes the worker that holds the connection; its file calls {@link serveTabs}, and bundlers find it by this form. Default, and where a browser
   * has no SharedWorker: one of the tabs holds it.
   *
   * @example worker: () => new SharedWorker(new URL('./rxmp.worker', import.meta.url), { type: 'module' })
   */
  readonly worker?: (() => SharedWorkerLike) | undefined;
}

const NAME_LENGTH = 16;
/** How long a worker may take to answer, ms: it loads its file before. */
const START_TIME = 10_000;

/**
 * A node of this tab whose connection is that of all tabs of the site (A4): however many there are, the server sees one WebSocket. The node is one of
 * its own, with its own id and credentials. When the tab that holds the connection goes another one does, and the nodes are back by themselves.
 *
 * Tabs whose seeds, secret, framings or `monitorTimeout` differ don't share. Without SharedWorker and Web Locks (they need `https://` or
 * `localhost`) the node has a connection of its own.
 *
 * Rejects with what `createNode` rejects with, and with an Error when the worker has failed or does not answer within 10 s.
 *
 * @example
 * ```ts
 * const node = await sharedNode({ seeds: ['wss://shop.example/mp'], credentials: () => auth.token(), resumeTime: 15_000 });
 * ```
 */
export async function sharedNode({ worker, ...options }: SharedNodeOptions): Promise<MpNode> {
  check(options);
  const hubOptions = hubOptionsOf(options);
  const name = `rxmp ${digest(JSON.stringify(hubOptions))}`;
  const env = { clock: realClock, random: cryptoRandom, limits: limitsWith(options.limits ?? {}) };
  const unique = (): string => word(cryptoRandom, NAME_LENGTH);
  const isWorker = worker !== undefined && 'SharedWorker' in globalThis;
  if (!isWorker && (locksHere() === undefined || !('BroadcastChannel' in globalThis))) return startNode(browser, options);

  const tab = createTab({
    env,
    life$,
    credentials: options.credentials,
    buses$: isWorker ? workerBuses(worker, hubOptions, name, unique) : broadcastBuses({ name, unique, clock: realClock, lead: () => createHub(inPage, env, hubOptions) }),
  });
  try {
    await firstValueFrom(merge(tab.ready$, tooLate));
    const node = await startNode({ ...browser, life$: tab.life$ }, { ...options, transports: { only: [tab.transport] } });
    tab.follow();
    // which completes when the node is closed
    node.status$.subscribe({ complete: tab.close });
    return node;
  } catch (error) {
    tab.close();
    throw error;
  }
}

/** A tab that goes leaves the shared connection itself, when its own node has said goodbye. */
const inPage: Platform = { ...browser, life$: life$.pipe(filter((event) => event === 'online' || event === 'offline')) };

const tooLate = new Observable<never>((subscriber) =>
  deadline(realClock, START_TIME, () => { subscriber.error(new Error(`the SharedWorker of sharedNode() has not answered within ${START_TIME} ms: expected that its file calls serveTabs() of rxmp/shared`)); }),
);

/** Throws TypeError for what is not for tabs. */
function check(options: Omit<SharedNodeOptions, 'worker'>): void {
  const { seeds, nodeid } = options as Partial<SharedNodeOptions>;
  if (!Array.isArray(seeds) || seeds.length === 0) throw new TypeError('sharedNode() needs the option "seeds": whom all tabs are connected with');
  const other = (['binds', 'transports', 'attach', 'tls', 'cert', 'clock'] as const).find((name) => (options as NodeOptions)[name] !== undefined);
  if (other !== undefined) throw new TypeError(`the option "${other}" is not for sharedNode(), whose tabs share one WebSocket: leave it out`);
  if (nodeid !== undefined && !nodeid.includes('%u') && !nodeid.endsWith('/')) {
    throw new TypeError(`the option "nodeid" is ${shown(nodeid)}, but each tab is a node: expected one with a random part, such as "${nodeid}/%u"`);
  }
}

function hubOptionsOf({ seeds, secret, credentials, monitorTimeout, framings }: SharedNodeOptions): HubOptions {
  return { seeds, secret, isGuest: credentials !== undefined, monitorTimeout, framings };
}

/** A short name for options, in which others can't read the secret. */
function digest(text: string): string {
  const encoder = new TextEncoder();
  return Array.from(hmacSha3(encoder.encode('rxmp shared'), encoder.encode(text)).subarray(0, NAME_LENGTH), (octet) => octet.toString(16).padStart(2, '0')).join('');
}
