import { concat, defer, from, lastValueFrom, of } from 'rxjs';
import type { House } from './access/gate/house.js';
import type { GuestsOption } from './access/gate/types.js';
import { guestOf } from './access/guest-of.js';
import type { Visitor } from './access/guest/visitor.js';
import { loadServices } from './load-services.js';
import { connectionOf, type Connection } from './connection.js';
import { createDatabase, type Database } from './database/database.js';
import { createNodeScope, type NodeScope, type NodeScopeOptions } from './federation/node.js';
import type { Tagged } from './federation/pattern.js';
import { createBroadcast } from './env/broadcast.js';
import { abortable, reasonOf, signalOf, type SignalOptions } from './env/signal.js';
import { checkTime } from './env/time.js';
import type { NodeChange } from './kernel/core/peers.js';
import { createPortFunctions } from './kernel/functions.js';
import { createKernel } from './kernel/kernel.js';
import type { PortRef } from './kernel/types.js';
import { portOf } from './kernel/local-port.js';
import { owned } from './kernel/owned.js';
import { logged, logUnhandledDeaths } from './kernel/unhandled.js';
import type { CloseOptions, MpNode } from './mp-node.js';
import { createNodeStatus } from './node-status.js';
import { CONNECT_INTERVAL } from './network/attempts.js';
import { transportFor } from './network/dial.js';
import { createNetwork, type Network } from './network/network.js';
import { warnOfWeakSecret } from './network/weak-secret.js';
import { configure, type NodeConfig, type NodeOptions } from './options.js';
import type { Platform } from './platform.js';
import type { AuthenticateConfig } from './transport/authenticate.js';
import { RUN_KEY } from './transport/handshake.js';
import { createStreams } from './stream/streams.js';
import type { Link } from './transport/link.js';
import { keptSize } from './transport/resumption.js';
import type { TlsMode } from './transport/methods.js';
import { nodeOf, portIdOf } from './wire/portid.js';
import { VERSION } from './version.js';
import { createWorkerFunctions, type WorkerFunctions } from './workers/functions.js';

/** What carries the connections of nodes, for those that share it (A4). */
export const networks = new WeakMap<MpNode, Network>();

/** Makes a node as `createNode` does, on a platform. */
export async function startNode(platform: Platform, options: NodeOptions): Promise<MpNode> {
  const config = configure(options, platform);
  for (const address of [...config.binds, ...config.seeds]) transportFor(config.transports, address);
  logUnhandledDeaths(platform.log);
  warnOfWeakSecret(config.secret, [...config.binds, ...config.seeds], config.env.log);
  const visitor = config.guest === undefined ? undefined : (await import('./access/guest/visitor.js')).createVisitor({ env: config.env, config: config.guest });
  const { node, network, database, workers, admitGuests } = assemble(config, platform, visitor);
  networks.set(node, network);
  try {
    if (config.guests !== undefined) await admitGuests(config.guests);
    await workers.start(config.attach);
    await listen(config, { node, network, database });
    database.start(config.advertise ?? node.addresses, config.global);
    network.start();
    await loadServices(node, config.services, platform.moduleOf);
    return node;
  } catch (error) {
    await node.close();
    throw error;
  }
}

/** How long what was sent may take to leave when a node is closed, where nobody says it, ms. */
const CLOSE_TIME = 5_000;

interface Assembled {
  readonly node: MpNode & { readonly addresses: string[] };
  readonly network: Network;
  readonly database: Database;
  readonly workers: WorkerFunctions;
  /** Makes the node a gate; what that takes is loaded now. */
  admitGuests(option: GuestsOption): Promise<void>;
}

/** Listens at all binds, and keeps the addresses of the node: those of a server that somebody else makes listen come and go. */
async function listen({ binds, advertise }: NodeConfig, { node, network, database }: Pick<Assembled, 'node' | 'network' | 'database'>): Promise<void> {
  const found = binds.map((): readonly string[] => []);
  let isStarted = false;
  const at = (index: number, addresses: readonly string[]): void => {
    found[index] = addresses;
    node.addresses.splice(0, Infinity, ...found.flat());
    if (isStarted && advertise === undefined) database.setAddresses(node.addresses);
  };
  await Promise.all(binds.map((bind, index) => network.listen(bind, (addresses) => { at(index, addresses); })));
  isStarted = true;
}

