import { Subject, of, type Subscription } from 'rxjs';
import type { Channel } from '../../../src/federation/channel.js';
import { federate, type FederateOptions, type LinkStatus } from '../../../src/federation/federate.js';
import type { Scope, ScopeEvent, ScopeOptions } from '../../../src/federation/scope-types.js';
import { createScope } from '../../../src/federation/scope.js';

export type Fact =
  | { readonly type: 'says'; readonly who: string; readonly text: string }
  | { readonly type: 'note'; readonly about: unknown };

/** One direction of a link: what was sent and waits to be received. */
export interface Way {
  /** As in `A>B`. */
  readonly name: string;
  readonly waiting: (readonly unknown[] | typeof CLOSED)[];
  /** Lets one message arrive. */
  deliver(): void;
}

export interface TestLink {
  readonly there: Way;
  readonly back: Way;
  readonly statuses: readonly [LinkStatus[], LinkStatus[]];
  /** Both ends lose it, with all that is under way. */
  drop(error?: Error): void;
}

/** A link to something that is no scope. */
export interface StrangerLink {
  say(...packets: readonly unknown[]): void;
  /** A message, whatever it is. */
  sayRaw(message: unknown): void;
  /** Packets that the scope has sent to it, taken away by each look; without controls, but for `err`. */
  got(): (readonly unknown[])[];
  readonly statuses: LinkStatus[];
  /** The scope has closed the link, with this error, if any. */
  readonly closed: { readonly error: Error | undefined } | undefined;
}

/** A packet that was sent over a link. */
export interface Traced {
  readonly way: string;
  readonly session: number;
  readonly packet: readonly unknown[];
}

const CLOSED = Symbol('closed');
const CONTROLS = ['hello', 'tree', 'sync', 'synced', 'err'];

export type TestNetwork = ReturnType<typeof createTestNetwork>;

/** Scopes joined by links whose messages wait until they are delivered, each direction in its order. */
export function createTestNetwork() {
  const ways: Way[] = [];
  let traced: Traced[] = [];
  let sessions = 0;
  let strangers = 0;

  const wayOf = (name: string, deliver: (message: readonly unknown[] | typeof CLOSED) => void): Way => {
    const waiting: Way['waiting'] = [];
    const way: Way = {
      name,
      waiting,
      deliver() {
        const message = waiting.shift();
        if (message !== undefined) deliver(message);
      },
    };
    ways.push(way);
    return way;
  };

  const endOf = (out: Way, into$: Subject<unknown>, session: number): Channel => {
    let isOpen = true;
    return {
      incoming$: into$,
      send(message) {
        if (!isOpen) return;
        for (const packet of message as readonly (readonly unknown[])[]) traced.push({ way: out.name, session, packet });
        out.waiting.push(JSON.parse(JSON.stringify(message)) as unknown[]);
      },
      close() {
        if (isOpen) out.waiting.push(CLOSED);
        isOpen = false;
        into$.complete();
      },
    };
  };

  const network = {
    scope: (name: string, options: ScopeOptions = {}): Scope<Fact> => createScope<Fact>(name, { id: name, ...options }),
    /** Links two scopes; `far` are the options of the second. */
    link(a: Scope<Fact>, b: Scope<Fact>, near: FederateOptions = {}, far: FederateOptions = {}): TestLink {
      const session = ++sessions;
      const [toA$, toB$] = [new Subject<unknown>(), new Subject<unknown>()];
      const deliverTo = (into$: Subject<unknown>) => (message: unknown) => {
        if (message === CLOSED) into$.complete();
        else into$.next(message);
      };
      const there = wayOf(`${a.name}>${b.name}`, deliverTo(toB$));
      const back = wayOf(`${b.name}>${a.name}`, deliverTo(toA$));
      const statuses: readonly [LinkStatus[], LinkStatus[]] = [[], []];
      const join = (scope: Scope<Fact>, channel: Channel, options: FederateOptions, to: LinkStatus[]): Subscription =>
        federate(scope, of(channel), options).subscribe((status) => to.push(status));
      join(a, endOf(there, toA$, session), near, statuses[0]);
      join(b, endOf(back, toB$, session), far, statuses[1]);
      return {
        there, back, statuses,
        drop(error = new Error('the link is lost')) {
          there.waiting.length = 0;
          back.waiting.length = 0;
          toA$.error(error);
          toB$.error(error);
          there.waiting.length = 0;
          back.waiting.length = 0;
        },
      };
    },
    /** Links a scope to somebody who says whatever the test wants; it has introduced itself, if it is to have. */
    stranger(scope: Scope<Fact>, { greets = true, ...options }: FederateOptions & { readonly greets?: boolean } = {}): StrangerLink {
      const incoming$ = new Subject<unknown>();
      const statuses: LinkStatus[] = [];
      let sent: (readonly unknown[])[] = [];
      let closed: StrangerLink['closed'];
      const channel: Channel = {
        incoming$,
        send(message) {
          sent.push(...(message as (readonly unknown[])[]));
        },
        close(error) {
          closed ??= { error };
        },
      };
      federate(scope, of(channel), options).subscribe((status) => statuses.push(status));
      if (greets) incoming$.next([['hello', 2, `stranger ${++strangers}`, [0, 0, [`stranger ${strangers}`]]]]);
      return {
        statuses,
        say: (...packets) => { incoming$.next(packets); },
        sayRaw: (message) => { incoming$.next(message); },
        got() {
          const found = sent.filter(([kind]) => kind === 'err' || !CONTROLS.includes(String(kind)));
          sent = [];
          return found;
        },
        get closed() {
          return closed;
        },
      };
    },
    /** Links, and waits until the ends know each other. */
    linked(a: Scope<Fact>, b: Scope<Fact>): TestLink {
      const link = network.link(a, b);
      network.flush();
      return link;
    },
    /** Lets all arrive, and what comes of it. */
    flush(): void {
      for (let way = ways.find(({ waiting }) => waiting.length > 0); way !== undefined; way = ways.find(({ waiting }) => waiting.length > 0)) way.deliver();
    },
    /** Packets since the last call, without those that only sessions know. */
    trace(): readonly Traced[] {
      const found = traced.filter(({ packet }) => !CONTROLS.includes(String(packet[0])));
      traced = [];
      return found;
    },
    /** The same with controls. */
    traceAll(): readonly Traced[] {
      const found = traced;
      traced = [];
      return found;
    },
  };
  return network;
}

/** Events as text, taken away by each look: `add a,x`. */
export function watch<C>(events$: { subscribe(next: (event: ScopeEvent<C>) => void): Subscription }): { seen(): string[]; stop(): void } {
  let log: string[] = [];
  const subscription = events$.subscribe(({ kind, captures }) => {
    const shown = Object.values(captures as object).map((value) => (typeof value === 'string' ? value : JSON.stringify(value)));
    log.push(`${kind} ${shown.join()}`.trim());
  });
  return {
    seen() {
      const found = log;
      log = [];
      return found;
    },
    stop: () => { subscription.unsubscribe(); },
  };
}
