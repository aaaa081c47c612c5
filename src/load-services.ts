import type { Service } from './config/core/options.js';
import type { MpNode } from './mp-node.js';

export type { Service };

/**
 * Loads services and starts them: `module#function`, where the module is a file (`./chat.js`, from the working directory)
 * or a package, and the function, `default` if none is named, gets the node and the arguments that stand there. Rejects with a text that names the service.
 */
export async function loadServices(node: MpNode, services: readonly Service[], moduleOf: (name: string) => string): Promise<void> {
  for (const service of services) {
    const [name, ...args] = typeof service === 'string' ? [service] : service;
    await startService(node, name, args, moduleOf);
  }
}

/** What a text such as `./chat.js#start` means. */
export interface Loaded {
  /** As it was written, without a name. */
  readonly module: string;
  /** Undefined: it names no export. */
  readonly name: string | undefined;
  readonly exports: Readonly<Record<string, unknown>>;
}

/** Loads the module of `module#export`; `what` says in an error for what. */
export async function loadModule(what: string, text: string, moduleOf: (name: string) => string): Promise<Loaded> {
  const at = text.lastIndexOf('#');
  const module = at < 0 ? text : text.slice(0, at);
  try {
    const exports = (await import(moduleOf(module))) as Record<string, unknown>;
    return { module, name: at < 0 ? undefined : text.slice(at + 1), exports };
  } catch (error) {
    throw new Error(`${what} "${text}" can't be loaded: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

async function startService(node: MpNode, service: string, args: readonly unknown[], moduleOf: (name: string) => string): Promise<void> {
  const { module, name = 'default', exports } = await loadModule('service', service, moduleOf);
  const start = exports[name];
  if (typeof start !== 'function') {
    const functions = Object.keys(exports).filter((key) => typeof exports[key] === 'function');
    throw new Error(`service "${service}": ${module} exports no function "${name}", only ${functions.join(', ') || 'none'}`);
  }
  try {
    await (start as (node: MpNode, ...args: readonly unknown[]) => unknown)(node, ...args);
  } catch (error) {
    node.log.debug({ err: error, service }, `service "${service}" failed to start`);
    throw new Error(`service "${service}" failed to start: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