/** Puts the floors on top of each other. */
function assemble(config: NodeConfig, platform: Platform, visitor: Visitor | undefined): Assembled {
  const { id, env } = config;
  const { log } = env;
  const nodeChanges = createBroadcast<NodeChange>();
  const connected = createBroadcast<Connection>();
  const connections = new Set<Connection>();
  const scopes = new Set<{ close(): void }>();

  const kernel = createKernel({
    id,
    env,
    monitorTimeout: config.monitorTimeout,
    freezeMessages: config.freezeMessages,
    connect: (node) => network.connect(node),
    changed: (change) => {
      network.nodeChanged(change);
      database.nodeChanged(change);
      streams.nodeChanged(change);
      return () => { nodeChanges.next(change); };
    },
    requests: {
      knows: (tag) => database.requests.knows(tag) || network.requests.knows(tag) || visitor?.requests.knows(tag) === true,
      handle: (from, tag, args) => database.requests.handle(from, tag, args) || network.requests.handle(from, tag, args) || visitor?.requests.handle(from, tag, args) === true,
    },
  });
  const { close: closeFunctions, ...functions } = createPortFunctions(kernel);

  const linked = (link: Link): void => {
    const connection = connectionOf(link, env);
    let isOver = false;
    link.closed$.subscribe(() => {
      isOver = true;
      status.linkClosed(link);
      connections.delete(connection);
    });
    kernel.queue.later(() => {
      if (isOver) return;
      connections.add(connection);
      connected.next(connection);
    });
  };

  const network = createNetwork({
    env,
    kernel,
    transports: config.transports,
    seeds: config.seeds,
    monitorTimeout: config.monitorTimeout,
    connectInterval: CONNECT_INTERVAL,
    find: (peer, found) => database.find(peer, found),
    seedReached: (peer) => {
      database.seedReached(peer);
    },
    handshake: (remoteAddress) => handshakeConfig(config, remoteAddress),
    secret: config.secret,
    relay: config.relay,
    guest: config.guest && visitor && { key: config.guest.key, token: visitor.token },
    // a guest's gate says so itself
    relaysChanged: (nodes) => { if (visitor === undefined) database.setRelays(nodes); },
    alwaysTls: tlsMode(config) === 'required',
    linked,
    linkState: (link, state) => {
      status.linkState(link, state);
      kernel.queue.later(() => { database.setSuspended(link.node, state.status === 'suspended'); });
    },
    life$: config.life$,
    seedsStirred: () => { status.stirred(); },
    streamConnected: (established) => { streams.arrived(established); },
    channelRequested: (from, request) => streams.requested(from, request),
    selfSeed: (seed) => {
      log.info({ seed }, `seed ${seed} is this node itself: dropped`);
      database.becomeGlobal('it is its own seed');
    },
  });

  const database = createDatabase({
    env,
    kernel,
    schemas: config.families,
    relay: config.relay,
    seedNodes: () => network.seedNodes(),
    hasSeeds: () => network.hasSeeds,
    isAttached: network.isAttached,
    isGuest: (node) => house?.isInside(node) === true,
    checkWrite: visitor?.checkWrite,
    keep: (peer) => {
      network.keep(peer);
    },
    drop: (peer) => {
      network.drop(peer);
    },
  });

  const status = createNodeStatus(env, network);
  let house: House | undefined;
  const admitGuests = async (option: GuestsOption): Promise<void> => {
    const { openHouse } = await import('./access/gate/open.js');
    house = openHouse(option, { env, kernel, network, database, functions, federate, monitorTimeout: config.monitorTimeout });
  };
  visitor?.serve({
    send: (message) => { for (const gate of network.seedNodes()) kernel.snd(gate, message); },
    deniedFamily: database.deniedFamily,
    deniedQuery: database.deniedQuery,
    deniedKeys: database.deniedKeys,
    deniedCall: (reply, { what, right }) => { kernel.failCall(reply, ['forbidden', reply, what, ...(right === undefined ? [] : [right])]); },
    dismissed: network.dismissed,
  });
  const workers = createWorkerFunctions({
    ...{ id, env, platform, attaching: network.attaching },
    dbSet: database.functions.dbSet,
    isClosed: () => closing !== undefined,
    onAbort: kernel.onAbort,
    closed$: kernel.closed$,
  });
  const streams = createStreams({ env, kernel, network, monitorTimeout: config.monitorTimeout, find: (peer, found) => database.find(peer, found), addresses: () => config.advertise ?? node.addresses });

  let closing: Promise<void> | undefined;
  const close = (given: CloseOptions = {}): Promise<void> => {
    const { timeout = CLOSE_TIME } = given;
    checkTime('timeout', timeout);
    const signal = signalOf(given);
    return signal?.aborted === true ? Promise.reject(reasonOf(signal)) : abortable(closing ?? closeAll(timeout), signal);
  };
  const closeAll = (timeout: number): Promise<void> => {
    status.ends('closing');
    for (const scope of [...scopes]) scope.close();
    streams.close();
    visitor?.close();
    house?.close();
    database.close();
    network.close();
    kernel.close(timeout);
    closeFunctions();
    nodeChanges.complete();
    connected.complete();
    closing = lastValueFrom(network.gone$, { defaultValue: undefined }).then(workers.close).then(() => { status.ends('closed'); });
    return closing;
  };

  const federate = <A extends Tagged>(name: string, scopeOptions: NodeScopeOptions = {}): NodeScope<A> => {
    // a guest's only link is that with its gate
    const given = visitor === undefined ? scopeOptions : { ...scopeOptions, serve: false };
    const scope = createNodeScope<A>(name, given, { env, id, listens: config.binds.length > 0, node: { ...functions, ...database.functions } });
    scopes.add(scope);
    scope.status$.subscribe({ complete: () => scopes.delete(scope) });
    if (closing !== undefined || given.signal?.aborted === true) scope.close();
    return scope;
  };

  const node = {
    ...functions,
    ...database.functions,
    ...workers.face,
    ...streams.functions,
    id,
    get self() {
      const { current } = kernel.ports;
      return current === undefined ? undefined : portOf(current);
    },
    addresses: [],
    clock: env.clock,
    log: config.log,
    connections$: owned(concat(defer(() => from([...connections])), connected.stream$), logged(log, 'connections$')),
    status$: status.status$,
    upNodes: () => kernel.peers.up(),
    nodeIsUp: (peer: string) => (peer === id ? !kernel.closed : kernel.peers.isUp(peer)),
    monNodes: (given?: SignalOptions) => owned(nodeChanges.stream$, logged(log, 'monNodes()'), signalOf(given)),
    federate,
    guests$: owned(defer(() => house?.guests$ ?? of([])), logged(log, 'guests$')),
    revoke: (who: string, reason?: string) => house?.revoke(who, reason) ?? 0,
    guest: (port: PortRef) => {
      const peer = nodeOf(portIdOf(port));
      return house?.identityOf(peer) ?? guestOf(kernel, peer);
    },
    close,
    [Symbol.asyncDispose]: () => close(),
  };
  return { node, network, database, workers, admitGuests };
}

