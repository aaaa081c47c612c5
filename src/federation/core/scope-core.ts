import { shown } from '../../wire/printable.js';
import { createBarrier } from './barrier.js';
import { createDataspace, type Observer, type Sight } from './dataspace.js';
import { decodeTurn, type PacketLimits } from './decode.js';
import { FederationError } from './errors.js';
import { createLinkFilter, type LinkFilter } from './filter.js';
import type { Interest } from './interests.js';
import { createMembership } from './membership.js';
import { LOCAL, VERSION, type Control, type LinkId, type Packet } from './packets.js';
import { createRelay, type RelayLimits } from './relay.js';
import { createTasks } from './tasks.js';
import { cutTurn } from './turns.js';

export interface ScopeLimits extends RelayLimits, PacketLimits {
  /** About how long a message of a link may get before its turn is cut, in octets. */
  readonly databasePiece: number;
  readonly messageItems: number;
}

/** The end of a link that a scope is joined to. */
export interface LinkEnd {
  /** The packets of one turn. */
  send(turn: readonly (Packet | Control)[]): void;
  /** The other end has introduced itself by its name. */
  up(peer: string): void;
  /** The link is over, for a reason of this end or of the other. */
  failed(error: FederationError): void;
}

export interface ScopeCoreContext {
  /** Different from the names of all other scopes. */
  readonly self: string;
  readonly limits: ScopeLimits;
  seen(observer: Observer, sight: Sight): void;
  interestChanged(interest: Interest): void;
  /** An action is over, and its packets have left: what observers have seen may be told. */
  over(): void;
  /** Runs a task when observers have been told all that they have seen until now, at the latest with {@link over}. */
  later(task: () => void): void;
}

interface Joined {
  readonly end: LinkEnd;
  /** The name of the other end, once its `hello` has come. */
  peer: string | undefined;
  readonly filter: ReturnType<typeof createLinkFilter> | undefined;
  turn: (Packet | Control)[];
}

export type ScopeCore = ReturnType<typeof createScopeCore>;

/**
 * A scope without streams: its clients' dataspace, the relay between its links, and what links say besides. Whatever one
 * action causes is done before the next begins; what it has to say to a link leaves together, as one turn. Pure.
 */
