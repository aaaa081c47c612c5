import { merge, Subject } from 'rxjs';
import type { Request } from '../channel/core/mux.js';
import type { Connection } from '../connection.js';
import type { Channel } from '../channel/core/channel.js';
import { awaitLock } from '../channel/port/life.js';
import type { Env } from '../env/env.js';
import type { MpNode } from '../mp-node.js';
import type { LifeEvent } from '../network/life/core/life.js';
import { SHARED } from '../channel/core/purposes.js';
import { passOn } from '../network/relay/pass-on.js';
import type { NodeOptions } from '../options.js';
import type { Platform } from '../platform.js';
import { networks, startNode } from '../start-node.js';
import { shown } from '../wire/printable.js';
import { createLine, type Bus, type HubOptions, type Line } from './line.js';

/** A tab as whoever holds the connection sees it. */
export interface JoinedTab extends Pick<Line, 'word$'> {
  /** It is known to be gone. */
  gone(): void;
}

/** A tab that wants a connection and has none yet. */
interface Waiting {
  readonly address: string;
  readonly request: Request;
  /** Those that the tab has to servers. */
  readonly channels: Set<Channel>;
}

/** What comes passes at once: the tab and its node keep their own limits. */
const AT_ONCE = { pass: (_: number, task: () => void): void => { task(); }, close: (): void => undefined };

export type HubEnv = Pick<Env, 'clock' | 'limits' | 'random'>;

export type Hub = ReturnType<typeof createHub>;

/**
 * The node whose connections all tabs share (A4). It has no ports and no families: each connection of a tab is a channel through it, on which the
 * tab shakes hands itself.
 */
export function createHub(platform: Platform, env: HubEnv, options: HubOptions) {
  const life$ = new Subject<LifeEvent>();
  const tabs = new Set<Line>();
  const links = new Set<Connection>();
  const asking = new Map<number, { resolve(text: string): void; reject(error: Error): void; readonly tab: Line }>();
  let waiting: readonly Waiting[] = [];
  let asked = 0;
  let node: MpNode | undefined;
  let isClosed = false;

  /** Whoever is here first has what is wanted. */
  const credentials = (): Promise<string> =>
    new Promise((resolve, reject) => {
      const [tab] = tabs;
      if (tab === undefined) {
        reject(new Error('there is no tab any more that has credentials'));
        return;
      }
      asking.set(++asked, { resolve, reject, tab });
      tab.say('ask', asked);
    });

  const linkFor = (address: string): Connection | undefined => {
    const all = [...links];
    // a guest has one gate at a time, whichever it is
    return all.find(({ remoteAddress }) => remoteAddress === address) ?? (options.isGuest ? all[0] : undefined);
  };

  const pass = ({ address, request, channels }: Waiting): boolean => {
    const link = linkFor(address);
    const mux = link && node && networks.get(node)?.channels.to(link.node);
    if (mux === undefined) return false;
    mux.open([SHARED], {
      opened(far) {
        channels.add(far);
        passOn(request.accept(), far, AT_ONCE, () => { channels.delete(far); });
      },
      failed: request.refuse,
    });
    return true;
  };

  const requested = (request: Request, channels: Set<Channel>): void => {
    const [address] = request.what;
    const wanted = { address: String(address), request, channels };
    if (!options.seeds.includes(wanted.address)) request.refuse(`${shown(wanted.address)} is no seed: only connections with seeds are shared`);
    else if (!pass(wanted)) waiting = [...waiting, wanted];
  };

  const connected = (link: Connection): void => {
    links.add(link);
    link.status$.subscribe({ complete: () => links.delete(link) });
  };

  const reached = (): void => {
    waiting = waiting.filter((one) => !pass(one));
    for (const tab of tabs) tab.say('reachable');
  };

  const refuseAll = (why: string): void => {
    for (const { request } of waiting) request.refuse(why);
    waiting = [];
  };

  const { seeds, secret, isGuest, monitorTimeout, framings } = options;
  const nodeOptions: NodeOptions = { ...env, seeds, monitorTimeout, framings, relay: false, ...(isGuest ? { credentials } : { secret }) };
  startNode({ ...platform, life$: merge(platform.life$ ?? [], life$) }, nodeOptions).then(
    (made) => {
      node = made;
      if (isClosed) void made.close();
      made.connections$.subscribe(connected);
      made.monNodes().subscribe(({ up }) => { if (up) reached(); });
      made.status$.subscribe((now) => {
        if (now.status === 'connecting' && now.nextIn !== undefined) refuseAll(now.why?.text ?? 'there is no connection');
        else if (now.status === 'alone') refuseAll(now.why?.text ?? 'there is nobody to connect with');
      });
    },
    (error: unknown) => { refuseAll(error instanceof Error ? error.message : String(error)); },
  );

  return {
    /** A tab, until it goes: it holds a lock. */
    join(bus: Bus, held: string): JoinedTab {
      const channels = new Set<Channel>();
      const tab = createLine(bus, env, (request) => { requested(request, channels); });
      const gone = (): void => {
        // in order, which tells the server that the tab is gone: it may have had no time for a goodbye
        for (const channel of [...channels]) channel.finish();
        tab.end('the tab is gone');
      };
      tabs.add(tab);
      const stopWatching = awaitLock(held, gone);
      tab.word$.subscribe({
        next([what, number, text]) {
          const question = typeof number === 'number' ? asking.get(number) : undefined;
          if (what === 'awake') life$.next('visible');
          else if (what === 'credentials') question?.resolve(text);
          else if (what === 'no credentials') question?.reject(new Error(text));
          else if (what === 'bye') gone();
          if (typeof number === 'number') asking.delete(number);
        },
        complete() {
          stopWatching();
          tabs.delete(tab);
          for (const [number, question] of asking) if (question.tab === tab) question.reject(new Error(`the tab that was asked (${number}) is gone`));
        },
      });
      tab.say('welcome');
      return { word$: tab.word$, gone };
    },
    get size() {
      return tabs.size;
    },
    close(): void {
      isClosed = true;
      refuseAll('the tab that has the connection goes');
      for (const tab of [...tabs]) tab.end('the tab that has the connection goes');
      void node?.close();
    },
  };
}
