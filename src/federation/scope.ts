import { Observable, Subject } from 'rxjs';
import { closedGuard, endedBy, Guard } from '../kernel/guard.js';
import { untilAborted } from '../kernel/until-aborted.js';
import { stored } from '../database/core/stored.js';
import { limitsWith } from '../env/limits.js';
import { cryptoRandom, word } from '../env/random.js';
import { abortable, onAbort, signalOf, type SignalOptions } from '../env/signal.js';
import type { Observer, Sight } from './core/dataspace.js';
import { specDepth, valueDepth } from './core/decode.js';
import { FederationError } from './core/errors.js';
import type { Interest } from './core/interests.js';
import { createScopeCore, type ScopeCore } from './core/scope-core.js';
import { createTasks } from './core/tasks.js';
import { inspect } from './inspect.js';
import { compile, type Tagged } from './pattern.js';
import type { Scope, ScopeEvent, ScopeOptions } from './scope-types.js';

/** Letters of a random id: 119 bits. */
const ID_LENGTH = 20;

/** What links need of a scope. */
export interface ScopeInside {
  readonly core: ScopeCore;
  /** Runs a task when the action is over, among what observers are told. */
  later(task: () => void): void;
  /** Emits when the scope is closed. */
  readonly closed$: Observable<void>;
}

const insides = new WeakMap<object, ScopeInside>();

/** The inside of a scope that `createScope` has made. */
export function insideOf(scope: object): ScopeInside {
  const inside = insides.get(scope);
  if (inside === undefined) throw new TypeError('expected a scope that createScope has made');
  return inside;
}

/**
 * Makes a scope of its own; `federate` joins it with others.
 *
 * @example
 * ```ts
 * type Fact = { type: 'present'; who: string } | { type: 'says'; who: string; text: string };
 * const scope = createScope<Fact>('room');
 * scope.observe({ type: 'present', who: $ }).subscribe(({ kind, captures }) => console.log(kind, captures.who));
 * const here = scope.assert({ type: 'present', who: 'ada' });
 * here.unsubscribe();
 * ```
 */
