import { createTally } from '../../env/tally.js';
import { SCOPE_FAMILY } from '../../federation/core/names.js';
import { functionName } from '../../kernel/core/registry.js';
import { isPortId, makePortId, nodeOf, portNameOf } from '../../wire/portid.js';
import type { Allowance } from './allowance.js';
import { someText } from './named.js';
import { allowsKey, ANY_PORT, covers, fits, isReserved, type Right } from './rights.js';

/** What the judgement of a guest's requests needs to know of the network. */
export interface World {
  /** The id of the gate. */
  readonly gate: string;
  /** Whether a port is a key of a family, as far as the gate knows. */
  isKey(family: string, port: string): boolean;
  /** Whether a family has a key that is a port of a node. */
  hasPortOf(family: string, node: string): boolean;
  /** Whether there is such a node, as far as the gate knows. */
  isNode(text: string): boolean;
}

/** Of a port that is not the guest's own: may it send, monitor? */
export type PortUse = 'send' | 'monitor';

/** Nobody could monitor a port with a longer id. */
const LONGEST = 4_096;
/** So many ports of nodes that nobody knows a guest may name. */
const MOST_RUMOURS = 1_000;

export type Holder = ReturnType<typeof createHolder>;

/** What one guest may do: its rights, and the ports that it was told of, spawned and monitors (G3). Without time, RxJS and sockets. */
export function createHolder(guest: string, world: World) {
  let rights: readonly Right[] = [];
  const introduced = createIntroduced();
  const spawned = new Set<string>();
  const monitored = new Set<string>();
  /** Ports of nodes that nobody knew when the guest named them. */
  const rumours = new Set<string>();

  const isOwn = (port: string): boolean => nodeOf(port) === guest;

  const hasRight = (use: PortUse, port: string): boolean =>
    rights.some((right) => {
      if (right.kind !== 'send' && right.kind !== use) return false;
      if (right.kind !== 'send' && right.kind !== 'monitor') return false;
      return 'port' in right ? right.port === port || right.port === ANY_PORT : world.isKey(right.family, port);
    });

  /** A node port takes requests of nodes, and is never meant: at the guest's own somebody else would speak in the name of the one who sends. */
  const mayUse = (use: PortUse, port: string): boolean =>
    portNameOf(port) !== '' && (isOwn(port) || introduced.has(port) || spawned.has(port) || hasRight(use, port));

  const isSecret = (text: string): boolean => {
    const node = nodeOf(text);
    if (node === guest || node === '') return false;
    if (portNameOf(text) !== '' && !isPortId(text)) return false;
    return world.isNode(node) ? !mayUse('send', text) : !isRumour(text);
  };

  /** A name of a node that nobody knows yet is a text like any other, but must not come back as an introduction. */
  const isRumour = (text: string): boolean => {
    if (portNameOf(text) === '' || rumours.has(text)) return true;
    if (rumours.size >= MOST_RUMOURS || text.length > LONGEST) return false;
    rumours.add(text);
    return true;
  };

  return {
    guest,
    get rights() {
      return rights;
    },
    /** In place of the rights so far. */
    setRights(given: readonly Right[]): void {
      rights = given;
    },
    maySend: (port: string): boolean => mayUse('send', port),
    mayMonitor: (port: string): boolean => mayUse('monitor', port),
    /** Whether it may run a function on a node. */
    mayRun: (name: string, node: string): boolean =>
      rights.some((right) => right.kind === 'spawn' && covers(functionName(right.name), functionName(name)) && (right.node === undefined ? node === world.gate : fits(right.node, node))),
    mayRead: (family: string): boolean =>
      !family.startsWith(SCOPE_FAMILY) && rights.some((right) => right.kind === 'read' && covers(right.family, family)),
    mayWrite: (family: string, key: string): boolean => mayWrite(rights, family, key),
    /** The rights in a scope that it has; undefined: none. */
    inScope(scope: string): Extract<Right, { kind: 'federate' }> | undefined {
      return rights.find((right) => right.kind === 'federate' && fits(right.scope, scope)) as Extract<Right, { kind: 'federate' }> | undefined;
    },
    /** Whether it holds anything on a node that it may be connected with. */
    mayReach(node: string): boolean {
      if (introduced.hasNode(node)) return true;
      return rights.some((right) => {
        if (right.kind === 'spawn') return right.node !== undefined && fits(right.node, node);
        if (right.kind !== 'send' && right.kind !== 'monitor') return false;
        return 'port' in right ? right.port === ANY_PORT || nodeOf(right.port) === node : world.hasPortOf(right.family, node);
      });
    },
    /**
     * The name of a port or a node in a message of the guest that it does not have: whoever gets the message could be made to send there
     * (G5). Undefined: there is none.
     */
    secretIn(message: unknown): string | undefined {
      let found: string | undefined;
      someText(message, (text) => {
        if (isSecret(text)) found = text;
        return found !== undefined;
      });
      return found;
    },
    /**
     * A message for the guest: it may send to the ports that are named there (G3). Returns how many earlier ones are forgotten. What the guest
     * has made up itself does not count: somebody may only repeat what it says.
     */
    introduce(message: unknown, most: Pick<Allowance, 'ports'>): number {
      let forgotten = 0;
      someText(message, (text) => {
        if (!isPortId(text) || text.length > LONGEST || nodeOf(text) === guest || rumours.has(text)) return false;
        introduced.delete(text);
        introduced.add(text);
        if (introduced.size > most.ports && introduced.deleteFirst()) forgotten++;
        return false;
      });
      return forgotten;
    },
    introduced,
    spawned,
    monitored,
    /** A port of a node is dead. */
    died(node: string, portName: string): void {
      const port = makePortId(node, portName);
      introduced.delete(port);
      spawned.delete(port);
      monitored.delete(port);
    },
  };
}

/** Ports that a guest was told of, in the order in which it was told of them last. */
function createIntroduced() {
  const ports = new Set<string>();
  /** How many of each node. */
  const nodes = createTally();

  const remove = (port: string): boolean => {
    const had = ports.delete(port);
    if (had) nodes.add(nodeOf(port), -1);
    return had;
  };

  return {
    [Symbol.iterator]: (): Iterator<string> => ports.values(),
    has: (port: string): boolean => ports.has(port),
    hasNode: (node: string): boolean => nodes.of(node) > 0,
    /** A port that is not there yet. */
    add(port: string): void {
      ports.add(port);
      nodes.add(nodeOf(port), 1);
    },
    delete: remove,
    deleteFirst(): boolean {
      const [first] = ports;
      return first !== undefined && remove(first);
    },
    get size() {
      return ports.size;
    },
  };
}

/** Whether rights allow to set a key. */
export const mayWrite = (rights: readonly Right[], family: string, key: string): boolean =>
  !isReserved(family) &&
  rights.some((right) => right.kind === 'write' && fits(right.family, family) && allowsKey(right, key));
