import { Subject, type Observable } from 'rxjs';
import { checkFamily } from '../database/core/names.js';
import { word } from '../env/random.js';
import { onAbort, signalOf, type SignalOptions } from '../env/signal.js';
import { owned } from '../kernel/owned.js';
import { logged } from '../kernel/unhandled.js';
import type { FederateOptions, LinkStatus } from './federate.js';
import type { UplinkStatus } from './uplink.js';
import type { Tagged } from './pattern.js';
import type { Scope } from './scope-types.js';
import { createScope } from './scope.js';
import { familyOf } from './core/names.js';
import { joinTree, type TreeContext } from './tree.js';

/** Options of `node.federate`; `signal` closes the scope. */
export interface NodeScopeOptions extends Pick<FederateOptions, 'filter'>, SignalOptions {
  /** Whether other nodes may link to this one's scope. Default: true. False suits many short-lived programs: they are leaves. */
  readonly serve?: boolean;
}

/** A scope of a node, one with the scopes of the same name on other nodes. */
export interface NodeScope<A extends Tagged> extends Scope<A> {
  /**
   * Links that come and go, and whom the node asks for one, from now on; `inspect().links` has those that are there.
   *
   * @example
   * room.status$.subscribe((status) => {
   *   if (status.state === 'failed') console.log(`no link to ${status.node}: ${status.error.message}`);
   * });
   */
  readonly status$: Observable<LinkStatus | UplinkStatus>;
}

/** Letters that tell two scopes of one name and node apart. */
const ID_LENGTH = 8;

export interface NodeScopeContext extends Omit<TreeContext, 'serve' | 'options'> {
  /** The id of the node. */
  readonly id: string;
}

/** Makes the scope of a node and keeps it joined with the others, until it is closed. Throws `BadFamily` for its name. */
export function createNodeScope<A extends Tagged>(name: string, options: NodeScopeOptions, context: NodeScopeContext): NodeScope<A> {
  const { env, id } = context;
  const { serve = true, signal: _, ...rest } = options;
  const signal = signalOf(options);
  checkFamily(familyOf(name), env.limits);
  const scope = createScope<A>(name, { id: `${id}/${name}/${word(env.random, ID_LENGTH)}`, limits: env.limits });
  /** Nodes that have given no link, until one does: each is logged once. */
  const failing = new Set<string>();
  const logStatus = (status: LinkStatus | UplinkStatus): void => {
    if (status.state === 'up') failing.clear();
    else if (status.state === 'down' && status.error !== undefined) {
      env.log.info({ scope: name, link: status.link }, `a link of the scope ${name} ended: ${status.error.message}`);
    } else if (status.state === 'failed' && !failing.has(status.node)) {
      failing.add(status.node);
      env.log.info({ scope: name, peer: status.node }, `the scope ${name} got no link from ${status.node}: ${status.error.message}; others are asked first from now on`);
    }
  };
  const status$ = new Subject<LinkStatus | UplinkStatus>();
  const joined = joinTree(scope, { ...context, serve, options: rest }).subscribe((status) => {
    logStatus(status);
    status$.next(status);
  });
  const { close, observe, turns, interest } = scope;
  // what observers throw must not end the process: what they see comes from other nodes (S36)
  const own = <F extends (pattern: never, options?: SignalOptions) => Observable<unknown>>(make: F, what: string): F =>
    ((pattern: never, given?: SignalOptions) => owned(make(pattern), logged(env.log, `${what} of the scope ${name}`), signalOf(given))) as unknown as F;
  const nodeScope = Object.assign(scope, {
    observe: own(observe, 'observe'),
    turns: own(turns, 'turns'),
    interest: own(interest, 'interest'),
    status$: owned(status$, logged(env.log, `status$ of the scope ${name}`)),
    close() {
      close();
      joined.unsubscribe();
      status$.complete();
      forget?.();
    },
  });
  const forget = signal && onAbort(signal, nodeScope.close);
  return nodeScope;
}
