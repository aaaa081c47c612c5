export * from './api.js';
export { createNode } from './node.js';
export { tcpTransport } from './transport/tcp.js';
export type { TcpOptions } from './transport/tcp-options.js';
export { webSocketTransport, type WebSocketOptions } from './transport/websocket.js';
