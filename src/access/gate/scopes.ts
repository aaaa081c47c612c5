import type { Subscription } from 'rxjs';
import type { Env } from '../../env/env.js';
import { federate } from '../../federation/federate.js';
import type { DirectionFilter } from '../../federation/core/filter.js';
import type { NodeScope } from '../../federation/node.js';
import type { Tagged } from '../../federation/pattern.js';
import { openEntry } from '../../federation/ports.js';
import type { PortFunctions } from '../../kernel/port-functions.js';
import { shown } from '../../wire/printable.js';
import type { Refused } from '../core/judge.js';
import type { Right } from '../core/rights.js';
import { told, within } from '../core/within.js';

type ScopeRight = Extract<Right, { kind: 'federate' }>;

export interface ScopesContext {
  readonly env: Env;
  readonly node: PortFunctions;
  /** The gate's own part of a scope. */
  federate(name: string): NodeScope<Tagged>;
}

/** What the scopes of one guest need. */
export interface GuestScopesContext {
  /** The rights in a scope; undefined: none. */
  rights(scope: string): ScopeRight | undefined;
  /** Whether a port is the guest's: others have not asked for a link, and could be killed for asking too often. */
  isOwn(port: string): boolean;
  /** Patterns that it may observe in one scope. */
  readonly observers: number;
  /** Where the guest asks for its link. */
  entry(scope: string, port: string): void;
  refuse(refused: Refused): void;
}

export type Scopes = ReturnType<typeof createScopes>;
type GuestScopes = ReturnType<Scopes['of']>;

/** Scopes that guests take part in, each through an entry of its own with its rights as a filter. */
export function createScopes({ env, node, ...context }: ScopesContext) {
  const joined = new Map<string, { readonly scope: NodeScope<Tagged>; users: number }>();

  /** The gate is in a scope while guests are. */
  const join = (name: string): NodeScope<Tagged> => {
    const known = joined.get(name) ?? { scope: context.federate(name), users: 0 };
    known.users++;
    joined.set(name, known);
    return known.scope;
  };
  const leave = (name: string): void => {
    const known = joined.get(name);
    if (known === undefined || --known.users > 0) return;
    joined.delete(name);
    known.scope.close();
  };

  return {
    of({ rights, observers, isOwn, entry, refuse }: GuestScopesContext) {
      const open = new Map<string, { readonly right: ScopeRight; readonly ends: Subscription }>();

      const filterOf = (name: string, { assert = [], observe = [] }: ScopeRight): DirectionFilter => ({
        subscriptions: observers,
        observe(spec) {
          if (observe.every((limit) => within(spec, limit))) return true;
          refuse(no(`to observe that in the scope ${shown(name)}`, name));
          return false;
        },
        match(spec, captures) {
          const known = told(spec, captures);
          if (known !== undefined && assert.every((limit) => within(known, limit))) return captures;
          refuse(no(`to assert or send that in the scope ${shown(name)}`, name));
          return undefined;
        },
      });

      const enter = (name: string, right: ScopeRight): void => {
        const scope = join(name);
        const { port, links$ } = openEntry(node, 1, isOwn);
        const ends = federate(scope, links$, { filter: { incoming: filterOf(name, right) }, clock: env.clock, limits: env.limits }).subscribe();
        ends.add(() => {
          node.kil(port);
          leave(name);
        });
        open.set(name, { right, ends });
        entry(name, port.id);
      };
      const exit = (name: string): void => {
        open.get(name)?.ends.unsubscribe();
        open.delete(name);
      };

      return {
        /** The guest takes part in a scope, or no longer. */
        watch(name: string, watched: boolean): void {
          exit(name);
          const right = watched ? rights(name) : undefined;
          if (right !== undefined) enter(name, right);
        },
        /** The rights are others now: who has others in a scope asks for a link again. */
        changed(): void {
          for (const [name, { right }] of [...open]) {
            const now = rights(name);
            if (JSON.stringify(now) === JSON.stringify(right)) continue;
            exit(name);
            if (now !== undefined) enter(name, now);
          }
        },
        close(): void {
          for (const name of [...open.keys()]) exit(name);
        },
      };
    },
  };
}

export type { GuestScopes };

const no = (what: string, scope: string): Refused => ({ kind: 'refused', what, right: { kind: 'federate', scope }, answer: undefined });
