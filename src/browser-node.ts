import { life$ } from './browser-life.js';
import type { AttachablePort } from './channel/port/port.js';
import { consoleLog } from './env/console-log.js';
import type { MpNode } from './mp-node.js';
import { startNode } from './start-node.js';
import type { WorkerThread } from './workers/types.js';
import type { NodeOptions } from './options.js';
import type { Platform } from './platform.js';
import type { TcpOptions } from './transport/tcp-options.js';
import type { Transport } from './transport/duplex.js';
import { nodeTransports } from './transport/node-transports.js';
import { browserWebSocketTransport } from './transport/websocket-browser.js';
import type { WebSocketOptions } from './transport/websocket-settings.js';

const NO_TLS = 'browsers have no TLS between nodes: leave "tls" and "cert" out, and connect to wss:// addresses';

/** Pages and their workers. */
export const browser: Platform = {
  hostName: () => 'browser',
  log: () => consoleLog,
  transports: ({ transports }, env) => nodeTransports(transports, [browserWebSocketTransport()], { ...env, tls: undefined }),
  upgrade({ tls, cert }) {
    if (tls !== undefined || cert !== undefined) throw new TypeError(NO_TLS);
    return undefined;
  },
  parentPort() {
    const scope = globalThis as { document?: unknown; postMessage?: unknown };
    const isWorker = scope.document === undefined && typeof scope.postMessage === 'function';
    return Promise.resolve(isWorker ? (scope as AttachablePort) : undefined);
  },
  startWorker(file, options) {
    const { Worker } = globalThis as unknown as { Worker: new (file: URL, options: object) => WorkerThread };
    return Promise.resolve(new Worker(new URL(file, pageUrl()), { type: 'module', ...options }));
  },
  moduleOf: (name) => (/^[./]/.test(name) ? new URL(name, pageUrl()).href : name),
  isOwnOrigin(address) {
    const { location } = globalThis as { location?: { origin: string } };
    return location !== undefined && URL.canParse(address) && new URL(address).origin.replace(/^ws/, 'http') === location.origin;
  },
  life$,
};

/** Makes a node in a browser's page or worker. Its documentation is that of `createNode` for Node.js. */
export function createNode(options: NodeOptions = {}): Promise<MpNode> {
  return startNode(browser, options);
}

/** The browser's own WebSockets. Throws TypeError for the option `tls`: whom to trust is the browser's choice. */
export function webSocketTransport({ tls, ...options }: WebSocketOptions = {}): Transport {
  if (tls !== undefined) throw new TypeError(NO_TLS);
  return browserWebSocketTransport(options);
}

/** There is no TCP in browsers: throws TypeError. */
export function tcpTransport(_: TcpOptions = {}): Transport {
  throw new TypeError('browsers have no TCP: connect to ws:// or wss:// addresses with webSocketTransport()');
}

/** Of the page, or of the worker's module. */
function pageUrl(): string {
  const { document, location } = globalThis as { document?: { baseURI: string }; location?: { href: string } };
  return document?.baseURI ?? location?.href ?? '';
}
