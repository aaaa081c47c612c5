/** A service to be tested: of all nodes that run it, each knows one as the leader. */
import type { MpNode } from 'rxmp';
import { distinctUntilChanged, map, type Observable } from 'rxjs';

const CANDIDATES = 'candidates';

/**
 * Runs for leader on a node; gives the leader as this node sees it, from now on. The greatest node id leads. Parts of a
 * network that can't hear of each other have a leader each: what matters is that there is one again soon after.
 */
export function runForLeader(node: MpNode): Observable<string> {
  node.dbReg(CANDIDATES, node.port(), node.id);
  return node.dbMon<string>(CANDIDATES).pipe(
    map(({ family }) => [...family.values()].sort().at(-1) ?? ''),
    distinctUntilChanged(),
  );
}
