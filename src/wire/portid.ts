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

/** The node of a port id; throws TypeError for what is none. */
export function checkedNode(port: string): string {
  const node = nodeOf(port);
  if (node !== '') return node;
  throw new TypeError(`"${port}" is no port id: expected node#name`);
}
