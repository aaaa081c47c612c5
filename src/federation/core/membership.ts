import { FederationError } from './errors.js';
import type { Branch, LinkId } from './packets.js';

export type Membership = ReturnType<typeof createMembership>;

/** A scope that is alone. It takes the label of any tree, so that a tree hears nothing of one that joins or leaves it. */
const ALONE = 0;
const TREE = 1;

const isSameTree = (a: Branch, b: Branch): boolean => a[0] === b[0] && a[1] === b[1] && a[2][0] === b[2][0];

const isSamePath = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((name, i) => name === b[i]);

/** Whether a tree gives up its own label for another, when the two become one. */
const yields = ([rank, count, [root = '']]: Branch, [otherRank, otherCount, [otherRoot = '']]: Branch): boolean => {
  if (rank !== otherRank) return rank < otherRank;
  // lesser names are those in the middle of a tree (see candidates.ts), which have the most links
  return root === otherRoot ? count < otherCount : root > otherRoot;
};

/**
 * Which tree a scope belongs to. Scopes form a tree: in a ring, assertions would never die and messages never end. So all
 * scopes of a tree know its label, and a link is refused whose ends have the same one. Each but the root has it from one
 * link, its *parent*, with the way that it has come; who finds himself on that way refuses it, too, since a label of a root that
 * is gone could go round for ever. When the link to the parent goes, what is behind it becomes a tree of its own.
 *
 * However many scopes there are, one that joins costs its link four short messages, and the others nothing.
 *
 * @param self The name of this scope, different from those of all others.
 * @param announce Tells a link where this scope stands, and whether this end has its label from there.
 */
export function createMembership(self: string, announce: (link: LinkId, branch: Branch, isFromThere: boolean) => void) {
  /** The links, and whether the other end has its label from here. */
  const links = new Map<LinkId, boolean>();
  /** How many links have their label from here. */
  let children = 0;
  let parent: LinkId | undefined;
  let branch: Branch = [ALONE, 0, [self]];
  let made = 0;

  const stand = (next: Branch, from: LinkId | undefined): void => {
    branch = next;
    parent = from;
    const toParent: Branch = [branch[0], branch[1], branch[2].slice(0, 1)];
    for (const link of links.keys()) announce(link, link === parent ? toParent : branch, link === parent);
  };
  const beRoot = (): void => {
    stand([children > 0 ? TREE : ALONE, ++made, [self]], undefined);
  };
  const setChild = (link: LinkId, isChild: boolean): void => {
    if (links.get(link) === isChild) return;
    links.set(link, isChild);
    children += isChild ? 1 : -1;
  };

  return {
    /** A link is there; gives what has to be said first. */
    join(link: LinkId): Branch {
      links.set(link, false);
      return branch;
    },
    /**
     * What a link says of its end: where it stands, and whether it has its label from here. Throws {@link FederationError}
     * `cycle` for a link that closes a ring.
     */
    update(link: LinkId, theirs: Branch, isFromHere: boolean): void {
      setChild(link, isFromHere);
      if (isFromHere) {
        // both ends have changed at the same moment: neither has a root any more
        if (link === parent) beRoot();
        // the first to join a scope that was alone: from now on this is a tree
        else if (parent === undefined && branch[0] === ALONE && isSameTree(branch, theirs)) beRoot();
        return;
      }
      const [rank, count, path] = theirs;
      const isFromParent = link === parent;
      if (path.includes(self) || (!isFromParent && isSameTree(branch, theirs))) {
        throw new FederationError('cycle', 'the link would close a ring: its ends are joined already');
      }
      const isNews = isFromParent ? !isSameTree(branch, theirs) || !isSamePath(branch[2].slice(0, -1), path) : yields(branch, theirs);
      if (isNews) stand([rank, count, [...path, self]], link);
    },
    leave(link: LinkId): void {
      setChild(link, false);
      links.delete(link);
      if (link === parent) beRoot();
    },
    /** Where the scope stands now. */
    get branch() {
      return branch;
    },
  };
}
