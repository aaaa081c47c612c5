import { fromEvent, map, Subject, type Observable } from 'rxjs';
import type { Clock } from '../env/clock.js';
import type { Bus } from './line.js';

/** What is used of a `MessagePort` and of a `BroadcastChannel`. */
export interface MessageTarget extends EventTarget {
  postMessage(message: unknown): void;
  close(): void;
  start?(): void;
}

/** Messages of a target, from when they are subscribed to. */
export const messagesOf = (target: MessageTarget): Observable<unknown> => fromEvent(target, 'message').pipe(map((event) => (event as { readonly data?: unknown }).data));

/** A port, or a channel that two ends have for themselves. */
export const busOver = (target: MessageTarget): Bus => ({ post: (message) => { target.postMessage(message); }, message$: messagesOf(target) });

/** The two ends of a bus inside one page: no event has to come, so that a page that is left can still say what it has to say. */
export function busPair(clock: Pick<Clock, 'soon'>): readonly [Bus, Bus] {
  const [one$, other$] = [new Subject<unknown>(), new Subject<unknown>()];
  const end = (to$: Subject<unknown>, message$: Subject<unknown>): Bus => ({ post: (message) => { clock.soon(() => { to$.next(message); }); }, message$ });
  return [end(other$, one$), end(one$, other$)];
}
