import type { Observable, SchedulerLike } from 'rxjs';
import { checkPort, type AttachablePort } from './channel/port/port.js';
import { checkFamily } from './database/core/names.js';
import type { FamilySchemas } from './database/schemas.js';
import { clockOf, realClock } from './env/clock.js';
import type { Env } from './env/env.js';
import { limitsWith, type Limits } from './env/limits.js';
import type { Logger } from './env/log.js';
import { checkTime } from './env/time.js';
import { userLog } from './env/user-log.js';
import type { LifeEvent } from './network/life/core/life.js';
import { cryptoRandom, word, type Random } from './env/random.js';
import type { Service } from './load-services.js';
import type { Platform } from './platform.js';
import { parseAddress, type Address } from './transport/address.js';
import { printableLog } from './printable-log.js';
import type { Transport } from './transport/duplex.js';
import type { Transports } from './transport/node-transports.js';
import { acceptedMethods, list, METHODS, type NodeMethod } from './transport/methods.js';
import type { Upgrade } from './transport/secure.js';
import type { TlsOptions } from './transport/tls-credentials.js';
import { framings } from './wire/framing.js';
import { BadNodeId } from './wire/errors.js';
import { GUEST_KEY_LENGTH, guestIdOf, isGuestLike } from './wire/guest-token.js';
import { checkNodeId } from './wire/node-id.js';
import { shown } from './wire/printable.js';
import type { GuestsOption } from './access/gate/types.js';
import type { CredentialsOption, GuestConfig } from './access/guest/types.js';
import { isLoopback } from './transport/loopback.js';

