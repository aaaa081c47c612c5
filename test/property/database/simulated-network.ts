import type { Cancel } from '../../../src/env/clock.js';

/** One end of links: a node of some kind. */
export interface Participant {
  readonly id: string;
  up(node: string): void;
  down(node: string): void;
  receive(from: string, message: readonly unknown[]): void;
}

/** A connection; each end notices its end in its own time. */
interface Link {
  isAlive: boolean;
}

interface Item {
  /** The connection of a message. */
  readonly link: Link | undefined;
  run(): void;
}

/** What waits for one receiver in order; queues are served in any order. */
interface Inbox {
  readonly name: string;
  readonly to: string;
  readonly items: Item[];
  /** Where it is among those that have something. */
  index: number;
}

export type SimulatedNetwork = ReturnType<typeof createSimulatedNetwork>;

/**
 * Nodes and the queues between them: one for each direction of a pair, and those of each node's own tasks. Which queue is
 * served next is the caller's choice, so that every interleaving can happen, and can happen again.
 */
export function createSimulatedNetwork() {
  const nodes = new Map<string, Participant>();
  const inboxes = new Map<string, Inbox>();
  const active: Inbox[] = [];
  const links = new Map<string, Link>();
  /** What each node believes: for `a>b` the connection with b that a knows of. */
  const known = new Map<string, Link>();

  const pair = (a: string, b: string): string => (a < b ? `${a}=${b}` : `${b}=${a}`);
  const path = (from: string, to: string): string => `${from}>${to}`;

  const push = (name: string, to: string, item: Item): void => {
    let inbox = inboxes.get(name);
    if (inbox === undefined) inboxes.set(name, (inbox = { name, to, items: [], index: -1 }));
    inbox.items.push(item);
    if (inbox.index >= 0) return;
    inbox.index = active.length;
    active.push(inbox);
  };

  const deactivate = (inbox: Inbox): void => {
    const last = active.pop();
    if (last !== undefined && last !== inbox) {
      active[inbox.index] = last;
      last.index = inbox.index;
    }
    inbox.index = -1;
  };

  const event = (from: string, to: string, link: Link, isUp: boolean): void => {
    push(path(from, to), to, {
      link: undefined,
      run() {
        if (isUp) known.set(path(to, from), link);
        else known.delete(path(to, from));
        const node = nodes.get(to);
        if (isUp) node?.up(from);
        else node?.down(from);
      },
    });
  };

  const cut = (a: string, b: string, kept: number): void => {
    const link = links.get(pair(a, b));
    if (link === undefined) return;
    links.delete(pair(a, b));
    link.isAlive = false;
    for (const [from, to] of [[a, b], [b, a]] as const) {
      const items = inboxes.get(path(from, to))?.items ?? [];
      // what the connection had carried already arrives yet
      const arriving = items.filter((item) => item.link !== link || kept-- > 0);
      items.splice(0, items.length, ...arriving);
      event(from, to, link, false);
    }
  };

  return {
    add(node: Participant): void {
      nodes.set(node.id, node);
    },
    send(from: string, to: string, message: readonly unknown[]): void {
      const link = known.get(path(from, to));
      if (link?.isAlive !== true) return;
      push(path(from, to), to, { link, run: () => nodes.get(to)?.receive(from, message) });
    },
    /** Something that a node does later, after what it has put off under the same name. */
    task(node: string, name: string, task: () => void): Cancel {
      let isCancelled = false;
      push(`${node}!${name}`, node, {
        link: undefined,
        run() {
          if (!isCancelled) task();
        },
      });
      return () => {
        isCancelled = true;
      };
    },
    connect(a: string, b: string): void {
      if (a === b || links.has(pair(a, b)) || !nodes.has(a) || !nodes.has(b)) return;
      const link: Link = { isAlive: true };
      links.set(pair(a, b), link);
      event(a, b, link, true);
      event(b, a, link, true);
    },
    /** Ends a connection; of what was under way, so many messages arrive yet. */
    cut,
    /** Ends a node, with all that it has not done yet. */
    kill(id: string, kept: number): void {
      nodes.delete(id);
      for (const other of nodes.keys()) cut(id, other, kept);
      for (const name of [...known.keys()]) if (name.startsWith(`${id}>`)) known.delete(name);
      for (const inbox of inboxes.values()) {
        if (inbox.to !== id) continue;
        inbox.items.length = 0;
        if (inbox.index >= 0) deactivate(inbox);
      }
    },
    isUp: (node: string, other: string): boolean => known.has(path(node, other)),
    peersOf: (node: string): readonly string[] => [...nodes.keys()].filter((other) => known.has(path(node, other))),
    has: (id: string): boolean => nodes.has(id),
    /** Serves one of the queues; false: nothing waits. */
    step(choice: number): boolean {
      const inbox = active[choice % active.length];
      if (inbox === undefined) return false;
      const item = inbox.items.shift();
      if (inbox.items.length === 0) deactivate(inbox);
      item?.run();
      return true;
    },
  };
}
