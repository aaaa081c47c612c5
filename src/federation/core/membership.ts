import { FederationError } from './errors.js';
import type { LinkId } from './packets.js';

export type Membership = ReturnType<typeof createMembership>;

/**
 * Which scopes are reached over which link. Scopes form a tree: in a ring, assertions would never die and messages never
 * end. So a link is refused whose ends reach a scope in common.
 *
 * @param self The name of this scope, different from those of all others.
 * @param announce Tells a link which scopes are reached through this end.
 */
export function createMembership(self: string, announce: (link: LinkId, nodes: readonly string[]) => void) {
  const reached = new Map<LinkId, ReadonlySet<string>>();

  const through = (link?: LinkId): readonly string[] => [
    self,
    ...[...reached].filter(([id]) => id !== link).flatMap(([, nodes]) => [...nodes]),
  ];

  const tellOthers = (link: LinkId): void => {
    for (const id of reached.keys()) if (id !== link) announce(id, through(id));
  };

  return {
    /** What another end reaches through this one, this scope first; for a link that is not here yet, all. */
    through,
    /** What a link says that it reaches. Throws {@link FederationError} `cycle`. */
    update(link: LinkId, nodes: readonly string[]): void {
      const here = new Set(through(link));
      const common = nodes.find((node) => here.has(node));
      if (common !== undefined) throw new FederationError('cycle', `the link would close a ring: both ends reach ${common}`);
      const before = reached.get(link);
      reached.set(link, new Set(nodes));
      if (before?.size !== nodes.length || nodes.some((node) => !before.has(node))) tellOthers(link);
    },
    leave(link: LinkId): void {
      if (reached.delete(link)) tellOthers(link);
    },
    /** The scopes that a link reaches, the nearest first. */
    reachedBy: (link: LinkId): readonly string[] => [...(reached.get(link) ?? [])],
  };
}
