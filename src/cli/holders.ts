import { filter, map, type Observable } from 'rxjs';
import type { MpNode } from '../mp-node.js';

/**
 * How `rxmp db set` and `rxmp db del` find each other. A node can delete only what it has set itself, so who holds a key
 * says so in a family, and who wants it gone asks for it in another. Both are private nodes, which can't talk to each
 * other in any other way than by the database.
 */
const HOLDERS = 'rxmp:set';
const RELEASES = 'rxmp:del';

/** Tells the network that this node holds a key for as long as it is there. */
export function holds(node: MpNode, family: string, key: string): void {
  node.dbSet(HOLDERS, node.id, { family, key });
}

/** Emits when somebody wants the key gone that this node holds. */
export function releaseWanted(node: MpNode): Observable<unknown> {
  return node.dbMon(RELEASES).pipe(filter(({ add }) => add.includes(node.id)));
}

/** The nodes that hold one of the keys. */
export function holdersOf(node: MpNode, family: string, keys: ReadonlySet<string>): Observable<readonly string[]> {
  return node.dbFamily(HOLDERS).pipe(
    map((all) => [...all].filter(([, held]) => isOneOf(held, family, keys)).map(([holder]) => holder)),
  );
}

/** Asks nodes to let go what they hold; emits when all of them have. */
export function release(node: MpNode, holders: readonly string[]): Observable<unknown> {
  for (const holder of holders) node.dbSet(RELEASES, holder);
  return node.dbMon(HOLDERS).pipe(filter(({ family }) => !holders.some((holder) => family.has(holder))));
}

/** What the family holds may come from anybody. */
function isOneOf(held: unknown, family: string, keys: ReadonlySet<string>): boolean {
  if (typeof held !== 'object' || held === null || !('family' in held) || !('key' in held)) return false;
  return held.family === family && typeof held.key === 'string' && keys.has(held.key);
}