/** How to make a node; every part may be left out. */
export interface NodeOptions {
  /** `%n` is the host name, `%u` a random text; a trailing `/` gets a random text too. Default: `<profile>/%u`. */
  readonly nodeid?: string | undefined;
  /** Whose settings of the configuration file the node takes, and the first part of the default node id. Default: the host name. */
  readonly profile?: string | undefined;
  /** True: the configuration file is not read (docs/configuration.md). */
  readonly norc?: boolean | undefined;
  /** True: these options win over the configuration file, which else wins over them, as AnyEvent::MP has it. */
  readonly force?: boolean | undefined;
  /**
   * Addresses to listen on: `host:port`, `*:port`, `*`, `ws://host:port`, and `ws://server/path` with `webSocketTransport({ server })`.
   * Default: none, a private node.
   */
  readonly binds?: readonly string[] | undefined;
  /**
   * Addresses of nodes to stay connected with. A host name stands for all addresses that it has, this node's own left out, and is
   * looked up again every `limits.nameTime`, sooner while none is connected (S21); in browsers it is one address.
   */
  readonly seeds?: readonly string[] | undefined;
  /** The shared secret of the network: whoever knows it may do anything to its nodes. */
  readonly secret?: string | undefined;
  /** Starts as a global node, which keeps the database for others. Default: becomes one when others use it as seed. */
  readonly global?: boolean | undefined;
  /** A Standard Schema for the values of a family, by its name: `{ scores: z.number() }`. */
  readonly families?: FamilySchemas | undefined;
  /** Modules to load and the functions in them to call with the node: `./chat.js#start`, or `['./chat.js#start', 'room 7']` with arguments. */
  readonly services?: readonly Service[] | undefined;
  /** pino, or a logger with the same methods. Default: warnings and errors on standard error. */
  readonly log?: Logger | undefined;
  /** Time: any RxJS scheduler, for instance a `VirtualClock` of `rxmp/testing`. Default: real time. */
  readonly clock?: SchedulerLike | undefined;
  /** Chance. Default: the platform's cryptographic generator. */
  readonly random?: Random | undefined;
  /**
   * Ways to reach other nodes. Each replaces the default one (TCP, WebSocket) for its schemes, the others stay, and it takes what its own
   * options don't say from the node: certificates, limits, clock. `{ only: [...] }`: these and no others.
   *
   * @example transports: [webSocketTransport({ origins: ['https://chat.example'] })]
   */
  readonly transports?: Transports | undefined;
  /** Within this time a peer that is gone is noticed, and a connection has to be made, ms. Default: 30,000. */
  readonly monitorTimeout?: number | undefined;
  /**
   * How long a link outlives its connection, ms: when that breaks without a goodbye, what is sent waits, nothing fires, and the end that has
   * connected does so again; the two go on where they were (V9). Both ends have to want it, and the shorter time counts; nodes of AnyEvent::MP
   * never do. Default: 0, a broken connection is a lost node.
   *
   * @example resumeTime: 30_000
   */
  readonly resumeTime?: number | undefined;
  /** Framings to use, the preferred one first. Default: `['rxmp_json', 'json', 'cbor']`. */
  readonly framings?: readonly string[] | undefined;
  /** Accept peers that send the secret itself, as AnyEvent::MP does (wire.md §4). Default: false. */
  readonly acceptCleartext?: boolean | undefined;
  /** Certificate, key and CAs, PEM texts: TLS between nodes, and `wss://` binds. `{ ca }` alone: CAs for `wss://` seeds. */
  readonly tls?: TlsOptions | undefined;
  /** The same as one PEM text with key, certificates and CAs, as AnyEvent::MP has it: `tls: { cert }`. */
  readonly cert?: string | undefined;
  /**
   * With `tls`: accept also connections without TLS, if the peer knows the secret; what they carry can be read and changed on the
   * way. For networks with nodes that have no TLS. Default: false.
   */
  readonly acceptPlain?: boolean | undefined;
  /** With `tls` and `secret`: a good certificate is enough, the secret need not be known too. Default: false. */
  readonly acceptCertificate?: boolean | undefined;
  /**
   * With `tls`: accept peers that have a good certificate and prove nothing else (`tls_anon`); their connections have
   * `trusted: false`. Default: false.
   */
  readonly acceptAnonymous?: boolean | undefined;
  /**
   * The methods by which nodes may prove themselves, this one included. Without `hmac_sha3_512` nobody can pass proofs on between
   * this node and one of AnyEvent::MP, which then can't connect (docs/security.md). Default: all that the other options allow.
   *
   * @example methods: ['rxmp_sha3_512', 'tls_sha3_512']
   */
  readonly methods?: readonly NodeMethod[] | undefined;
  /**
   * Makes this node a gate: it lets in guests, which show credentials in place of the secret, and may do what `admit` says and nothing
   * else (docs/guests.md).
   *
   * @example
   * ```ts
   * import { createNode } from 'rxmp';
   * import { read, send } from 'rxmp/guests';
   *
   * const gate = await createNode({
   *   nodeid: 'gate/1', binds: ['ws://127.0.0.1:0/mp'], secret: 'of the network',
   *   guests: { admit: (credentials) => (credentials === 'ticket 7' ? { user: 'ada', may: [send('gate/1#lobby'), read('rooms:*')] } : undefined) },
   * });
   * gate.guests$.subscribe((guests) => console.log(guests.map(({ user }) => user)));
   * const page = await createNode({ seeds: gate.addresses, credentials: 'ticket 7' });
   * await page.close();
   * await gate.close();
   * ```
   */
  readonly guests?: GuestsOption | undefined;
  /**
   * Comes as a guest to the gate that is its seed, and shows this: a text, or a function that gives one, which is asked again when rights are
   * about to end. No secret is needed. Of several seeds one is connected with at a time. Credentials are sent over `wss://`, to a page's own
   * origin, or to this machine only (G9): other seeds are a TypeError.
   *
   * @example credentials: () => auth.token()
   */
  readonly credentials?: CredentialsOption | undefined;
  /**
   * Addresses to tell others in place of those in `binds`, for nodes behind a proxy or a NAT: `['wss://chat.example/mp']`. They are not looked
   * at here; an empty list: none.
   */
  readonly advertise?: readonly string[] | undefined;
  /**
   * Passes connections on between nodes that are connected with this one and can't reach each other (S23). It can't read what TLS
   * protects, and is told nothing else. Default: true.
   */
  readonly relay?: boolean | undefined;
  /**
   * Ports whose other ends are nodes too, and seeds of this one: `'parent'` is whoever has started this worker (V18). No secret is needed.
   *
   * @example attach: ['parent']
   */
  readonly attach?: readonly (AttachablePort | 'parent')[] | undefined;
  /** Freeze local messages, to find code that changes a message after sending it (S10). Default: false. */
  readonly freezeMessages?: boolean | undefined;
  /** Limits other than the default ones. */
  readonly limits?: Partial<Limits> | undefined;
}

/** Options, checked and completed. */
export interface NodeConfig {
  readonly id: string;
  /** Random for each run of a node. */
  readonly run: string;
  readonly env: Env;
  /** As it was given; `env` has it as the node calls it. */
  readonly log: Logger;
  readonly binds: readonly Address[];
  readonly seeds: readonly Address[];
  readonly secret: string | undefined;
  /** Puts TLS onto a connection; undefined: this node has no TLS. */
  readonly upgrade: Upgrade | undefined;
  readonly global: boolean;
  readonly families: FamilySchemas;
  readonly services: readonly Service[];
  readonly transports: readonly Transport[];
  readonly monitorTimeout: number;
  readonly resumeTime: number;
  readonly framings: readonly string[];
  readonly acceptCleartext: boolean;
  readonly acceptPlain: boolean;
  readonly acceptCertificate: boolean;
  readonly acceptAnonymous: boolean;
  readonly methods: readonly NodeMethod[] | undefined;
  readonly guests: GuestsOption | undefined;
  /** This node is a guest. */
  readonly guest: GuestConfig | undefined;
  readonly freezeMessages: boolean;
  readonly advertise: readonly string[] | undefined;
  readonly relay: boolean;
  readonly life$: Observable<LifeEvent> | undefined;
  readonly attach: readonly (AttachablePort | 'parent')[];
}

