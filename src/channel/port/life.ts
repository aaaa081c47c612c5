/** The locks of a browser: those of all pages and workers of one origin. */
interface Locks {
  request(name: string, options: { readonly signal?: AbortSignal }, granted: () => unknown): Promise<unknown>;
  query(): Promise<{ readonly held?: readonly { readonly name?: string }[] }>;
}

export const locksHere = (): Locks | undefined => (globalThis as { readonly navigator?: { readonly locks?: Locks } }).navigator?.locks;

/** Nothing is wrong where there are no locks, or none for this page: silence tells then (S16). */
const ignored = (): void => undefined;

/**
 * Holds a lock as long as this page or worker is there, or until the result is called, and tells when it does. Browsers give it to somebody else
 * when that is over, whyever.
 */
export function holdLock(name: string, held: () => void): () => void {
  const wanted = new AbortController();
  let release = ignored;
  locksHere()?.request(name, { signal: wanted.signal }, () => {
    held();
    return new Promise<void>((resolve) => { release = resolve; });
  }).catch(ignored);
  return () => {
    wanted.abort();
    release();
  };
}

/** Tells when a lock is free that somebody of this origin holds for certain, until the result is called. */
export function awaitLock(name: string, free: () => void): () => void {
  const stop = new AbortController();
  locksHere()?.request(name, { signal: stop.signal }, free).catch(ignored);
  return () => { stop.abort(); };
}

/** Tells when who holds a lock is gone, until the result is called. A lock that is not held here is somebody's of another origin. */
export function watchLock(name: string, gone: () => void): () => void {
  const stop = new AbortController();
  const locks = locksHere();
  locks?.query().then(({ held = [] }) => {
    if (stop.signal.aborted || !held.some((lock) => lock.name === name)) return undefined;
    return locks.request(name, { signal: stop.signal }, gone);
  }).catch(ignored);
  return () => { stop.abort(); };
}
