import { BadNodeId } from './errors.js';
import { shown } from './printable.js';
import { isNodeId } from './node-id.js';

/**
 * A port id is `node#name`. A node id alone is the id of its node port, whose name is the empty string.
 *
 * @example nodeOf('db1#log'); // 'db1'
 */
export function nodeOf(id: string): string {
  const at = id.indexOf('#');
  return at < 0 ? id : id.slice(0, at);
}

/** The name of a port on its node: what follows the first `#` of its id, or the empty string for a node port. */
export function portNameOf(id: string): string {
  const at = id.indexOf('#');
  return at < 0 ? '' : id.slice(at + 1);
}

/** The id of the port `name` of `node`; of the node port when the name is empty. */
export function makePortId(node: string, name: string): string {
  return name === '' ? node : `${node}#${name}`;
}

/** The node of a port id. Throws {@link BadNodeId} for what is no port id. */
export function checkedNode(port: string): string {
  const node = nodeOf(port);
  if (isNodeId(node)) return node;
  throw new BadNodeId(`${shown(port)} is no port id: expected node#name, the node of 1 to 255 of the characters A-Z a-z 0-9 _ - . : /`);
}

/** Whether this is the id of a port, `node#name`; a node id alone is none. */
export function isPortId(value: unknown): value is string {
  return typeof value === 'string' && portNameOf(value) !== '' && isNodeId(nodeOf(value));
}

/** The text that stands for a port, given as an object or as its id. Throws {@link BadNodeId} where there is none. */
export function idTextOf(port: unknown): string {
  if (typeof port === 'string') return port;
  if (typeof port === 'object' && port !== null && 'id' in port && typeof port.id === 'string') return port.id;
  throw new BadNodeId(`expected a port or a port id, got ${port === null ? 'null' : typeof port}`);
}

/** The same, and it is an id. Throws {@link BadNodeId}. */
export function portIdOf(port: unknown): string {
  const id = idTextOf(port);
  checkedNode(id);
  return id;
}
