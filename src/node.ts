import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { withProfile } from './config/profile.js';
import { defaultLog } from './env/default-log.js';
import { hostName } from './env/host.js';
import type { MpNode } from './mp-node.js';
import { startNode } from './start-node.js';
import type { NodeOptions } from './options.js';
import type { Platform } from './platform.js';
import { nodeTransports } from './transport/node-transports.js';
import { tcpTransport } from './transport/tcp.js';
import { createTlsUpgrade } from './transport/tls.js';
import { readCredentials } from './transport/tls-credentials.js';
import { webSocketTransport } from './transport/websocket.js';

/** A module's name as `import` takes it: a file is looked for from the working directory. */
export const moduleOf = (name: string): string => (/^[./]/.test(name) ? pathToFileURL(resolve(name)).href : name);

const nodeJs: Platform = {
  hostName,
  log: defaultLog,
  transports: (options, env) =>
    nodeTransports(options.transports, [tcpTransport({ clock: env.clock }), webSocketTransport()], { ...env, tls: readCredentials(options) }),
  upgrade(options, { clock }) {
    const tls = readCredentials(options);
    return tls?.own === undefined ? undefined : createTlsUpgrade({ ...tls, own: tls.own }, { clock });
  },
  async parentPort() {
    const { parentPort } = await import('node:worker_threads');
    return parentPort ?? undefined;
  },
  async startWorker(file, options) {
    const { Worker } = await import('node:worker_threads');
    // a path is taken from the working directory, as those of services are
    return new Worker(typeof file === 'string' && !file.startsWith("file:") ? resolve(file) : new URL(file), options);
  },
  moduleOf,
};

/**
 * Makes a node. Resolves when every bind listens; seeds are connected in the background, for ever. Rejects, and leaves
 * nothing behind, when an option is wrong or a bind can't listen.
 *
 * In a browser it has WebSockets only, to connect with: no binds, no `tls`; services are modules relative to the page.
 *
 * @example
 * ```ts
 * await using node = await createNode({ binds: ['127.0.0.1:4040'], secret: 'change me' });
 * const echo = node.rcv(node.port(), { ping: (reply: string) => node.snd(reply, 'pong') });
 * ```
 */
export async function createNode(options: NodeOptions = {}): Promise<MpNode> {
  // guests and workers are parts of a page or a program, not nodes that somebody configures
  const isPart = options.credentials !== undefined || options.attach !== undefined;
  return startNode(nodeJs, isPart ? options : await withProfile(options, process.env, (text) => { (options.log ?? defaultLog()).warn({}, text); }));
}