/** The type sees to it that none is missing. */
const OPTIONS: Readonly<Record<keyof NodeOptions, true>> = {
  ...{ nodeid: true, profile: true, norc: true, force: true, binds: true, seeds: true, secret: true, global: true, services: true },
  ...{ log: true, clock: true, random: true, transports: true, monitorTimeout: true, framings: true },
  ...{ tls: true, cert: true, acceptPlain: true, acceptCertificate: true, acceptAnonymous: true },
  ...{ methods: true, acceptCleartext: true, freezeMessages: true, limits: true, families: true },
  ...{ advertise: true, relay: true, resumeTime: true, attach: true, guests: true, credentials: true },
};

/** A name that is misspelt would silently do nothing. */
function checkNames(options: NodeOptions): void {
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(OPTIONS, name));
  if (unknown !== undefined) throw new TypeError(`the option "${unknown}" is unknown: expected ${Object.keys(OPTIONS).join(', ')}`);
}

const MONITOR_TIMEOUT = 30_000;
const RANDOM_LENGTH = 10;

/** Checks options; throws `BadNodeId`, `BadAddress` or a TypeError that says what would be right. */
export function configure(options: NodeOptions, platform: Platform): NodeConfig {
  checkNames(options);
  for (const name of ['binds', 'seeds', 'services', 'framings', 'methods', 'advertise', 'attach'] as const) {
    const list: unknown = options[name];
    if (list !== undefined && !Array.isArray(list)) {
      throw new TypeError(`the option "${name}" is ${JSON.stringify(list)}: expected an array of texts`);
    }
  }
  const random = options.random ?? cryptoRandom;
  const guest = guestOf(options, random, platform);
  const clock = options.clock === undefined ? realClock : clockOf(options.clock);
  const env: Env = {
    clock,
    random,
    log: printableLog(options.log === undefined ? platform.log() : userLog(options.log, clock)),
    limits: limitsWith(options.limits ?? {}),
  };
  const binds = (options.binds ?? []).map(parseAddress);
  const upgrade = platform.upgrade(options, env);
  checkAuthentication(options, upgrade !== undefined);
  checkMethods(options, upgrade !== undefined);
  const monitorTimeout = options.monitorTimeout ?? MONITOR_TIMEOUT;
  checkTime('monitorTimeout', monitorTimeout);
  checkTime('resumeTime', options.resumeTime);
  if (!(monitorTimeout > 0)) throw new RangeError(`monitorTimeout is ${monitorTimeout}: expected milliseconds above 0`);
  return {
    id: guest === undefined ? nodeIdOf(options, random, platform.hostName) : guestIdOf(guest.key),
    run: word(random, RANDOM_LENGTH),
    env,
    log: options.log ?? env.log,
    binds,
    seeds: (options.seeds ?? []).map(parseAddress),
    secret: options.secret === '' ? undefined : options.secret,
    global: options.global ?? false,
    families: checkFamilies(options.families ?? {}, env.limits),
    services: options.services ?? [],
    transports: platform.transports(options, env),
    monitorTimeout,
    resumeTime: options.resumeTime ?? 0,
    framings: checkFramings(options.framings ?? [...framings.keys()]),
    upgrade,
    acceptCleartext: options.acceptCleartext ?? false,
    acceptPlain: options.acceptPlain ?? false,
    acceptCertificate: options.acceptCertificate ?? false,
    acceptAnonymous: options.acceptAnonymous ?? false,
    methods: options.methods,
    guests: checkGuests(options),
    guest,
    freezeMessages: options.freezeMessages ?? false,
    advertise: options.advertise?.map((address) => parseAddress(address).text),
    relay: options.relay ?? true,
    life$: platform.life$,
    attach: (options.attach ?? []).map((port) => (port === 'parent' ? port : checkPort(port))),
  };
}

