import { word, type Random } from '../../env/random.js';
import type { Link } from '../../transport/link.js';
import type { Greeting } from '../../wire/greeting.js';

/** In the greeting of a page: the name of the link that is to be, and the names of those that it has lost. */
export const LINK_KEY = 'link';
export const LOST_KEY = 'lost';

const NAME_LENGTH = 10;
/** Those before are known to the other ends, or nobody's. */
const MOST = 4;

/** Names the links of a page (A3): when it comes again it says which one is lost, so that the other end need not find that out first. */
export function createLost(random: Random) {
  let lost: readonly { readonly node: string; readonly name: string }[] = [];
  return {
    /** For the greeting of a new connection. */
    keys: (): readonly (readonly [string, string])[] => [
      [LINK_KEY, word(random, NAME_LENGTH)],
      ...(lost.length > 0 ? [[LOST_KEY, lost.map(({ name }) => name).join()] as const] : []),
    ],
    /** There is a new link, whose greeting had these keys. */
    linked({ node, closed$ }: Link, keys: ReadonlyMap<string, string>): void {
      const name = keys.get(LINK_KEY) ?? '';
      lost = lost.filter((one) => one.node !== node);
      closed$.subscribe(() => { lost = [...lost, { node, name }].slice(-MOST); });
    },
  };
}

/** Whether the other end, which has proved itself, says that it has lost this link. */
export function hasLost(peer: Greeting, link: Link): boolean {
  const name = link.peer.keys.get(LINK_KEY);
  return name !== undefined && (peer.keys.get(LOST_KEY) ?? '').split(',').includes(name);
}