const NONCE_OCTETS = 66;
/** What a greeting says for Infinity, ms. */
const LONGEST = Number.MAX_SAFE_INTEGER;

function handshakeConfig(config: NodeConfig, remoteAddress: string): Omit<AuthenticateConfig, 'issued' | 'initiator'> {
  return {
    node: config.id,
    framings: config.framings,
    secret: config.secret,
    acceptCleartext: config.acceptCleartext,
    acceptCertificate: config.acceptCertificate,
    acceptAnonymous: config.acceptAnonymous,
    guests: config.guests !== undefined,
    methods: config.methods,
    tls: tlsMode(config),
    upgrade: config.upgrade,
    resume: config.resumeTime > 0 ? { time: Math.min(Math.ceil(config.resumeTime), LONGEST), kept: keptSize(config.env.limits) } : undefined,
    nonce: btoa(String.fromCharCode(...config.env.random.octets(NONCE_OCTETS))),
    keys: new Map([
      ['provider', `rxmp-${VERSION}`],
      ['peeraddr', remoteAddress],
      ['mproto', '1'],
      ['gproto', '1'],
      [RUN_KEY, config.run],
    ]),
  };
}

/** Whoever has set up TLS wants all of his connections in it, unless he says otherwise. */
function tlsMode({ upgrade, acceptPlain }: NodeConfig): TlsMode {
  if (upgrade === undefined) return 'none';
  return acceptPlain ? 'offered' : 'required';
}