/** Refuses what could let nobody in, and what would silently do nothing. */
function checkAuthentication(options: NodeOptions, hasTls: boolean): void {
  const { binds = [], secret, guests } = options;
  if (binds.length > 0 && !secret && !hasTls && guests === undefined) {
    throw new TypeError(`a node that listens (binds: ${binds.join(', ')}) needs the option "secret", "tls" or "guests"`);
  }
  const encrypted = binds.find((bind) => /^wss:/i.test(bind));
  if (encrypted !== undefined && !secret && guests === undefined) {
    throw new TypeError(`a node that listens on ${encrypted} needs the option "secret" or "guests": clients of wss:// show no certificate`);
  }
  const useless = (['acceptPlain', 'acceptCertificate', 'acceptAnonymous'] as const).find((name) => options[name] && !hasTls);
  if (useless !== undefined) throw new TypeError(`the option "${useless}" means nothing without "tls"`);
  if (options.acceptPlain && !secret) {
    throw new TypeError('the option "acceptPlain" needs "secret": without TLS there is nothing else to prove oneself with');
  }
}

/** Refuses methods that there are not, and lists that could let nobody in. */
function checkMethods(options: NodeOptions, hasTls: boolean): void {
  const { methods, secret, acceptCleartext = false, acceptCertificate = false, acceptAnonymous = false } = options;
  if (methods === undefined) return;
  const unknown: unknown = methods.find((name) => !METHODS.includes(name));
  if (unknown !== undefined) {
    throw new TypeError(`the option "methods" has ${JSON.stringify(unknown)}: expected some of ${list(METHODS)}`);
  }
  const own = { secret: secret === '' ? undefined : secret, acceptCleartext, acceptCertificate, acceptAnonymous };
  if (acceptedMethods({ ...own, methods, tls: hasTls ? 'required' : 'none' }).length > 0) return;
  throw new TypeError(`the option "methods" (${list(methods)}) leaves no method that the options "secret", "tls" and "accept..." allow`);
}

/** Undefined: this node is no guest. */
function guestOf(options: NodeOptions, random: Random, platform: Platform): GuestConfig | undefined {
  const { credentials, seeds = [], attach = [] } = options;
  if (credentials === undefined) return undefined;
  if (typeof credentials !== 'string' && typeof credentials !== 'function') {
    throw new TypeError(`the option "credentials" is ${typeof credentials}: expected a text, or a function that gives one`);
  }
  const other = (['secret', 'binds', 'global', 'guests', 'nodeid', 'advertise', 'tls', 'cert'] as const).find((name) => options[name] !== undefined);
  if (other !== undefined) throw new TypeError(`the option "${other}" is not for guests, which have "credentials"`);
  if ((seeds.length === 0) === (attach.length === 0)) throw new TypeError('the option "credentials" needs "seeds" or "attach": the gate to show them to');
  const unsafe = seeds.find((seed) => !/^wss:/i.test(seed) && !isLoopback(seed) && platform.isOwnOrigin?.(seed) !== true);
  if (unsafe !== undefined) throw new TypeError(`credentials are not sent to ${unsafe}, where others could read them: expected wss://, or the page's own origin (G9)`);
  return { key: word(random, GUEST_KEY_LENGTH), credentials };
}

function checkGuests({ guests }: NodeOptions): GuestsOption | undefined {
  if (guests === undefined) return undefined;
  if (typeof (guests as Partial<GuestsOption> | null)?.admit === 'function') return guests;
  throw new TypeError('the option "guests" has no function "admit", which says who a guest is and what it may do');
}

function nodeIdOf(options: NodeOptions, random: Random, hostName: () => string): string {
  const pattern = options.nodeid ?? `${options.profile ?? '%n'}/%u`;
  const unique = (): string => word(random, RANDOM_LENGTH);
  const id = pattern.replace(/%n/g, hostName).replace(/%u/g, unique);
  if (isGuestLike(id)) throw new BadNodeId(`the node id ${shown(id)} is one of guests: expected another beginning than "guest:"`);
  return checkNodeId(id.endsWith('/') ? id + unique() : id);
}

function checkFamilies(schemas: FamilySchemas, limits: Limits): FamilySchemas {
  for (const [family, schema] of Object.entries(schemas)) {
    checkFamily(family, limits);
    const { validate } = (schema as Partial<typeof schema> | undefined)?.['~standard'] ?? {};
    if (typeof validate !== 'function') throw new TypeError(`the option "families" has no Standard Schema for "${family}"`);
  }
  return schemas;
}

function checkFramings(names: readonly string[]): readonly string[] {
  const unknown = names.find((name) => !framings.has(name));
  if (unknown === undefined && names.length > 0) return names;
  throw new TypeError(`framing "${unknown ?? ''}" is unknown: expected ${[...framings.keys()].join(', ')}`);
}
