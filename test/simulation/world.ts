import type { Logger, MpNode, NodeOptions } from 'rxmp';
import { createNetwork, type Heal } from 'rxmp/testing';
import { createCalls } from './calls.js';
import { createDeaths } from './deaths.js';
import { createFold, type Fold } from './families.js';
import { createGuard } from './guard.js';
import { createMessages } from './messages.js';
import type { Life, Port } from './model.js';
import type { Plan, Setup } from './plan.js';
import { tapOn, type Tap } from './tap.js';
import { createUpdates } from './updates.js';

/** Ids of seeds, globals and slaves are mixed, so that each is greater and less than others. */
const SEEDS = ['m', 'c', 'x', 'f'];
const GLOBALS = ['h', 'q'];
const SLAVES = Array.from('abdegijklnoprstuvwy');
export const FAMILIES = ['fam', 'other', 'reg'] as const;
export const LISTENERS = "'w";
export const MESH = "'g";
const INIT = 'sim::port';
/** So many of the last ports take part. */
const PORTS = 40;

/** How a node of a run is made. */
interface Role {
  readonly name: string;
  readonly kind: 'seed' | 'global' | 'slave';
  readonly isPrivate: boolean;
  /** Whose worker it is: that is its only seed. */
  readonly workerOf: string | undefined;
  readonly seeds: readonly string[];
  readonly options: NodeOptions;
}

function rolesOf({ seeds, globals, slaves, privateEvery, workers, framings, ...setup }: Setup): readonly Role[] {
  const seedNames = SEEDS.slice(0, seeds);
  const names = [...seedNames, ...GLOBALS.slice(0, globals), ...SLAVES.slice(0, slaves)];
  return names.map((name, i) => {
    const kind = i < seeds ? 'seed' : i < seeds + globals ? 'global' : 'slave';
    // of the first seed, of a node that is a slave itself, of the one before
    const workerOf = i < Math.max(names.length - workers, seeds + globals + 1) ? undefined : names[[0, seeds + globals, i - 1][i % 3] ?? 0];
    const isPrivate = workerOf !== undefined || (kind === 'slave' && privateEvery > 0 && i % privateEvery === 0);
    const own = workerOf !== undefined ? [workerOf] : kind === 'slave' ? seedNames.map((_, j) => seedNames[(i + j) % seeds] ?? '').slice(0, 1 + (i % 3)) : seedNames;
    return {
      ...{ name, kind, isPrivate, workerOf, seeds: own },
      options: {
        framings: framings[i % framings.length] ?? ['json'],
        monitorTimeout: setup.monitorTimeout,
        resumeTime: setup.resumeTime,
        global: kind === 'global',
        limits: {
          ...{ databasePiece: setup.piece, handshakeTime: HANDSHAKE_TIME, regroupTime: REGROUP_TIME, handoverTime: HANDOVER_TIME },
          ...(i % 3 === 1 ? EASILY_BUSY : {}),
        },
        ...(isPrivate ? { binds: [] } : {}),
      },
    };
  });
}

/** Shorter than the usual ones, so that a run sees more of what comes after them; ms. */
export const HANDSHAKE_TIME = 2_000;
export const REGROUP_TIME = 500;
export const HANDOVER_TIME = 1_000;

/** Some nodes have more to do than they get done in a turn, again and again, and read their connections no further. */
const EASILY_BUSY = { runMessages: 3, localQueue: 4 };

export type World = ReturnType<typeof createWorld>;

