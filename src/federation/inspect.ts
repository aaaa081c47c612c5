import type { LinkId } from './core/packets.js';
import type { ScopeCore } from './core/scope-core.js';
import type { Captures, Spec } from './core/spec.js';

/** A scope as it is at one moment. Link 0 are the scope's own clients. */
export interface ScopeInspection {
  /** Links that are up, with the name of the scope at the other end. */
  readonly links: readonly { readonly link: LinkId; readonly peer: string }[];
  /** The way from the root of the tree of scopes to this one, by their names: all that reach each other have one root. */
  readonly path: readonly string[];
  readonly subscriptions: readonly SubscriptionInspection[];
  /** Subscriptions that were given up, and whose end the other side has not acknowledged yet. */
  readonly retired: number;
}

/** One pattern: who observes it, where it is observed for them, and what matches. */
export interface SubscriptionInspection {
  readonly spec: Spec;
  readonly holders: readonly LinkId[];
  readonly subscribedAt: readonly LinkId[];
  readonly matches: readonly { readonly captures: Captures; readonly from: readonly LinkId[] }[];
}

export function inspect(core: ScopeCore): ScopeInspection {
  return {
    links: core.links(),
    path: core.branch[2],
    subscriptions: Array.from(core.relay.subs(), ({ spec, holders, out, matches }) => ({
      spec,
      holders: [...holders.keys()],
      subscribedAt: [...out.keys()],
      matches: Array.from(matches.values(), ({ captures, asserters }) => ({ captures, from: [...asserters] })),
    })),
    retired: core.relay.retired,
  };
}