export function createScope<A extends Tagged>(name: string, options: ScopeOptions = {}): Scope<A> {
  const limits = limitsWith(options.limits ?? {});
  const signal = signalOf(options);
  /** What observers have seen in the action that runs. */
  let seen = new Map<Observer, Sight[]>();
  /** What they are yet to be told. */
  const untold = createTasks();
  /** What comes after that. */
  const late: (() => void)[] = [];
  /** Who wants to hear of an interest, and which have changed in the action that runs. */
  const interested = new Map<Interest, () => void>();
  let changed = new Set<Interest>();
  const closed$ = new Subject<void>();
  /** Ends what clients do in the scope, when it is closed. */
  const open = new Set<() => void>();
  let isTelling = false;
  let isClosed = false;

  const tell = (): void => {
    if (isTelling) return;
    isTelling = true;
    try {
      untold.run();
    } finally {
      isTelling = false;
    }
  };

  const batches = new Map<Observer, (sights: readonly Sight[]) => void>();
  const core = createScopeCore({
    self: options.id ?? `${name}/${word(options.random ?? cryptoRandom, ID_LENGTH)}`,
    limits,
    seen(observer, sight) {
      const sights = seen.get(observer);
      if (sights === undefined) seen.set(observer, [sight]);
      else sights.push(sight);
    },
    interestChanged: (interest) => { changed.add(interest); },
    later: (task) => { late.push(task); },
    over() {
      for (const [observer, sights] of seen) untold.add(() => { batches.get(observer)?.(sights); });
      seen = new Map();
      for (const interest of changed) untold.add(() => { interested.get(interest)?.(); });
      changed = new Set();
      for (const task of late.splice(0)) untold.add(task);
      tell();
    },
  });

  const valueOf = (value: A): unknown => {
    if (isClosed) throw new FederationError('closed', `the scope ${name} is closed`);
    const kept = stored(value, valueDepth(limits));
    if (typeof (kept as Partial<Tagged> | null)?.type === 'string') return kept;
    throw new TypeError('a value for a scope has a text as its type: { type: \'...\' }');
  };

  const turns = (pattern: unknown): Observable<readonly ScopeEvent<never>[]> => {
    const { spec, shape } = compile(pattern, specDepth(limits));
    const eventOf = ({ kind, captures }: Sight): ScopeEvent<never> => ({ kind, captures: shape(captures) as never });
    return new Observable((subscriber) => {
      if (isClosed) {
        subscriber.complete();
        return undefined;
      }
      const observer: Observer = () => undefined;
      const complete = (): void => { subscriber.complete(); };
      batches.set(observer, (sights) => { subscriber.next(sights.map(eventOf)); });
      open.add(complete);
      core.act(() => {
        let present: readonly Sight[] = [];
        // what other links have told of already is seen in an action of its own, before anything else is
        core.act(() => {
          present = core.dataspace.observe(spec, observer).map((captures) => ({ kind: 'add', captures }));
        });
        present = [...present, ...(seen.get(observer) ?? [])];
        seen.delete(observer);
        if (present.length > 0) subscriber.next(present.map(eventOf));
      });
      return () => {
        open.delete(complete);
        batches.delete(observer);
        core.act(() => { core.dataspace.ignore(spec, observer); });
      };
    });
  };

  const scope: Scope<A> = {
    name,
    turns: (pattern: unknown, given?: SignalOptions) => turns(pattern).pipe(untilAborted(signalOf(given))),
    observe: (pattern: unknown, given?: SignalOptions) => flattened(turns(pattern)).pipe(untilAborted(signalOf(given))),
    assert(value, given) {
      const kept = valueOf(value);
      const by = signalOf(given);
      if (by?.aborted === true) return closedGuard();
      const guard = new Guard(() => {
        open.delete(end);
        core.act(() => { core.dataspace.retract(kept); });
      });
      const end = (): void => { guard.unsubscribe(); };
      open.add(end);
      core.act(() => { core.dataspace.assert(kept); });
      return endedBy(guard, by, onAbort);
    },
    asserting(value, given) {
      const asserted$ = new Observable<never>((subscriber) => {
        let guard: Guard | undefined;
        const replace = (next: A): void => {
          const last = guard;
          try {
            guard = scope.assert(next);
          } catch (error) {
            subscriber.error(error);
          }
          last?.unsubscribe();
          // whoever saw it may have unsubscribed already
          if (subscriber.closed) guard?.unsubscribe();
        };
        subscriber.add(() => guard?.unsubscribe());
        if (!(value instanceof Observable)) {
          replace(value);
          return;
        }
        subscriber.add(value.subscribe({ next: replace, error: (error: unknown) => { subscriber.error(error); } }));
      });
      return asserted$.pipe(untilAborted(signalOf(given)));
    },
    send(message) {
      const kept = valueOf(message);
      core.act(() => { core.dataspace.message(kept); });
    },
    interest(pattern: unknown, given?: SignalOptions) {
      const { spec } = compile(pattern, specDepth(limits));
      const wanted$ = new Observable<boolean>((subscriber) => {
        let isWanted: boolean | undefined;
        const say = (now: boolean): void => {
          if (now !== isWanted) subscriber.next((isWanted = now));
        };
        const complete = (): void => {
          say(false);
          subscriber.complete();
        };
        if (isClosed) {
          complete();
          return;
        }
        const interest = core.dataspace.interest(spec);
        subscriber.add(() => {
          open.delete(complete);
          interested.delete(interest);
          core.dataspace.lose(interest);
        });
        open.add(complete);
        interested.set(interest, () => { say(interest.watches > 0); });
        say(interest.watches > 0);
      });
      return wanted$.pipe(untilAborted(signalOf(given)));
    },
    transact: core.act,
    settled(given) {
      const by = signalOf(given);
      return abortable(new Promise((resolve) => { core.sync(resolve); }), by);
    },
    inspect: () => inspect(core),
    close() {
      if (isClosed) return;
      isClosed = true;
      forget?.();
      core.act(() => {
        for (const end of [...open]) end();
        closed$.next();
      });
      closed$.complete();
    },
  };
  insides.set(scope, { core, closed$, later: (task) => { late.push(task); } });
  const forget = signal && onAbort(signal, scope.close);
  if (signal?.aborted === true) scope.close();
  return scope;
}

function flattened<T>(batches: Observable<readonly T[]>): Observable<T> {
  return new Observable((subscriber) =>
    batches.subscribe({
      next(batch) {
        for (const one of batch) if (!subscriber.closed) subscriber.next(one);
      },
      error: (error: unknown) => { subscriber.error(error); },
      complete: () => { subscriber.complete(); },
    }),
  );
}
