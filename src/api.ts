export type { CloseOptions, MpNode } from './mp-node.js';
export type { NodeOptions } from './options.js';
export type { Connection, ConnectionStatus, Suspension } from './connection.js';
export type { NodeStatus } from './node-status.js';
export type { Trouble, TroubleCode } from './network/trouble.js';
export type { DatabaseFunctions } from './database/database-functions.js';
export type { FamilyChange } from './database/family-change.js';
export type { FamilySchemas } from './database/schemas.js';
export type { AttachOptions, NodeWorker, SpawnWorkerOptions, WorkerEnd, WorkerSource, WorkerThread } from './workers/types.js';
export type { AttachablePort } from './channel/port/port.js';
export { transfer } from './wire/transfer.js';
export type { StreamFunctions } from './stream/streams.js';
export type { IncomingStream, PortStream, StreamOptions, StreamWay } from './stream/types.js';
export { VERSION } from './version.js';

export { Port } from './kernel/port.js';
export { Guard } from './kernel/guard.js';
export type { RemotePort } from './kernel/port-functions.js';
export type { Mailbox, Match } from './kernel/mailbox.js';
export { iterate, type IterateOptions } from './kernel/iterate.js';
export { untilAborted } from './kernel/until-aborted.js';
export type { Schemas } from './kernel/schema.js';
export type { NodeChange } from './kernel/core/peers.js';
export { describeReason, dieReason, type Reason } from './kernel/core/message.js';
export type {
  ArgsOf,
  CallArgs,
  CallOptions,
  DefaultHandler,
  Handlers,
  Message,
  MessageOf,
  PortId,
  PortRef,
  ReplyOf,
  TagHandler,
  TagOf,
} from './kernel/types.js';

export { isPortId } from './wire/portid.js';
export { BufferOverflow, CallTimeout, Forbidden, NodeClosed, NotLocal, PortDied, portError, SpawnRefused, StreamAborted, StreamRefused } from './kernel/errors.js';
export {
  BadAddress,
  BadFamily,
  BadKey,
  BadNodeId,
  BadValue,
  HandshakeFailed,
  MessageTooLarge,
  ProtocolError,
  RxmpError,
} from './wire/errors.js';
export { TransportError } from './transport/failure.js';

export { signalOf, type LastSignal, type SignalOptions } from './env/signal.js';
export { clockOf, realClock, type Cancel, type Clock } from './env/clock.js';
export { defaultLimits, type Limits } from './env/limits.js';
export type { Logger } from './env/log.js';
export { checkTime } from './env/time.js';
export { cryptoRandom, type Random } from './env/random.js';
export { parseAddress, type Address, type Lookup } from './transport/address.js';
export type { Duplex, ListenEvent, Reception, Transport, Visit } from './transport/duplex.js';
export type { Transports } from './transport/node-transports.js';
export type { Method } from './transport/methods.js';
export { memoryNetwork } from './transport/memory.js';
export type { TlsOptions } from './transport/tls-credentials.js';