/** The nodes of a run, what they do, and what must be true of it. */
export function createWorld({ seed, setup }: Plan, note: (text: () => string) => void) {
  const network = createNetwork({ seed, delay: { min: 1, max: setup.delay } });
  const { clock, wire } = network;
  const roles = rolesOf(setup);
  /** What a node logs is part of what happens. */
  const logOf = (name: string): Logger => {
    const writer = (_details: object, text: string): void => { note(() => `${name} logs: ${text}`); };
    return { debug: writer, info: writer, warn: writer, error: writer };
  };
  const privates = new Set(roles.filter(({ isPrivate }) => isPrivate).map(({ name }) => name));
  const twinned = new Set<string>();
  const isText = setup.framings.every(([first]) => first !== 'cbor');
  const guard = createGuard();

  const messages = createMessages({
    now: () => clock.now(),
    calm: setup.calm,
    hadTwin: (node) => twinned.has(node),
    isPrivate: (node) => privates.has(node),
  });
  const deaths = createDeaths();
  const updates = createUpdates((worker) => roles.find(({ name }) => name === worker)?.workerOf);
  const calls = createCalls(guard);
  const lives = new Map<string, Life>();
  const counters = new Map<string, number>();
  const folds = new Set<Fold>();
  const stops = new WeakMap<Fold, () => void>();
  /** Hosts that are gone without anybody being told, and since when. */
  const vanished = new Map<string, number>();
  /** When a program last stood still. */
  const stood = new Map<string, number>();
  /** Hosts that stand still: their programs can't do anything. */
  const frozen = new Set<string>();
  /** The nodes besides that are there now. */
  const extras = new Set<string>();
  let extraCount = 0;
  const heals: Heal[] = [];
  const taps = new Map<string, Tap>();
  let ports: Port[] = [];

  const tapOf = (name: string): Tap => {
    let made = taps.get(name);
    if (made === undefined) {
      const written: Parameters<typeof tapOn>[1] = (to, chunk) => { if (isText) guard(() => { updates.written(name, to, chunk); }); };
      taps.set(name, (made = tapOn(wire.transport(name), written)));
    }
    return made;
  };

  /** Gives a port its receivers, and watches it. */
  const furnish = (life: Life, port: Port): void => {
    const { node } = life;
    void node.rcv(port.id, (kind: string, ...rest: readonly unknown[]) => {
      if (kind === 'm') {
        guard(() => { messages.arrived(life, port, String(rest[0]), Number(rest[1])); });
        note(() => `${port.id} got ${String(rest[1])} of ${String(rest[0])}`);
      } else if (kind === 'echo') node.snd(String(rest[1]), rest[0]);
      else throw new Error(kind);
    });
    node.mon(port.id, (...reason) => guard(() => {
      note(() => `${port.id} died: ${JSON.stringify(reason)}`);
      port.dead = reason;
      deaths.died(port, reason);
      life.shard.get('reg')?.delete(port.id);
    }));
  };

  const know = (port: Port): Port => {
    ports = [...ports.slice(-PORTS + 1), port];
    return port;
  };

  const born = (host: string, node: MpNode): void => {
    const number = (counters.get(host) ?? 0) + 1;
    counters.set(host, number);
    const life: Life = { key: `${host}.${number}`, host, number, node, since: clock.now(), alive: true, channels: new Map(), shard: new Map(), up: new Set(node.upNodes()), suspended: new Set(), status: '' };
    lives.set(host, life);
    vanished.delete(host);
    messages.born(life);
    node.status$.subscribe(({ status }) => {
      if (status !== life.status) note(() => `${life.key} is ${status}`);
      life.status = status;
    });
    node.connections$.subscribe((connection) => {
      connection.status$.subscribe(({ status }) => {
        if (status === 'suspended') life.suspended.add(connection);
        else life.suspended.delete(connection);
      });
    });
    node.monNodes().subscribe(({ node: other, up }) => guard(() => {
      note(() => `${life.key} was told that ${other} is ${up ? 'up' : 'down'}`);
      messages.told(life, other, up);
      if (up) greet(life, other);
    }));
    node.register(INIT, (self) => {
      const port = ports.find(({ id }) => id === self.id) ?? spawned.get(self.id);
      if (port === undefined) return;
      port.life = life;
      furnish(life, port);
    });
    makePort(life);
  };
  const spawned = new Map<string, Port>();

  const makePort = (life: Life): Port => {
    const { id } = life.node.port();
    const port = messages.made(id, life.host, { life });
    furnish(life, port);
    return know(port);
  };

  const end = (life: Life): void => {
    messages.ended(life);
    calls.ended(life);
    for (const fold of folds) if (fold.life === life) folds.delete(fold);
    lives.delete(life.host);
    frozen.delete(life.host);
  };

  const send = (life: Life, port: Port): void => {
    life.node.snd(port.id, 'm', life.key, messages.send(life, port));
  };

  /** What is up gets a message for each port that there were some for before. */
  const greet = (life: Life, node: string): void => {
    if (!setup.reacts || !life.alive) return;
    for (const port of ports) if (port.node === node && life.channels.has(port.id)) send(life, port);
  };

  const monitor = (life: Life, port: Port, again = setup.reacts): void => {
    // the node must see the monitor set before anything can be lost
    const watch = messages.watch(life, port, () => { stop.unsubscribe(); });
    const stop = life.node.mon(port.id, (...reason) => guard(() => {
      note(() => `${life.key} was told that ${port.id} died: ${JSON.stringify(reason)}`);
      messages.fired(watch, reason);
      if (!again || !life.alive || reason[0] !== 'transport_error') return;
      // once: where nobody is any more, there would be no end
      send(life, port);
      monitor(life, port, false);
    }));
    monitors.push(watch);
  };
  const monitors: ReturnType<typeof messages.watch>[] = [];

  return {
    ...{ network, clock, wire, setup, isText, roles, messages, deaths, calls, lives, frozen, vanished, stood, extras, folds, heals, monitors, twinned, guard, note },
    get ports() {
      return ports;
    },
    /** Throws what was found. */
    check(): void {
      guard.check();
    },
    async start(): Promise<void> {
      for (const { name, options, seeds, workerOf } of roles) {
        await network.node(name, { ...options, ...(workerOf === undefined ? { seeds } : { workerOf }), log: logOf(name), transports: [tapOf(name).transport], start: (node) => { born(name, node); } });
      }
    },
    /** A node besides, that no rule is about. */
    async extra(kind: string, options: NodeOptions): Promise<Tap> {
      const name = `${kind}${++extraCount}`;
      extras.add(name);
      const tapped = tapOn(wire.transport(name), () => undefined);
      await network.node(name, { monitorTimeout: setup.monitorTimeout, ...options, transports: [tapped.transport] });
      return tapped;
    },
    end,
    makePort,
    monitor,
    send,
    spawn(life: Life, on: string): Port {
      const id = life.node.spawn(on, INIT);
      const port = messages.made(id, on, { spawner: life });
      spawned.set(id, port);
      return know(port);
    },
    watch(life: Life, family: string): void {
      const fold = createFold(life, family);
      folds.add(fold);
      const subscription = life.node.dbMon(family).subscribe((change) => guard(() => {
        note(() => `${life.key} ${family}: add ${change.add.join()} chg ${change.chg.join()} del ${change.del.join()}${change.current ? '' : ', last known'}`);
        if (folds.has(fold)) fold.next(change);
      }));
      stops.set(fold, () => { subscription.unsubscribe(); });
    },
    unwatch(fold: Fold): void {
      folds.delete(fold);
      stops.get(fold)?.();
    },
  };
}
