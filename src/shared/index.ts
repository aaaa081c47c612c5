/** One connection for all tabs of a browser (A4). For pages and their workers. */
export { sharedNode, type SharedNodeOptions } from './shared-node.js';
export { serveTabs, type SharedWorkerLike } from './worker.js';
