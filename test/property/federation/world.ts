import type { FederationError } from '../../../src/federation/core/errors.js';
import type { Observer } from '../../../src/federation/core/dataspace.js';
import type { LinkId } from '../../../src/federation/core/packets.js';
import type { createScopeCore } from '../../../src/federation/core/scope-core.js';
import type { Spec } from '../../../src/federation/core/spec.js';
import { defaultLimits } from '../../../src/env/limits.js';
import { check } from '../database/check.js';
import { checkRules } from './rules.js';
import { createLedger, type Ledger } from './ledger.js';
import { createWatcher, type Sent, type Watcher } from './watcher.js';
import { messageOf, textOf } from './vocabulary.js';

/** The end of a link at one scope. */
export interface End {
  readonly site: Site;
  readonly link: Link;
  readonly id: LinkId;
  readonly ledger: Ledger;
  /** The scope still takes part. */
  joined: boolean;
  up: boolean;
  /** What this end has sent and the other has not received; CLOSED comes last. */
  readonly out: string[];
  /** What is sent gets lost: half of the connection is dead. */
  mute: boolean;
  /** Bad packets are under way to this end: it has to end the link. */
  doomed: boolean;
  readonly said: string[];
}

export interface Link {
  readonly ends: readonly [End, End];
  /** It would close a ring: nobody may subscribe over it. */
  readonly isRing: boolean;
}

/** One scope with its clients. */
export interface Site {
  readonly name: string;
  readonly core: ReturnType<typeof createScopeCore>;
  readonly ends: Map<LinkId, End>;
  /** Asserted values, and how often. */
  readonly asserted: Map<object, number>;
  readonly begun: Map<object, number>;
  readonly watchers: Map<Watcher, Observer>;
}

export const CLOSED = 'closed';
/** What ends may say of what bad packets have brought about. */
const DOOM: readonly string[] = ['duplicate', 'unknown', 'malformed'];

export type World = ReturnType<typeof createWorld>;

