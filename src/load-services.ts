import type { MpNode } from './mp-node.js';

/**
 * Loads services and starts them: `module#function`, where the module is a file (`./chat.js`, from the working directory)
 * or a package, and the function, `default` if none is named, gets the node. Rejects with a text that names the service.
 */
export async function loadServices(node: MpNode, services: readonly string[], moduleOf: (name: string) => string): Promise<void> {
  for (const service of services) await startService(node, service, moduleOf);
}

async function startService(node: MpNode, service: string, moduleOf: (name: string) => string): Promise<void> {
  const at = service.lastIndexOf('#');
  const module = at < 0 ? service : service.slice(0, at);
  const name = at < 0 ? 'default' : service.slice(at + 1);
  let exports: Record<string, unknown>;
  try {
    exports = (await import(moduleOf(module))) as Record<string, unknown>;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new Error(`service "${service}" can't be loaded: ${text}`, { cause: error });
  }
  const start = exports[name];
  if (typeof start !== 'function') {
    const functions = Object.keys(exports).filter((key) => typeof exports[key] === 'function');
    throw new Error(`service "${service}": ${module} exports no function "${name}", only ${functions.join(', ') || 'none'}`);
  }
  try {
    await (start as (node: MpNode) => unknown)(node);
  } catch (error) {
    node.log.debug({ err: error, service }, `service "${service}" failed to start`);
    throw new Error(`service "${service}" failed to start: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
