import { Observable } from 'rxjs';
import { holdLock } from '../channel/port/life.js';
import type { Hub } from './hub.js';
import type { Bus } from './line.js';
import { busOver, busPair, messagesOf, type MessageTarget } from './bus.js';
import type { Clock } from '../env/clock.js';

/** What is said on the channel of all tabs. */
type Call =
  /** The connection is held by this one: of who holds it, when it begins, and as an answer. */
  | readonly ['hub', string]
  /** A tab asks for that. */
  | readonly ['who']
  /** To this one, a tab wants to share its connection: its name, and a lock that it holds. */
  | readonly ['join', string, string, string];

export interface BroadcastContext {
  /** The same for all tabs that share a connection. */
  readonly name: string;
  readonly clock: Pick<Clock, 'soon'>;
  /** A name of its own, for whatever needs one. */
  unique(): string;
  /** Makes the node that holds the connection; this tab is the one that does. */
  lead(): Hub;
}

const open = (name: string): MessageTarget => {
  const { BroadcastChannel } = globalThis as unknown as { BroadcastChannel: new (name: string) => MessageTarget };
  return new BroadcastChannel(name);
};

/**
 * Tabs without a worker: one of them, which has a lock, holds the connection; when it goes the next one does (A4). Gives a bus to whoever it is, each
 * time that it is another one.
 */
export function broadcastBuses({ name, clock, unique, lead }: BroadcastContext): Observable<Bus> {
  return new Observable((subscriber) => {
    const tab = unique();
    const lock = `${name} tab ${tab}`;
    const all = open(name);
    const say = (...call: Call): void => { all.postMessage(call); };
    let hub: string | undefined;
    let way: MessageTarget | undefined;

    subscriber.add(
      messagesOf(all).subscribe((message) => {
        const [what, who] = message as Call;
        if (what !== 'hub' || who === hub) return;
        follow(who);
        way = open(`${name} ${who} ${tab}`);
        subscriber.next(busOver(way));
        say('join', who, tab, lock);
      }),
    );
    const follow = (next: string): void => {
      hub = next;
      way?.close();
      way = undefined;
    };
    const leading = (id: string, own: Hub): void => {
      follow(id);
      const [here, there] = busPair(clock);
      own.join(there, lock);
      subscriber.next(here);
    };
    const stopBeingHere = holdLock(lock, () => {
      say('who');
      subscriber.add(whenLeader(name, unique, lead, leading));
    });
    subscriber.add(() => {
      stopBeingHere();
      way?.close();
      all.close();
    });
  });
}

/** Waits until this tab is the one that holds the connection, and holds it, until the result is called. */
function whenLeader(name: string, unique: () => string, lead: () => Hub, leading: (id: string, hub: Hub) => void): () => void {
  let end = (): void => undefined;
  const release = holdLock(`${name} leader`, () => {
    const id = unique();
    const hub = lead();
    const all = open(name);
    const ways = new Set<MessageTarget>();
    const announce = (): void => { all.postMessage(['hub', id] satisfies Call); };
    const take = (tab: string, lock: string): void => {
      const way = open(`${name} ${id} ${tab}`);
      ways.add(way);
      hub.join(busOver(way), lock).word$.subscribe({
        complete() {
          ways.delete(way);
          way.close();
        },
      });
    };
    const calls = messagesOf(all).subscribe((message) => {
      const call = message as Call;
      if (call[0] === 'who') announce();
      else if (call[0] === 'join' && call[1] === id) take(call[2], call[3]);
    });
    leading(id, hub);
    announce();
    end = () => {
      hub.close();
      calls.unsubscribe();
      for (const way of ways) way.close();
      all.close();
    };
  });
  return () => {
    end();
    release();
  };
}
