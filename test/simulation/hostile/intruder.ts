import { Subscription, type Observable } from 'rxjs';
import { seededRandom, silentLog } from 'rxmp/testing';
import type { Request } from '../../../src/channel/core/mux.js';
import type { Clock } from '../../../src/env/clock.js';
import { defaultLimits } from '../../../src/env/limits.js';
import { word } from '../../../src/env/random.js';
import { createChannels } from '../../../src/network/relay/channels.js';
import { RELAY } from '../../../src/channel/core/purposes.js';
import { viaDuplex } from '../../../src/network/relay/via.js';
import { parseAddress } from '../../../src/transport/address.js';
import { authenticate, type AuthenticateConfig, type Gate } from '../../../src/transport/authenticate.js';
import type { Duplex, Transport } from '../../../src/transport/duplex.js';
import { RUN_KEY } from '../../../src/transport/handshake.js';
import type { Link } from '../../../src/transport/link.js';
import { GUEST_KEY_LENGTH, guestIdOf, type GuestToken } from '../../../src/wire/guest-token.js';

export type Message = readonly unknown[];

/** What a guest does that has no node: it says whatever it likes, to its gate and through it. */
export interface Intruder {
  readonly id: string;
  /** Whether it is connected with the gate. */
  readonly isIn: boolean;
  /** Comes again, with the same id. */
  enter(): void;
  /** Says something to the gate; false: it is not connected, or has much to say already. */
  say(portName: string, message: Message): boolean;
  /** Says something to another node, through the gate; at first it asks for a way there. False: there is none yet, or enough waits there. */
  sayTo(node: string, portName: string, message: Message): boolean;
  leave(): void;
}

export interface IntruderContext {
  readonly clock: Clock;
  readonly transport: Pick<Transport, 'connect'>;
  readonly address: string;
  readonly gate: string;
  readonly credentials: string;
  readonly seed: number;
  /** Whatever arrives, from a node. */
  heard(from: string, portName: string, message: Message): void;
}

const admitAll: Gate = { greeted: () => 'admit', verified: () => undefined };

/** A guest that knows the whole protocol, and keeps to none of its rules but those of the handshake. */
export function createIntruder({ clock, transport, address, gate, credentials, seed, heard }: IntruderContext): Intruder {
  const random = seededRandom(seed);
  const env = { clock, random, log: silentLog, limits: defaultLimits };
  const token: GuestToken = { key: word(random, GUEST_KEY_LENGTH), credentials };
  const id = guestIdOf(token.key);
  const run = word(random, 10);
  const ways = new Map<string, Link | undefined>();
  let link: Link | undefined;
  let open = new Subscription();

  const usual = (): AuthenticateConfig => ({
    ...{ node: id, framings: ['cbor'], secret: undefined, acceptCleartext: false, acceptCertificate: false, acceptAnonymous: false },
    ...{ tls: 'none' as const, initiator: true, nonce: word(random, 20), issued: () => false },
    keys: new Map([['provider', 'rxmp-intruder'], [RUN_KEY, run]]),
  });
  /** Behind the gate the guest's key is what proves both ends. */
  const shake = (duplex: Duplex, initiator: boolean): Observable<Link> => authenticate(duplex, { ...usual(), secret: token.key, initiator }, env, admitAll);

  const channels = createChannels({
    env,
    peers: { linkTo: () => link, isUp: () => link !== undefined },
    requested: (_, request: Request) => { open.add(shake(viaDuplex(request.accept(), gate, clock), false).subscribe({ next: arrived, error: () => undefined })); },
  });

  /** There is a way to a node. */
  const arrived = (way: Link): void => {
    const { node } = way;
    ways.set(node, way);
    way.open({
      takeIn: (decode) => { decode(); },
      message: (portName, message) => { heard(node, portName, message); },
      closed: () => { if (ways.get(node) === way) ways.delete(node); },
    });
  };

  const answer = (portName: string, message: Message): void => {
    const [tag, ...args] = message;
    if (portName === '' && tag === 'rxmp_channel') channels.receive(gate, args);
    // or it would be taken for dead
    else if (portName === '' && tag === 'snd' && args[0] === gate) link?.send('', args.slice(1));
    else heard(gate, portName, message);
  };

  return {
    id,
    get isIn() {
      return link !== undefined;
    },
    enter() {
      open.unsubscribe();
      open = new Subscription();
      open.add(transport.connect(parseAddress(address)).subscribe({
        next(duplex) {
          open.add(authenticate(duplex, { ...usual(), guest: token }, env, admitAll).subscribe({
            next(made) {
              link = made;
              made.open({
                takeIn: (decode) => { decode(); },
                message: answer,
                closed(reason) {
                  if (link !== made) return;
                  link = undefined;
                  channels.lost(gate, reason);
                },
              });
            },
            error: () => undefined,
          }));
        },
        error: () => undefined,
      }));
    },
    say(portName, message) {
      return link?.send(portName, message) === true;
    },
    sayTo(node, portName, message) {
      const way = ways.get(node);
      if (way !== undefined) return way.send(portName, message);
      const mux = ways.has(node) ? undefined : channels.to(gate);
      if (mux === undefined) return false;
      ways.set(node, undefined);
      mux.open([RELAY, node], {
        opened(channel) { open.add(shake(viaDuplex(channel, gate, clock), true).subscribe({ next: arrived, error: () => ways.delete(node) })); },
        failed: () => { ways.delete(node); },
      });
      return false;
    },
    leave() {
      for (const way of ways.values()) way?.close('it goes');
      link?.close('it goes');
      open.unsubscribe();
      channels.close();
    },
  };
}
