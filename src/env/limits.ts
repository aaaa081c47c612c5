/**
 * Every limit of a node, in one place; `docs/limits.md` tells the reasons. Give other values, integers above 0, in
 * `createNode({ limits: { ... } })`.
 *
 * Sizes are octets, times milliseconds. What a peer does beyond a limit ends its connection, with the reason in the log.
 */
export interface Limits {
  /** A handshake line with its delimiter; fixed by the protocol of AnyEvent::MP. */
  readonly handshakeLine: number;
  /** From the opening of a connection to the end of its authentication. */
  readonly handshakeTime: number;
  /** A seed that is a name is looked up again after this time, sooner while none of its addresses is connected, ms. */
  readonly nameTime: number;
  /** Addresses of one name that are connected with; more are left out. */
  readonly nameAddresses: number;
  /** Connections of one listener, those that have authenticated too; no more than its share of the files that the process may open. */
  readonly connections: number;
  /** Connections that have not authenticated yet, over all listeners of a node. */
  readonly pendingHandshakes: number;
  /** The same of one address; of IPv6 the first 64 bits count, which are one customer's. */
  readonly addressHandshakes: number;
  /** New connections of one address: so many a second in the mean, and so many at once. */
  readonly handshakeRate: number;
  readonly handshakeBurst: number;
  /** At most one line in this time tells of connections that were refused unheard. */
  readonly refusalLog: number;
  /** What may arrive as one frame before the handshake is done, where the transport has frames. */
  readonly earlyData: number;
  /** One encoded message. Longer ones are neither sent (`MessageTooLarge`) nor accepted. */
  readonly messageSize: number;
  /** Levels of arrays and maps inside one message. */
  readonly messageDepth: number;
  /**
   * Elements, keys and values of one message, all levels together; an empty array or object counts once more; in JSON 48 escapes in texts count as one. Those with more
   * are neither sent (`MessageTooLarge`) nor accepted.
   */
  readonly messageItems: number;
  /** A name in a request of a peer, in UTF-16 units: of a port, a node, a function, a question. */
  readonly nameSize: number;
  /** What waits for one peer; with more than this, `snd` returns false. Text counts by its UTF-16 units, here and below. */
  readonly highWaterMark: number;
  /** What waits for one peer, at most: more fails the connection, so that monitors tell (S19). */
  readonly queueSize: number;
  /** Nodes that are looked for at a time; one more counts as unreachable at once, so that monitors tell. */
  readonly searches: number;
  /** What waits for all nodes that are looked for; a node for which there would be more counts as unreachable. */
  readonly searchQueueSize: number;
  /** Ports of this node that one peer may monitor at a time. */
  readonly peerMonitors: number;
  /** Ports of this node that one peer has spawned and that live. */
  readonly peerPorts: number;
  /** Messages delivered, or milliseconds spent, before a run of deliveries yields to the event loop (S7). */
  readonly runMessages: number;
  readonly runTime: number;
  /**
   * Deliveries that wait on this node: while it is more, connections are not read, so that their other ends feel it, and
   * `snd` returns false there.
   */
  readonly localQueue: number;
  /** The name of a family, and a key of the database, in UTF-16 units. */
  readonly familySize: number;
  readonly keySize: number;
  /** Of what one node has set in the database: families, keys, octets (D9). */
  readonly shardFamilies: number;
  readonly shardKeys: number;
  readonly shardOctets: number;
  /** So many times as much another global node may tell, which speaks for all its slaves. */
  readonly peerShards: number;
  /** Families that one peer may monitor at a time. */
  readonly peerFamilies: number;
  /** Questions of one peer that wait until a node that has just become global can answer (S28). */
  readonly peerQuestions: number;
  /** About how long a database message, or a turn of a scope, may get before it is cut into pieces, so that others can pass. */
  readonly databasePiece: number;
  /**
   * After a change of master: how long the other slaves of the last one have to join the new one, before keys that it does
   * not know are taken for gone (S28).
   */
  readonly regroupTime: number;
  /**
   * The longest that a node which becomes global keeps asking its old master, until it has heard of all globals, and that the
   * old master speaks for it, until all globals have heard it (S28).
   */
  readonly handoverTime: number;
  /** Copies of what one link has sent and the other end has not acknowledged, where links outlive connections (V11): while there are so many, what is sent waits. */
  readonly resumeSize: number;
  /** Channels to one node, both ways (V4); what one end takes before it gives credit; the longest piece. */
  readonly channels: number;
  readonly channelWindow: number;
  readonly channelPiece: number;
  /** Connections of others that this node passes on at a time, and octets a second, all together (V6). */
  readonly relayChannels: number;
  readonly relayRate: number;
  /** The authentication line of a guest, with its credentials. */
  readonly guestCredentials: number;
  /** Guests of one user, and of one address, at a gate (G8). */
  readonly userGuests: number;
  readonly addressGuests: number;
  /** Guests of one user that come in a second, in the mean; `userGuests` at once. */
  readonly userVisitRate: number;
  /** What all guests of one user, at one gate, may send in a second, in the mean; a second's worth at once. */
  readonly userMessageRate: number;
  readonly userOctetRate: number;
  /** What all guests of one user, at one gate, hold at a time: as the limits of one guest below. */
  readonly userPorts: number;
  readonly userMonitors: number;
  readonly userSpawns: number;
  readonly userNodes: number;
  readonly userFamilies: number;
  readonly userKeys: number;
  readonly userOctets: number;
  readonly userScopes: number;
  /** What one guest may send in a second, in the mean; a second's worth at once. More is read later. */
  readonly guestMessageRate: number;
  readonly guestOctetRate: number;
  /** Ports that a guest was told of, and may therefore send to: of more the first ones are forgotten (G3). */
  readonly guestPorts: number;
  /** Ports that a guest monitors, and that it has spawned and that live. */
  readonly guestMonitors: number;
  readonly guestSpawns: number;
  /** Nodes that a guest is connected with through its gate. */
  readonly guestNodes: number;
  /** Families that a guest watches, and questions of it that wait. */
  readonly guestFamilies: number;
  /** Keys that a guest has set, and octets. */
  readonly guestKeys: number;
  readonly guestOctets: number;
  /** One message of a guest, encoded, and its elements, keys and values, as `messageItems`; what waits for a guest; and what each end of a channel with a guest takes before it gives credit. */
  readonly guestMessageSize: number;
  readonly guestMessageItems: number;
  readonly guestQueueSize: number;
  readonly guestWindow: number;
  /** Scopes that a guest takes part in, and patterns that it observes in one of them. */
  readonly guestScopes: number;
  readonly guestObservers: number;
  /** Links that a scope of a node gives to others at a time. */
  readonly scopeLinks: number;
  /** How long the other end of a scope's link may take to answer, ms. */
  readonly linkTime: number;
  /** Patterns that one link of a scope may subscribe to, and matches that it may tell of. */
  readonly linkSubscriptions: number;
  readonly linkMatches: number;
  /** Over so many links a message of a scope may go: where links are made at the same time there may be a ring, for a moment. */
  readonly linkHops: number;
}