export function createScopeCore({ self, limits, seen, interestChanged, over, later }: ScopeCoreContext) {
  const joined = new Map<LinkId, Joined>();
  /** Those that have something to be told when the action is over. */
  const spoken = new Set<Joined>();
  /** Packets between the dataspace and the relay, and from the relay to links, in the order in which they arose. */
  const queue = createTasks();
  let nextLink: LinkId = LOCAL + 1;
  let depth = 0;

  const say = (link: LinkId, packet: Packet | Control): void => {
    const one = joined.get(link);
    if (one === undefined) return;
    one.turn.push(packet);
    spoken.add(one);
  };
  /** A packet of the relay for a link, past its filter. */
  const tell = (link: LinkId, packet: Packet): void => {
    try {
      const { on, back } = joined.get(link)?.filter?.outgoing(packet) ?? { on: [packet], back: [] };
      for (const one of on) say(link, one);
      for (const one of back) queue.add(() => { if (joined.has(link)) relay.receive(link, one); });
    } catch (error) {
      fail(link, error);
    }
  };
  const dataspace = createDataspace({
    send: (packet) => { queue.add(() => { relay.receive(LOCAL, packet); }); },
    // and one more to the clients over there
    ...{ seen, interestChanged, hops: limits.linkHops + 1 },
  });
  const relay = createRelay((link, packet) => {
    queue.add(() => {
      if (link === LOCAL) dataspace.receive(packet);
      else tell(link, packet);
    });
  }, limits);
  const membership = createMembership(self, (link, branch, isFromThere) => { say(link, ['tree', branch, isFromThere]); });
  const barrier = createBarrier((link, mark) => { say(link, ['sync', mark]); });
  relay.up(LOCAL);

  const flush = (): void => {
    for (const one of spoken) {
      spoken.delete(one);
      const { turn } = one;
      one.turn = [];
      for (const part of cutTurn(turn, Math.min(limits.databasePiece, Math.floor(limits.messageItems / 2)))) one.end.send(part);
    }
  };

  /** Runs an action; those inside it are part of its turn. */
  const act = (action: () => void): void => {
    depth++;
    try {
      action();
      queue.run();
    } finally {
      if (--depth === 0) {
        flush();
        over();
      }
    }
  };

  const upLinks = (except?: LinkId): readonly LinkId[] => [...joined].filter(([id, { peer }]) => peer !== undefined && id !== except).map(([id]) => id);

  const leave = (link: LinkId): void => {
    const one = joined.get(link);
    if (one === undefined) return;
    joined.delete(link);
    spoken.delete(one);
    relay.down(link);
    queue.run();
    membership.leave(link);
    barrier.leave(link);
  };

  /** Ends a link for what is wrong with it; anything but a {@link FederationError} is no such thing. */
  const fail = (link: LinkId, error: unknown): void => {
    if (!(error instanceof FederationError)) throw error;
    const one = joined.get(link);
    if (one === undefined) return;
    if (error.code !== 'refused') one.end.send([...one.turn, ['err', error.code, error.message]]);
    leave(link);
    one.end.failed(error);
  };

  const greet = (link: LinkId, one: Joined, [, , name, branch]: Extract<Control, readonly ['hello', ...unknown[]]>): void => {
    if (one.peer !== undefined) throw new FederationError('malformed', 'a second hello');
    membership.update(link, branch, false);
    one.peer = name;
    relay.up(link);
    one.end.up(name);
  };

  /** A packet of the other end for the relay, past the link's filter. */
  const hear = (link: LinkId, { filter }: Joined, packet: Packet): void => {
    const { on, back } = filter?.incoming(packet) ?? { on: [packet], back: [] };
    for (const one of on) relay.receive(link, one);
    for (const one of back) say(link, one);
  };

  const handle = (link: LinkId, one: Joined, packet: Packet | Control): void => {
    if (packet[0] === 'hello') greet(link, one, packet);
    else if (packet[0] === 'err') throw new FederationError('refused', `the other end closed the link: ${shown(packet[1])}: ${shown(packet[2])}`);
    else if (one.peer === undefined) throw new FederationError('malformed', `wanted a hello first, got ${packet[0]}`);
    else if (packet[0] === 'tree') membership.update(link, packet[1], packet[2]);
    else if (packet[0] === 'sync') {
      const [, mark] = packet;
      // after what observers do about what they have seen
      barrier.ask(upLinks(link), () => { later(() => { act(() => { say(link, ['synced', mark]); }); }); });
    } else if (packet[0] === 'synced') {
      if (!barrier.answered(link, packet[1])) throw new FederationError('unknown', `answered the mark ${packet[1]}, which was not asked`);
    } else hear(link, one, packet);
    queue.run();
  };

  return {
    ...{ act, dataspace, relay },
    /** Joins a link, and says hello. */
    join(end: LinkEnd, filter?: LinkFilter): LinkId {
      const link = nextLink++;
      act(() => {
        const hello: Control = ['hello', VERSION, self, membership.join(link)];
        joined.set(link, { end, peer: undefined, filter: filter && createLinkFilter(filter, limits), turn: [] });
        say(link, hello);
      });
      return link;
    },
    /** A message has come over a link. What is wrong with it ends the link, and nothing else. */
    receive(link: LinkId, message: unknown): void {
      act(() => {
        try {
          for (const packet of decodeTurn(message, limits)) {
            const one = joined.get(link);
            if (one === undefined) return;
            handle(link, one, packet);
          }
        } catch (error) {
          queue.run();
          fail(link, error);
        }
      });
    },
    /** A link is gone. */
    leave(link: LinkId): void {
      act(() => { leave(link); });
    },
    /** Calls back when all that was done before has arrived wherever it goes, and has been answered. */
    sync(done: () => void): void {
      act(() => { barrier.ask(upLinks(), done); });
    },
    /** Links whose other end has introduced itself, with its name. */
    links: () => [...joined].flatMap(([link, { peer }]) => (peer === undefined ? [] : [{ link, peer }])),
    /** Where the scope stands in its tree. */
    get branch() {
      return membership.branch;
    },
  };
}
