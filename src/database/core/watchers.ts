import { ProtocolError } from '../../wire/errors.js';

/** Which nodes monitor which families; at most so many families for each node. */
export function createWatchers(most: number) {
  const byFamily = new Map<string, Set<string>>();
  const byNode = new Map<string, Set<string>>();

  const remove = (node: string, family: string): void => {
    unlink(byFamily, family, node);
    unlink(byNode, node, family);
  };

  return {
    /** Throws {@link ProtocolError} when it is one too many. */
    add(node: string, family: string): void {
      const families = byNode.get(node);
      if (families !== undefined && families.size >= most && !families.has(family)) {
        throw new ProtocolError(`${node} monitors more than ${most} families (limits.peerFamilies)`);
      }
      link(byFamily, family, node);
      link(byNode, node, family);
    },
    remove,
    removeNode(node: string): void {
      for (const family of [...(byNode.get(node) ?? [])]) remove(node, family);
    },
    of: (family: string): readonly string[] => [...(byFamily.get(family) ?? [])],
  };
}

function link(sets: Map<string, Set<string>>, name: string, member: string): void {
  const set = sets.get(name);
  if (set === undefined) sets.set(name, new Set([member]));
  else set.add(member);
}

function unlink(sets: Map<string, Set<string>>, name: string, member: string): void {
  const set = sets.get(name);
  if (set?.delete(member) === true && set.size === 0) sets.delete(name);
}
