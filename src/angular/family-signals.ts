import { computed, signal, type Signal } from '@angular/core';
import type { Observable, Subscription } from 'rxjs';
import type { FamilyChange, MpNode } from 'rxmp';
import { oncePerFrame } from './frame.js';

/**
 * How good what is known of a family is. `loading`: nothing is known yet; `current`: somebody vouches for it; `stale`: it is what was last known,
 * since the network is away; `failed`: it may not be watched, `error` says why.
 */
export type FamilyStatus = 'loading' | 'current' | 'stale' | 'failed';

/** A family as a signal of all of its keys, and how good that is. */
export interface FamilySignal<V> extends Signal<ReadonlyMap<string, V>> {
  readonly status: Signal<FamilyStatus>;
  /** Why it is `failed`; else undefined. */
  readonly error: Signal<unknown>;
}

/** A family in use. */
export interface UsedFamily {
  readonly signal: FamilySignal<unknown>;
  /** To be called once, by each user. */
  release(): void;
}

/** Gives the signal of a family: one and the same to all who use it at the time, so that the node watches it once. */
export type FamiliesInUse = (family: string) => UsedFamily;

type StreamOf = <T>(project: (node: MpNode) => Observable<T>) => Observable<T>;

interface Watched {
  readonly signal: FamilySignal<unknown>;
  readonly watch: Subscription;
  users: number;
}

export function familiesInUse(streamOf: StreamOf): FamiliesInUse {
  const all = new Map<string, Watched>();
  return (family) => {
    const watched = all.get(family) ?? { ...watchFamily(family, streamOf), users: 0 };
    all.set(family, watched);
    watched.users++;
    return {
      signal: watched.signal,
      release() {
        if (--watched.users > 0) return;
        all.delete(family);
        watched.watch.unsubscribe();
      },
    };
  };
}

const EMPTY: ReadonlyMap<string, never> = new Map<string, never>();

interface State {
  readonly change?: FamilyChange;
  readonly isOver?: boolean;
  readonly error?: unknown;
}

function watchFamily(family: string, streamOf: StreamOf): Omit<Watched, 'users'> {
  const state = signal<State>({});
  const watch = streamOf((node) => node.dbMon(family).pipe(oncePerFrame(node.clock))).subscribe({
    next: (change) => { state.set({ change }); },
    error: (error: unknown) => { state.update(({ change }) => ({ ...(change && { change }), isOver: true, error })); },
    complete: () => { state.update((last) => ({ ...last, isOver: true })); },
  });
  // the snapshot is made when somebody looks: so not in the stream
  const content = computed(() => state().change?.family ?? EMPTY, { debugName: `family ${family}` });
  return { signal: Object.assign(content, { status: computed(() => statusOf(state())), error: computed(() => state().error) }), watch };
}

function statusOf({ change, isOver = false, error }: State): FamilyStatus {
  if (error !== undefined) return 'failed';
  if (change === undefined) return 'loading';
  return change.current && !isOver ? 'current' : 'stale';
}
