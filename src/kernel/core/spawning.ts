import type { Env } from '../../env/env.js';
import { createTally } from '../../env/tally.js';
import { ProtocolError } from '../../wire/errors.js';
import { makePortId } from '../../wire/portid.js';
import type { AnyMessage } from './message.js';
import type { PortRecord } from './port-record.js';
import type { Ports } from './ports.js';
import type { createRegistry } from './registry.js';

export interface SpawningContext {
  /** The id of this node. */
  readonly id: string;
  readonly env: Env;
  readonly ports: Ports;
  readonly functions: ReturnType<typeof createRegistry>;
}

export type Spawning = ReturnType<typeof createSpawning>;

/** Ports that are spawned here (S20), by this node or by others. */
export function createSpawning({ id, env, ports, functions }: SpawningContext) {
  const { log, limits } = env;
  /** How many live, by the node that has spawned them; also while it is not connected. */
  const living = createTally();

  return {
    /**
     * A new port of this node under a name that another node chose; undefined when the name is taken. Throws
     * {@link ProtocolError} when the node has spawned too many.
     */
    adopt(node: string, portName: string): PortRecord | undefined {
      const portId = makePortId(id, portName);
      if (ports.records.has(portId)) {
        log.warn({ port: portId }, `refused to spawn ${portId}: there is a port of that name`);
        return undefined;
      }
      if (living.of(node) >= limits.peerPorts) {
        throw new ProtocolError(`${node} has spawned more than ${limits.peerPorts} ports (limits.peerPorts)`);
      }
      const port = ports.add(portId);
      living.add(node, 1);
      port.hooks = { released: () => { living.add(node, -1); } };
      return port;
    },
    /** Runs the init function of a new port. */
    initialize(port: PortRecord, init: string, data: AnyMessage): void {
      const code = functions.find(init);
      if (code !== undefined) ports.enter(port, () => code(port, data));
      else ports.kill(port, ['spawn_refused', init, `no function "${init}" is registered on node ${id}`]);
    },
  };
}
