import type { FamilyChange, MpNode, PortId } from 'rxmp';
import { supervise } from 'rxmp/operators';
import {
  distinctUntilChanged,
  map,
  Observable,
  of,
  repeat,
  startWith,
  switchMap,
  timer,
  type OperatorFunction,
} from 'rxjs';
import { JOIN, NODES, SERVERS, type Client, type ClientRequest, type Request } from './protocol.js';

/** Sends a request to the server. */
export type Send = (...request: Request) => void;

/**
 * Joins the chat while subscribed: gives what sends requests each time it has asked a server to let it in, and undefined
 * each time there is none or it is lost. Unsubscribing leaves.
 */
export type Form = (node: MpNode, me: Client, nick: string) => Observable<Send | undefined>;

/** How long to wait before a lost server is asked again, if it stays in the family, ms. */
const PAUSE = 1_000;

/** The key that was listed first, as its server says: so that all clients agree in which of several rooms they are. */
function oldest<P extends string>(): OperatorFunction<FamilyChange<number>, P | undefined> {
  return (changes$) =>
    changes$.pipe(
      map(({ family }) => [...family].sort(([a, m], [b, n]) => m - n || (a < b ? -1 : 1))[0]?.[0] as P | undefined),
      distinctUntilChanged(),
    );
}

/** First form: requests go to the one port of the server, each with the port of this client. */
const byPort: Form = (node, me, nick) => {
  const join = (server: PortId<ClientRequest>): Observable<Send | undefined> =>
    new Observable((subscriber) => {
      const send = (...[tag, ...args]: Request): void => {
        node.snd(server, ...([tag, me, ...args] as ClientRequest));
      };
      node.snd(server, 'join', me, nick);
      subscriber.next(send);
      const monitor = node.mon(server, () => {
        subscriber.next(undefined);
        subscriber.complete();
      });
      return () => {
        if (monitor.closed) return;
        monitor.unsubscribe();
        send('leave');
      };
    });
  return node.dbMon<number>(SERVERS).pipe(
    oldest<PortId<ClientRequest>>(),
    switchMap((server) => (server ? join(server).pipe(repeat({ delay: () => timer(PAUSE, node.clock) })) : of(undefined))),
  );
};

/** Second form: a port of ours at the server's node is the connection; it is spawned anew when it is lost. */
const bySpawn: Form = (node, me, nick) =>
  node.dbMon<number>(NODES).pipe(
    oldest(),
    switchMap((server) =>
      server === undefined
        ? of(undefined)
        : of(server).pipe(
            supervise<Request>(node, JOIN, { data: [me, nick], restarts: Infinity, delay: PAUSE }),
            switchMap((connection) => {
              const send: Send = (...request) => void node.snd(connection, ...request);
              return node.mon(connection).pipe(map(() => undefined), startWith(send));
            }),
          ),
    ),
  );

export const FORMS = { port: byPort, spawn: bySpawn };