export const defaultLimits: Limits = {
  handshakeLine: 4096,
  handshakeTime: 10_000,
  nameTime: 30_000,
  nameAddresses: 1_000,
  connections: 10_000,
  pendingHandshakes: 1_000,
  addressHandshakes: 500,
  handshakeRate: 200,
  handshakeBurst: 1_000,
  refusalLog: 10_000,
  earlyData: 1024 * 1024,
  messageSize: 64 * 1024 * 1024,
  messageDepth: 512,
  messageItems: 320_000,
  nameSize: 4096,
  highWaterMark: 1024 * 1024,
  queueSize: 256 * 1024 * 1024,
  searches: 10_000,
  searchQueueSize: 1024 * 1024 * 1024,
  peerMonitors: 1_000_000,
  peerPorts: 1_000_000,
  runMessages: 10_000,
  runTime: 10,
  localQueue: 10_000,
  familySize: 255,
  keySize: 64 * 1024,
  shardFamilies: 10_000,
  shardKeys: 4_000_000,
  shardOctets: 1024 * 1024 * 1024,
  peerShards: 16,
  peerFamilies: 100_000,
  peerQuestions: 200_000,
  databasePiece: 1024 * 1024,
  regroupTime: 2_000,
  handoverTime: 5_000,
  resumeSize: 4 * 1024 * 1024,
  channels: 10_000,
  channelWindow: 2 * 1024 * 1024,
  channelPiece: 64 * 1024,
  relayChannels: 10_000,
  relayRate: 1024 * 1024 * 1024,
  guestCredentials: 16 * 1024,
  userGuests: 20,
  addressGuests: 1_000,
  userVisitRate: 2,
  userMessageRate: 4_000,
  userOctetRate: 4 * 1024 * 1024,
  userPorts: 40_000,
  userMonitors: 4_000,
  userSpawns: 400,
  userNodes: 400,
  userFamilies: 400,
  userKeys: 4_000,
  userOctets: 4 * 1024 * 1024,
  userScopes: 80,
  guestMessageRate: 1_000,
  guestOctetRate: 1024 * 1024,
  guestPorts: 10_000,
  guestMonitors: 1_000,
  guestSpawns: 100,
  guestNodes: 100,
  guestFamilies: 100,
  guestKeys: 1_000,
  guestOctets: 1024 * 1024,
  guestMessageSize: 1024 * 1024,
  guestMessageItems: 20_000,
  guestQueueSize: 8 * 1024 * 1024,
  guestWindow: 64 * 1024,
  guestScopes: 20,
  guestObservers: 1_000,
  scopeLinks: 10_000,
  linkTime: 10_000,
  linkSubscriptions: 100_000,
  linkMatches: 4_000_000,
  linkHops: 1_000,
};

/**
 * The default limits with others in place of some. Throws TypeError for a name that is unknown, RangeError for what is no
 * integer above 0.
 */
export function limitsWith(given: Partial<Limits>): Limits {
  for (const [name, value] of Object.entries(given) as [string, unknown][]) {
    if (!Object.hasOwn(defaultLimits, name)) {
      throw new TypeError(`the limit "${name}" is unknown: expected ${Object.keys(defaultLimits).join(', ')}`);
    }
    if (value === undefined || (Number.isSafeInteger(value) && (value as number) > 0)) continue;
    const shown = typeof value === 'number' ? String(value) : JSON.stringify(value);
    throw new RangeError(`limits.${name} is ${shown}: expected an integer above 0`);
  }
  const known = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...defaultLimits, ...Object.fromEntries(known) };
}
