import { firstValueFrom, switchMap, type Observable } from 'rxjs';
import { defaultLimits } from '../../../src/env/limits.js';
import { seededRandom } from '../../../src/testing/random.js';
import { parseAddress } from '../../../src/transport/address.js';
import { authenticate } from '../../../src/transport/authenticate.js';
import { RUN_KEY } from '../../../src/transport/handshake.js';
import type { Link } from '../../../src/transport/link.js';
import type { Transport } from '../../../src/transport/duplex.js';
import { settled } from '../../../src/testing/settled.js';
import { recordedLog, type World } from '../../../marbles/world.js';

/** What a puppet says of itself. */
export interface PuppetOptions {
  readonly id: string;
  /** Its run; without one it looks like AnyEvent::MP. */
  readonly run?: string;
  readonly framings?: readonly string[];
}

let nonces = 0;

/**
 * Connects to a node as another node would, and hands out the bare link: it answers nothing until the test does. Errors
 * when the node refuses it; unsubscribing before that gives up.
 */
export function puppet(world: World, transport: Transport, address: string, options: PuppetOptions): Observable<Link> {
  const { id, run, framings = ['json', 'cbor'] } = options;
  const config = {
    node: id,
    framings,
    secret: 'of these tests',
    acceptCleartext: false,
    acceptCertificate: false,
    acceptAnonymous: false,
    tls: 'none' as const,
    initiator: true,
    nonce: `nonce ${nonces++}`,
    issued: () => false,
    keys: new Map(run === undefined ? [] : [['provider', 'rxmp-puppet'], [RUN_KEY, run]]),
  };
  const env = { clock: world.clock, random: seededRandom(1), log: recordedLog(), limits: defaultLimits };
  const gate = { greeted: () => 'admit' as const, verified: () => undefined };
  return transport.connect(parseAddress(address)).pipe(switchMap((duplex) => authenticate(duplex, config, env, gate)));
}

/** The same, where the answer takes no time. */
export function puppetNow(world: World, transport: Transport, address: string, options: PuppetOptions): Promise<Link> {
  return settled(world.clock, firstValueFrom(puppet(world, transport, address, options)));
}

/** Opens the link and keeps what arrives. */
export function listenTo(link: Link): { readonly messages: unknown[][]; readonly closed: string[] } {
  const messages: unknown[][] = [];
  const closed: string[] = [];
  link.open({
    message: (port, message) => messages.push([port, ...message]),
    takeIn: (decode) => { decode(); },
    closed: (reason) => closed.push(reason),
  });
  return { messages, closed };
}
