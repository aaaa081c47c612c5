export * from './api.js';
export { createNode, tcpTransport, webSocketTransport } from './browser-node.js';
export type { TcpOptions } from './transport/tcp-options.js';
export type { WebSocketOptions } from './transport/websocket-settings.js';
