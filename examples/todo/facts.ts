import { $, type PatternOf, type ScopeEvent } from 'rxmp/federation';
import { filter, type MonoTypeOperatorFunction } from 'rxjs';

/** What the members share: the first two are asserted, so they are there as long as their member is; the others are messages. */
export type Fact =
  | { readonly type: 'present'; readonly who: string }
  /** `by` has taken it on; null: nobody has. */
  | { readonly type: 'item'; readonly text: string; readonly owner: string; readonly by: string | null }
  /** To the owner of an item: I take it on. */
  | { readonly type: 'take'; readonly text: string; readonly who: string }
  /** To the owner of an item, and to all: I have done it. */
  | { readonly type: 'done'; readonly text: string; readonly who: string };

/** The name of the scope. */
export const TODO = 'todo';

export const PRESENT = { type: 'present', who: $ } as const satisfies PatternOf<Fact>;
export const ITEM = { type: 'item', text: $, owner: $, by: $ } as const satisfies PatternOf<Fact>;
export const TAKE = { type: 'take', text: $, who: $ } as const satisfies PatternOf<Fact>;
export const DONE = { type: 'done', text: $, who: $ } as const satisfies PatternOf<Fact>;

/** An item, as everybody sees it. */
export interface Item {
  readonly text: string;
  readonly owner: string;
  readonly by: string | null;
}

/** Lets only sound events through. Types end at the network: what comes from there is looked at before it is believed. */
export const soundOnly = <C extends object>(): MonoTypeOperatorFunction<ScopeEvent<C>> => filter(isSound);

export const isSound = <C extends object>({ captures }: ScopeEvent<C>): boolean =>
  Object.entries(captures).every(([field, value]) => typeof value === 'string' || (field === 'by' && value === null));
