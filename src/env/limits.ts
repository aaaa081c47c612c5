/**
 * Every limit of a node, in one place. Give other values in `createNode({ limits: { ... } })`.
 *
 * Sizes are octets, times milliseconds. What a peer does beyond a limit ends its connection, with the reason in the log.
 */
export interface Limits {
  /** A handshake line with its delimiter; fixed by the protocol of AnyEvent::MP. */
  readonly handshakeLine: number;
  /** From the opening of a connection to the end of its authentication. */
  readonly handshakeTime: number;
  /** Connections that have not authenticated yet, over all listeners of a node. */
  readonly pendingHandshakes: number;
  /** One encoded message. Longer ones are neither sent (`MessageTooLarge`) nor accepted. */
  readonly messageSize: number;
  /** Levels of arrays and maps inside one message. */
  readonly messageDepth: number;
  /** What waits for one peer; with more than this, `snd` returns false. Text counts by its UTF-16 units, here and below. */
  readonly highWaterMark: number;
  /** What waits for one peer, at most: more fails the connection, so that monitors tell (S19). */
  readonly queueSize: number;
  /** Ports of this node that one peer may monitor at a time. */
  readonly peerMonitors: number;
  /** Messages delivered, or milliseconds spent, before a run of local deliveries yields to the event loop (S7). */
  readonly runMessages: number;
  readonly runTime: number;
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
  /** About how long a database message may get before it is cut into pieces, so that others can pass. */
  readonly databasePiece: number;
  /**
   * After a change of master: how long the other slaves of the last one have to join the new one, before keys that it does
   * not know are taken for gone (S28).
   */
  readonly regroupTime: number;
  /** The longest that a node which becomes global keeps asking its old master, until it has heard of all globals (S28). */
  readonly handoverTime: number;
}

export const defaultLimits: Limits = {
  handshakeLine: 4096,
  handshakeTime: 10_000,
  pendingHandshakes: 1_000,
  messageSize: 64 * 1024 * 1024,
  messageDepth: 512,
  highWaterMark: 1024 * 1024,
  queueSize: 256 * 1024 * 1024,
  peerMonitors: 1_000_000,
  runMessages: 10_000,
  runTime: 10,
  familySize: 255,
  keySize: 64 * 1024,
  shardFamilies: 10_000,
  shardKeys: 4_000_000,
  shardOctets: 1024 * 1024 * 1024,
  peerShards: 16,
  peerFamilies: 100_000,
  databasePiece: 1024 * 1024,
  regroupTime: 2_000,
  handoverTime: 5_000,
};
