export { formatHostPort, parseAddress, type Address } from './address.js';
export type { Chunk, Duplex, ListenEvent, Transport } from './duplex.js';
export { TransportError } from './failure.js';
export { memoryNetwork } from './memory.js';
export { duplexPair, END, RESET, type Carry, type DuplexPair, type PairOptions, type Parcel } from './pair.js';
export { tcpTransport, type TcpOptions } from './tcp.js';
export { webSocketTransport, type WebSocketOptions } from './websocket.js';