/** Scopes whose packets wait in queues until the player lets them arrive. Everything that is seen is checked at once. */
export function createWorld(create: typeof createScopeCore) {
  const sites: Site[] = [];
  const links = new Set<Link>();
  const sent = new Map<number, Sent>();
  const watcherOf = new Map<Observer, Watcher>();
  const counts = { refused: 0, doomed: 0 };
  let epoch = 0;
  let time = 0;

  const over = (end: End): void => {
    epoch++;
    end.joined = false;
    end.up = false;
    end.site.ends.delete(end.id);
    if (end.link.ends.every(({ joined }) => !joined)) links.delete(end.link);
  };
  const endOf = (link: Link, side: 0 | 1): End => link.ends[side];
  const otherOf = (end: End): End => (end.link.ends[0] === end ? end.link.ends[1] : end.link.ends[0]);

  const failed = (end: End, error: FederationError): void => {
    // stale news of who is reached where may refuse a link that would do; nothing else may, but bad packets
    const isDoomed = end.link.ends.some(({ doomed }) => doomed);
    const allowed = isDoomed ? [...DOOM, 'refused', 'cycle'] : ['cycle', 'refused'];
    check(allowed.includes(error.code), () => `${end.site.name} ends a link to ${otherOf(end).site.name}: ${error.code}: ${error.message}`);
    counts.refused++;
    if (!end.mute) end.out.push(CLOSED);
    over(end);
  };

  const join = (site: Site, link: Link): End => {
    const ledger = createLedger(`${site.name} over a link`);
    const said: string[] = [];
    const out: string[] = [];
    const end = { site, link, ledger, said, out, joined: true, up: false, mute: false, doomed: false } as unknown as { -readonly [K in keyof End]: End[K] };
    end.id = site.core.join({
      send(turn) {
        for (const packet of turn) {
          ledger.said(packet);
          said.push(packet[0]);
        }
        if (!end.mute) out.push(JSON.stringify(turn));
      },
      up() {
        end.up = true;
      },
      failed(error) {
        failed(end, error);
      },
    });
    site.ends.set(end.id, end);
    return end;
  };

  const world = {
    sites, links, counts, endOf, otherOf,
    add(): Site {
      const name = `scope ${sites.length}`;
      const core = create({
        self: name,
        limits: defaultLimits,
        seen(observer, sight) {
          watcherOf.get(observer)?.see(sight);
        },
        interestChanged: () => undefined,
        over: () => undefined,
        later: (task) => { task(); },
      });
      const site: Site = { name, core, ends: new Map(), asserted: new Map(), begun: new Map(), watchers: new Map() };
      sites.push(site);
      return site;
    },
    connect(a: Site, b: Site, isRing = false): Link {
      epoch++;
      const ends: End[] = [];
      const link = { ends: ends as unknown as readonly [End, End], isRing };
      links.add(link);
      ends.push(join(a, link), join(b, link));
      return link;
    },
    /** An end notices that the link is gone, and says so to the other end, or not. */
    leave(end: End, tell: boolean): void {
      if (!end.joined) return;
      over(end);
      end.site.core.leave(end.id);
      if (tell && !end.mute) end.out.push(CLOSED);
      world.verify(end.site);
    },
    /** Half of a link dies. */
    mute(end: End): void {
      epoch++;
      end.mute = true;
    },
    /** One message arrives. */
    deliver(from: End): void {
      const message = from.out.shift();
      const end = otherOf(from);
      if (message === undefined || !end.joined) return;
      if (message === CLOSED) {
        world.leave(end, false);
        return;
      }
      const turn = JSON.parse(message) as readonly (readonly unknown[])[];
      for (const packet of turn) end.ledger.got(packet);
      end.site.core.receive(end.id, turn);
      world.verify(end.site);
    },
    assert(site: Site, value: object): void {
      const count = site.asserted.get(value) ?? 0;
      site.asserted.set(value, count + 1);
      if (count === 0) site.begun.set(value, ++time);
      site.core.act(() => { site.core.dataspace.assert(value); });
      world.verify(site);
    },
    retract(site: Site, value: object): void {
      const count = (site.asserted.get(value) ?? 0) - 1;
      if (count > 0) site.asserted.set(value, count);
      else site.asserted.delete(value);
      site.core.act(() => { site.core.dataspace.retract(value); });
      world.verify(site);
    },
    observe(site: Site, spec: Spec): Watcher {
      const observer: Observer = () => undefined;
      const watcher = createWatcher(spec, {
        name: `an observer of ${textOf(spec)} at ${site.name}`,
        sent: (n) => sent.get(n),
        epoch: () => epoch,
        stands: (name, value) => {
          const from = sites.find((one) => one.name === name);
          return from?.asserted.has(value) === true ? from.begun.get(value) : undefined;
        },
      });
      watcherOf.set(observer, watcher);
      site.watchers.set(watcher, observer);
      site.core.act(() => {
        for (const captures of site.core.dataspace.observe(spec, observer)) watcher.see({ kind: 'add', captures });
      });
      world.verify(site);
      return watcher;
    },
    ignore(site: Site, watcher: Watcher): void {
      const observer = site.watchers.get(watcher);
      if (observer === undefined) return;
      site.watchers.delete(watcher);
      site.core.act(() => { site.core.dataspace.ignore(watcher.spec, observer); });
      watcherOf.delete(observer);
      world.verify(site);
    },
    /** Sends a message that can be told from others; gives it. */
    send(site: Site, who: string): object {
      const n = sent.size + 1;
      const stood = new Map(Array.from(site.asserted.keys(), (value) => [value, site.begun.get(value) ?? 0]));
      sent.set(n, { n, from: site.name, epoch, stood });
      const message = messageOf(n, who);
      site.core.act(() => { site.core.dataspace.message(message); });
      world.verify(site);
      return message;
    },
    /** What `from` would never say, and what has to end the link over there. */
    doom(from: End, turn: readonly (readonly unknown[])[]): void {
      if (from.mute) return;
      counts.doomed++;
      otherOf(from).doomed = true;
      from.out.push(JSON.stringify(turn));
    },
    /** R1 and R2 hold after every event. */
    verify(site: Site): void {
      checkRules(site);
    },
  };
  return world;
}
