export * from './api.js';
export { createNode } from './node.js';
export { tcpTransport, type TcpOptions } from './transport/tcp.js';
export { webSocketTransport, type WebSocketOptions } from './transport/websocket.js';
