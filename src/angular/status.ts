import { computed, DestroyRef, DOCUMENT, inject, signal, type Signal } from '@angular/core';
import type { NodeStatus, Suspension, Trouble, TroubleCode } from 'rxmp';
import { APP_NODE, follow } from './app-node.js';

/** How the application stands with the network, for people. */
export type RxmpStatus =
  /** There is no connection, and none is tried: the node is not made yet, or has nobody to connect with, or is closed; or the browser says that it is offline. */
  | { readonly status: 'offline' }
  /** There is no connection, and one is tried: `attempt` is its number, `nextIn` in how many ms it begins (undefined: it is under way), `why` what the last one failed of. */
  | { readonly status: 'connecting'; readonly attempt: number; readonly nextIn: number | undefined; readonly why: Trouble | undefined }
  | { readonly status: 'connected' }
  /** The connection broke, and what is sent waits for the next one (`resumeTime`). */
  | Suspension
  /** It is not let in, and waiting does not help: `why` says what somebody has to put right. */
  | { readonly status: 'refused'; readonly why: Trouble }
  /** There is no node: its options are wrong. */
  | { readonly status: 'failed'; readonly error: unknown };

/** What may be better at the next attempt. */
const PASSING: ReadonlySet<TroubleCode> = new Set(['unreachable', 'lost', 'timeout', 'ended', 'connected', 'forgotten', 'self', 'failed']);

const OFFLINE = { status: 'offline' } as const;

/**
 * How the application stands with the network, as a signal.
 *
 * @example
 * ```ts
 * class Banner {
 *   readonly status = injectRxmpStatus();
 *   readonly text = computed(() => {
 *     const now = this.status();
 *     if (now.status === 'connecting') return `attempt ${now.attempt}: ${now.why?.text ?? ''}`;
 *     return now.status === 'refused' ? `we are not let in: ${now.why.text}` : now.status;
 *   });
 * }
 * ```
 */
export function injectRxmpStatus(): Signal<RxmpStatus> {
  const { failure } = inject(APP_NODE);
  const last = signal<NodeStatus | undefined>(undefined);
  const isOnline = injectOnline();
  follow((node) => node.status$, (status) => { last.set(status); });
  return computed(() => {
    const failed = failure();
    return failed === undefined ? statusOf(last(), isOnline()) : { status: 'failed', error: failed.error };
  });
}

function statusOf(now: NodeStatus | undefined, isOnline: boolean): RxmpStatus {
  if (now === undefined) return OFFLINE;
  switch (now.status) {
    case 'connected':
    case 'suspended':
      return now;
    case 'connecting':
      if (now.why !== undefined && !PASSING.has(now.why.code)) return { status: 'refused', why: now.why };
      return isOnline ? now : OFFLINE;
    case 'alone':
      return now.why === undefined ? OFFLINE : { status: 'refused', why: now.why };
    case 'offline':
    case 'closing':
    case 'closed':
      return OFFLINE;
  }
}

/** What is used of a window. */
interface Page extends EventTarget {
  readonly navigator: { readonly onLine: boolean };
}

/** Whether the browser has a network at all; true where there is no browser. */
function injectOnline(): Signal<boolean> {
  const page = (inject(DOCUMENT) as { readonly defaultView: Page | null }).defaultView;
  const isOnline = signal(page?.navigator.onLine ?? true);
  if (page === null) return isOnline;
  const { outside } = inject(APP_NODE);
  const look = (): void => { isOnline.set(page.navigator.onLine); };
  outside(() => { for (const event of ['online', 'offline']) page.addEventListener(event, look); });
  inject(DestroyRef).onDestroy(() => { for (const event of ['online', 'offline']) page.removeEventListener(event, look); });
  return isOnline;
}
