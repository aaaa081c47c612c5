import { filter, Observable, take, Subscription } from 'rxjs';
import type { Env } from '../../env/env.js';
import { deadline } from '../../env/time.js';
import type { Peers } from '../../kernel/core/peers.js';
import { isVia, parseAddress } from '../../transport/address.js';
import type { Duplex, Transport } from '../../transport/duplex.js';
import type { Link } from '../../transport/link.js';
import { duplexPair } from '../../transport/pair.js';
import { isGuestId } from '../../wire/guest-token.js';
import { tryAddresses, CONNECT_INTERVAL } from '../../network/attempts.js';
import { createDial } from '../../network/dial.js';
import type { Channels } from '../../network/relay/channels.js';
import { viaDuplex } from '../../network/relay/via.js';
import type { Find } from '../../network/searches.js';

export interface ReachContext {
  readonly env: Env;
  readonly peers: Pick<Peers, 'isUp' | 'want' | 'linkTo'>;
  readonly channels: Pick<Channels, 'to'>;
  /** Nodes that have just been connected. */
  readonly up$: Observable<string>;
  readonly via: Pick<Transport, 'connect'>;
  readonly transports: readonly Transport[];
  readonly find: Find;
  /** Takes the other end of a connection with a guest of this node. */
  guest(node: string): ((duplex: Duplex) => void) | undefined;
}

type Shake = (duplex: Duplex) => Observable<Link>;

/** Makes connections with nodes in the name of guests (G6): through this node's own connection with them, where they are of rxmp. */
export function createReach({ env, peers, channels, up$, via, transports, find, guest }: ReachContext) {
  const { clock, limits } = env;

  /** Both are guests of this node. */
  const inside = (node: string, takeIn: (duplex: Duplex) => void, shake: Shake): Observable<Link> =>
    new Observable((subscriber) => {
      const { left, right } = duplexPair({ clock, addresses: [`via:${node}`, `via:${node}`] });
      // nobody else can read it, so no TLS is put onto it
      for (const end of [left, right]) Object.assign(end, { secure: true });
      clock.soon(() => { takeIn(right); });
      return shake(left).subscribe(subscriber);
    });

  /** Over addresses of its own, or those of the gate of another guest. */
  const direct = (node: string, shake: Shake): Observable<Link> =>
    new Observable((subscriber) => {
      const trying = new Subscription();
      subscriber.add(trying);
      const dial = createDial(env, transports, via, shake);
      trying.add(find(node, (addresses) => {
        const usable = (addresses ?? []).filter((address) => isVia(address) || transports.some(({ schemes }) => schemes.includes(parseAddress(address).scheme)));
        if (usable.length === 0) {
          subscriber.error(new Error(`nobody knows where ${node} is`));
          return;
        }
        trying.add(tryAddresses(node, usable, {
          env,
          dial: (address) => new Observable((attempt) => dial(address).subscribe({
            next(link) {
              attempt.next(link);
              attempt.complete();
              if (link.node === node) {
                subscriber.next(link);
                subscriber.complete();
              } else link.close(`${node} is meant`);
            },
            error: (error: unknown) => { attempt.error(error); },
          })),
          monitorTimeout: limits.handshakeTime,
          connectInterval: CONNECT_INTERVAL,
        }, (reason) => { subscriber.error(new Error(reason)); }));
      }));
    });

  const throughOwn = (node: string, what: readonly unknown[], shake: Shake): Observable<Link> =>
    new Observable((subscriber) => {
      const begin = (): void => {
        const mux = channels.to(node);
        if (mux === undefined) {
          // it is of AnyEvent::MP
          subscriber.add(direct(node, shake).subscribe(subscriber));
          return;
        }
        subscriber.add(mux.open(what, {
          opened(channel) {
            if (subscriber.closed) channel.abort();
            else subscriber.add(shake(viaDuplex(channel, node, clock)).subscribe(subscriber));
          },
          failed: (reason) => { subscriber.error(new Error(reason)); },
        }));
      };
      if (peers.isUp(node) === true) {
        begin();
        return;
      }
      subscriber.add(up$.pipe(filter((up) => up === node), take(1)).subscribe(() => { clock.soon(begin); }));
      subscriber.add(deadline(clock, limits.handshakeTime, () => {
        if (peers.isUp(node) !== true) subscriber.error(new Error(`${node} can't be reached`));
      }));
      peers.want(node);
    });

  return (node: string, what: readonly unknown[], shake: Shake): Observable<Link> => {
    const takeIn = guest(node);
    if (takeIn !== undefined) return inside(node, takeIn, shake);
    return isGuestId(node) ? direct(node, shake) : throughOwn(node, what, shake);
  };
}
