import { Observable } from 'rxjs';
import type { Env } from '../env/env.js';
import { deadline } from '../env/time.js';
import { portError } from '../kernel/errors.js';
import type { Port } from '../kernel/port.js';
import type { PortFunctions } from '../kernel/port-functions.js';
import type { PortId } from '../kernel/types.js';
import { createInbox, type Inbox } from '../transport/inbox.js';
import type { Channel } from './channel.js';
import { FederationError } from './core/errors.js';

/** What a port of a link takes. */
type LinkMessage =
  /** The entry has made the other port of the link. */
  | readonly ['linked', port: string]
  /** The packets of one turn. */
  | readonly ['turn', packets: unknown];

/** What the entry of a scope takes: the port of somebody who wants a link. */
type EntryMessage = readonly ['link', port: string];

/** Where others ask for links to a scope. */
export interface Entry {
  readonly port: Port<EntryMessage>;
  /** The links that they get. */
  readonly links$: Observable<Channel>;
}

/** One end of a link between two ports that monitor each other: when one goes, or is lost, the other hears of it (S2). */
function channel(node: PortFunctions, own: Port<LinkMessage>, other: PortId<LinkMessage>, inbox: Inbox<unknown>): Channel {
  const watching = node.mon(other, (...reason) => {
    inbox.end(reason.length === 0 ? undefined : portError(other, reason));
  });
  return {
    incoming$: inbox.incoming$,
    send(packets) {
      node.snd(other, 'turn', packets);
    },
    close(error) {
      watching.unsubscribe();
      if (error === undefined) node.kil(own);
      else node.kil(own, 'federation', error.message);
    },
  };
}

/** Makes the entry of a scope, for at most so many links at a time, and for some only. It lives until its port is killed. */
export function openEntry(node: PortFunctions, most: number, isMeant: (asker: string) => boolean = () => true): Entry {
  const port = node.port<EntryMessage>();
  let count = 0;
  const links$ = new Observable<Channel>((subscriber) => {
    void node.rcv(port, {
      link(asker: unknown) {
        if (typeof asker !== 'string' || !isMeant(asker)) return;
        const other = asker as PortId<LinkMessage>;
        if (count >= most) {
          node.kil(other, 'federation', `there are ${most} links already (limits.scopeLinks)`);
          return;
        }
        count++;
        const inbox = createInbox<unknown>();
        const own = node.rcv(node.port<LinkMessage>(), { turn: (packets) => { inbox.push(packets); } });
        node.mon(own, () => { count--; });
        node.snd(other, 'linked', own.id);
        subscriber.next(channel(node, own, other, inbox));
      },
    });
    subscriber.add(node.mon(port, () => { subscriber.complete(); }));
  });
  return { port, links$ };
}

/**
 * Asks an entry for a link: emits its channel and completes, or errors when the entry is not there, or does not answer
 * within `limits.linkTime`.
 */
export function linkTo(node: PortFunctions, entry: PortId<EntryMessage>, { clock, limits }: Pick<Env, 'clock' | 'limits'>): Observable<Channel> {
  return new Observable((subscriber) => {
    const inbox = createInbox<unknown>();
    let isLinked = false;
    const own = node.port<LinkMessage>();
    // the entry refuses; later, how the link ends is in its status
    node.mon(own, (...reason) => {
      if (!isLinked) subscriber.error(portError(own.id, reason));
    });
    const lost = node.mon(entry, (...reason) => { subscriber.error(portError(entry, reason)); });
    const late = deadline(clock, limits.linkTime, () => {
      subscriber.error(new FederationError('timeout', `it did not answer within ${limits.linkTime} ms (limits.linkTime)`));
    });
    void node.rcv(own, {
      linked(port: unknown) {
        if (isLinked || typeof port !== 'string') return;
        isLinked = true;
        lost.unsubscribe();
        subscriber.next(channel(node, own, port as PortId<LinkMessage>, inbox));
        subscriber.complete();
      },
      turn: (packets) => { inbox.push(packets); },
    });
    node.snd(entry, 'link', own.id);
    return () => {
      late();
      lost.unsubscribe();
      if (!isLinked) node.kil(own);
    };
  });
}
