import { messages, type Scope } from 'rxmp/federation';
import { filter, ignoreElements, merge, tap, type Observable } from 'rxjs';
import { DONE, PRESENT, soundOnly, TAKE, type Fact } from './facts.js';

/** The items of one member. */
export interface OwnItems {
  add(text: string): void;
  /** Does what others ask for, while subscribed. */
  readonly kept$: Observable<never>;
}

/**
 * Asserts the items of one member. Others change them by messages: the owner decides, so that of two who take one only the
 * first has it. What somebody has taken who is gone is free again.
 */
export function ownItems(scope: Scope<Fact>, owner: string): OwnItems {
  const items = new Map<string, { readonly by: string | null; drop(): void }>();

  /** In one turn: nobody sees the item twice, or not at all. */
  const put = (text: string, by: string | null): void =>
    scope.transact(() => {
      const last = items.get(text);
      const guard = scope.assert({ type: 'item', text, owner, by });
      items.set(text, { by, drop: () => guard.unsubscribe() });
      last?.drop();
    });

  const taken$ = scope.observe(TAKE).pipe(
    soundOnly(),
    messages(),
    tap(({ text, who }) => {
      if (items.get(text)?.by === null) put(text, who);
    }),
  );
  const done$ = scope.observe(DONE).pipe(
    soundOnly(),
    messages(),
    tap(({ text }) => {
      items.get(text)?.drop();
      items.delete(text);
    }),
  );
  const lost$ = scope.observe(PRESENT).pipe(
    filter(({ kind }) => kind === 'del'),
    tap(({ captures: { who } }) => {
      for (const [text, { by }] of items) if (by === who) put(text, null);
    }),
  );
  return {
    add(text) {
      if (!items.has(text)) put(text, null);
    },
    kept$: merge(taken$, done$, lost$).pipe(ignoreElements()),
  };
}
