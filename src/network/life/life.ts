import { defer, NEVER, Subject, Subscription, type Observable } from 'rxjs';
import type { Env } from '../../env/env.js';
import { isAttached, isVia } from '../../transport/address.js';
import type { Link } from '../../transport/link.js';
import type { Dial } from '../dial.js';
import { BORN, live, type Deed, type LifeEvent } from './core/life.js';
import { probe, PROBE_TIME } from './probe.js';

/** What waits for a connection tries at once; `redial`: what is under way is begun anew, too. */
export type Awake = Extract<Deed, 'dial' | 'redial'>;

export interface LifeContext {
  readonly env: Pick<Env, 'clock'>;
  /** The id of this node. */
  readonly own: string;
  /** What the platform tells, listened to while the node is there; undefined: it tells nothing. */
  readonly life$: Observable<LifeEvent> | undefined;
  /** False while what carries a connection is suspended: then nothing can come. */
  isCarried(link: Link): boolean;
  /** Whether there is a network may be another now. */
  changed(): void;
}

/** A link that ends so long after the page has woken up, ms, was lost before: another one is made at once. */
const WAKING = 2_000;

export type PageLife = ReturnType<typeof createLife>;

/** The life of a page (A3): its connections are given up, left, probed and made again as the browser tells. Elsewhere nothing is told. */
export function createLife({ env: { clock }, own, life$, isCarried, changed }: LifeContext) {
  const awake$ = new Subject<Awake>();
  /** Those that go over a network. */
  const links = new Set<Link>();
  /** They have given no sign of life since the browser is offline. */
  const doubted = new Set<Link>();
  /** They were there when the page woke up. */
  const woken = new Set<Link>();
  const open = new Subscription();
  let probes = new Subscription();
  let life = BORN;

  const isUp = ({ status }: Link): boolean => status.status === 'up';

  const trust = (link: Link): void => {
    if (doubted.delete(link)) changed();
  };

  const startProbe = (): void => {
    // the connections that carry others come first
    const asked = [...links].filter((link) => isUp(link) && link.isRead).sort((a, b) => Number(isVia(a.remoteAddress)) - Number(isVia(b.remoteAddress)));
    for (const link of asked) {
      woken.add(link);
      if (!life.isOnline) doubted.add(link);
    }
    probes.add(probe(asked, own, clock, {
      lives: trust,
      silent(link) {
        if (isCarried(link)) link.interrupt(`no sign of life within ${PROBE_TIME} ms, which the page has asked for`);
      },
    }));
    probes.add(clock.after(WAKING, () => { woken.clear(); }));
  };

  const stopProbes = (): void => {
    probes.unsubscribe();
    probes = new Subscription();
    woken.clear();
  };

  /** What goes through others ends with them. */
  const leave = (isLeft: (link: Link) => boolean): void => {
    stopProbes();
    for (const link of [...links]) {
      if (isVia(link.remoteAddress)) continue;
      if (isLeft(link)) link.leaveNow();
      else link.interrupt('the page stands still');
    }
  };

  const deeds: Readonly<Record<Deed, () => void>> = {
    probe: startProbe,
    dial: () => { awake$.next('dial'); },
    redial: () => { awake$.next('redial'); },
    suspend: () => { leave(({ resumption }) => resumption === undefined); },
    leave: () => { leave(() => true); },
  };

  const told = (event: LifeEvent): void => {
    const next = live(life, event);
    ({ life } = next);
    for (const deed of next.deeds) deeds[deed]();
    changed();
  };

  const linked = (link: Link): void => {
    if (life$ === undefined || isAttached(link.remoteAddress)) return;
    links.add(link);
    link.status$.subscribe({
      next: ({ status }) => { if (status === 'suspended') trust(link); },
      complete() {
        links.delete(link);
        trust(link);
        if (woken.delete(link)) clock.soon(() => { awake$.next('dial'); });
      },
    });
  };

  return {
    awake$: awake$.asObservable(),
    /** Begins to listen. */
    start(): void { open.add(life$?.subscribe(told)); },
    /** There is a new link. */
    linked,
    /** The browser says that there is no network. */
    isOffline: (): boolean => !life.isOnline,
    /** It says so, and this link has given no sign of life since. */
    isDoubted: (link: Link): boolean => doubted.has(link),
    /** A page that is asleep waits until it wakes up: then all attempts are begun anew. */
    whileAwake: (dial: Dial): Dial => (...what) => defer(() => (life.isAwake ? dial(...what) : NEVER)),
    close(): void {
      stopProbes();
      open.unsubscribe();
    },
  };
}
