import { Observable } from 'rxjs';
import type { DatabaseFunctions } from '../database/database-functions.js';
import type { Env } from '../env/env.js';
import { fraction } from '../env/random.js';
import type { PortFunctions } from '../kernel/port-functions.js';
import { familyOf } from './core/names.js';
import { createCandidates, type EntryValue } from './core/candidates.js';
import { federate, type FederateOptions, type LinkStatus } from './federate.js';
import { linkTo, openEntry } from './ports.js';
import type { Scope } from './scope-types.js';
import { keepUplink, type UplinkStatus } from './uplink.js';

/** What the links between the nodes of a scope need of a node. */
export interface TreeContext {
  readonly env: Env;
  readonly node: PortFunctions & DatabaseFunctions;
  /** Whether other nodes can connect to this one. */
  readonly listens: boolean;
  /** Whether others may ask this node for a link. */
  readonly serve: boolean;
  readonly options: Pick<FederateOptions, 'filter'>;
}

/**
 * Joins a scope with those of the same name on other nodes, found through a family of the database. The links always form a
 * tree: each node has one uplink at most, and whom it may ask is in the order of {@link createCandidates}.
 */
export function joinTree(scope: Pick<Scope<never>, 'name'>, { env, node, listens, serve, options }: TreeContext): Observable<LinkStatus | UplinkStatus> {
  return new Observable((subscriber) => {
    const family = familyOf(scope.name);
    const ways = { ...options, clock: env.clock, limits: env.limits };
    const entry = serve ? openEntry(node, env.limits.scopeLinks) : undefined;
    if (entry !== undefined) {
      subscriber.add(node.dbReg(family, entry.port, { listens } satisfies EntryValue));
      subscriber.add(federate(scope, entry.links$, ways).subscribe({ next: (status) => { subscriber.next(status); } }));
      subscriber.add(() => { node.kil(entry.port); });
    }
    subscriber.add(
      keepUplink({
        env,
        entries$: node.dbMon(family),
        candidates: createCandidates(entry === undefined ? undefined : { id: entry.port.id, listens }, () => fraction(env.random)),
        link: (chosen) => federate(scope, linkTo(node, chosen as Parameters<typeof linkTo>[1], env), ways),
        told: (status) => { subscriber.next(status); },
      }),
    );
  });
}
