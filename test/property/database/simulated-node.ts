import { createDirectory, type Directory } from '../../../src/database/core/directory.js';
import { createLocalShard, type LocalShard } from '../../../src/database/core/local-shard.js';
import { createMerge } from '../../../src/database/core/merge.js';
import { LISTENERS } from '../../../src/database/core/names.js';
import { pieces } from '../../../src/database/core/pieces.js';
import { createReplica, type Replica } from '../../../src/database/core/replica.js';
import { createQuestions } from '../../../src/database/core/questions.js';
import { createMastership } from '../../../src/database/mastership.js';
import { clockOf } from '../../../src/env/clock.js';
import { defaultLimits } from '../../../src/env/limits.js';
import { VirtualClock } from '../../../src/testing/index.js';
import { decodeDatabaseRequest, encodeDatabaseRequest, type DatabaseRequest } from '../../../src/wire/database.js';
import type { SimulatedNetwork, Participant } from './simulated-network.js';
import { createTelling } from './telling.js';
import { createWatching, type Watching } from './watching.js';

/** How messages travel in a history. */
export interface Carriage {
  /** Through JSON, as on a connection. */
  readonly wire: boolean;
  /** How long messages may get before they are cut. */
  readonly pieceSize: number;
  /** What a node tells itself waits in a queue like everything else. */
  readonly isLazy: boolean;
  /** Whether a node is one of rxmp, not of AnyEvent::MP. */
  isRxmp(node: string): boolean;
  /** Whether a node understands pieces that say that more will come. */
  isMarked(node: string): boolean;
}

export interface SimulatedNodeOptions {
  readonly id: string;
  readonly seeds: readonly string[];
  readonly isGlobal: boolean;
  readonly network: SimulatedNetwork;
  readonly carriage: Carriage;
}

export interface SimulatedNode extends Participant {
  readonly seeds: readonly string[];
  readonly shard: LocalShard;
  readonly replica: Replica;
  readonly directory: Directory;
  readonly watchings: ReadonlyMap<string, readonly Watching[]>;
  /** Nothing waits that it has told itself. */
  readonly isIdle: boolean;
  /** Questions that wait for an answer. */
  readonly unanswered: ReadonlySet<string>;
  set(family: string, key: string, value: unknown): void;
  del(family: string, key: string): void;
  watch(family: string): void;
  unwatch(family: string): void;
  ask(kind: 'g_db_family' | 'g_db_keys' | 'g_db_values', family: string, isCancelled: boolean): void;
  find(node: string, isCancelled: boolean): void;
  becomeGlobal(): void;
  /** What a family of a global node's store is. */
  store(family: string): ReadonlyMap<string, unknown>;
}

const PROBE = '(probe)';

/** The database of a node, put together as `createDatabase` does it, without a kernel. */
export function createSimulatedNode({ id, seeds, isGlobal, network, carriage }: SimulatedNodeOptions): SimulatedNode {
  const clock = clockOf(Object.assign(new VirtualClock(), { after: (_: number, task: () => void) => network.task(id, 'timer', task) }));
  const merge = createMerge(id);
  const shard = createLocalShard(id, merge, defaultLimits);
  const telling = createTelling(id, () => directory.vouched());
  const watchings = new Map<string, Watching[]>();
  const unanswered = new Set<string>();
  const local: (() => void)[] = [];
  let isRunning = false;
  let isScheduled = false;
  let probed: ReadonlyMap<string, unknown> = new Map();
  let counter = 0;

  const next = (): void => {
    local.shift()?.();
    schedule();
  };
  const run = (task: () => void): void => {
    local.push(task);
    if (carriage.isLazy) {
      network.task(id, 'local', next);
      return;
    }
    if (isRunning) return;
    isRunning = true;
    while (local.length > 0) next();
    isRunning = false;
  };

  const post = (nodes: readonly string[], request: DatabaseRequest): void => {
    for (const node of nodes) {
      if (node === PROBE) {
        if (request.kind === 'g_reply') probed = request.result as ReadonlyMap<string, unknown>;
        continue;
      }
      telling.told(node, request);
      if (node === id) run(() => { replica.receive(id, request); });
      else for (const piece of pieces(request, carriage.pieceSize, carriage.isMarked(node))) network.send(id, node, encodeDatabaseRequest(piece, carriage.isMarked(node)));
    }
  };

  const directory: Directory = createDirectory({
    self: id,
    limits: defaultLimits,
    send: post,
    isRxmp: carriage.isRxmp,
    relaysTo: () => false,
    wanted: () => { becomeGlobal(); },
    handedOver: (task) => clock.after(1, () => {
      task();
      schedule();
    }),
  }, merge);
  const replica: Replica = createReplica(
    {
      self: id,
      send(master, request) {
        if (master !== id) post([master], request);
        else {
          telling.heard(id, request);
          directory.request(id, request);
        }
      },
      admit: (_, entries) => entries,
      run,
      regrouped: (task) => clock.after(1, task),
      changed: (family, change) => { for (const watching of [...(watchings.get(family) ?? [])]) watching.next(change); },
    },
    shard,
  );
  const mastership = createMastership({
    ...{ clock, handoverTime: 1, self: id, replica, directory, seedNodes: () => seeds },
    hasSeeds: () => seeds.length > 0,
    isUp: (node) => network.isUp(id, node),
    settled: () => { questions.answer(); },
  });
  const questions = createQuestions(defaultLimits.peerQuestions, (from, request) => { directory.request(from, request); });

  const flush = (): void => {
    isScheduled = false;
    telling.beginTurn();
    replica.flush();
    directory.flush();
    telling.endTurn();
  };
  const schedule = (): void => {
    if (isScheduled || !merge.isDirty) return;
    isScheduled = true;
    network.task(id, 'turn', flush);
  };
  const becomeGlobal = (): void => {
    if (directory.isGlobal) return;
    replica.setHolder(id);
    directory.becomeGlobal(network.peersOf(id));
    mastership.update();
    schedule();
  };
  const answered = (name: string): (() => void) => {
    unanswered.add(name);
    return () => void unanswered.delete(name);
  };

  const node: SimulatedNode = {
    ...{ id, seeds, shard, replica, directory, watchings, unanswered, becomeGlobal },
    get isIdle() {
      return local.length === 0;
    },
    up(other) {
      directory.up(other);
      if (seeds.includes(other)) {
        post([other], { kind: 'g_slave', db: undefined });
        mastership.update();
      }
      schedule();
    },
    down(other) {
      // as in the kernel, what arrived before comes first
      for (let waiting = local.length; waiting > 0; waiting--) next();
      telling.down(other);
      questions.forget(other);
      directory.down(other);
      mastership.update();
      schedule();
    },
    receive(from, message) {
      const [tag, ...args] = (carriage.wire ? JSON.parse(JSON.stringify(message)) : message) as [string, ...unknown[]];
      const request = decodeDatabaseRequest(tag, args, defaultLimits);
      if (request === undefined) throw new Error(`${tag} is no request`);
      telling.heard(from, request);
      if (['g_chg1', 'g_chg2', 'g_reply', 'g_found'].includes(request.kind)) run(() => { replica.receive(from, request); });
      else if (!mastership.isWaiting || !questions.keep(from, request)) directory.request(from, request);
      mastership.told();
      schedule();
    },
    set(family, key, value) {
      shard.set(family, key, value);
      schedule();
    },
    del(family, key) {
      shard.del(family, key);
      schedule();
    },
    watch(family) {
      const watching = createWatching(`${family} at ${id}`);
      const store = replica.open(family);
      watchings.set(family, [...(watchings.get(family) ?? []), watching]);
      if (store !== undefined) watching.next(store.current());
      schedule();
    },
    unwatch(family) {
      const [first, ...rest] = watchings.get(family) ?? [];
      if (first === undefined) return;
      first.finish();
      if (rest.length > 0) watchings.set(family, rest);
      else {
        watchings.delete(family);
        replica.close(family);
      }
    },
    ask(kind, family, isCancelled) {
      const done = answered(`${kind} ${family} ${counter++}`);
      const cancel = replica.query(kind, family, done);
      if (!isCancelled) return;
      cancel();
      done();
    },
    find(other, isCancelled) {
      const done = answered(`g_find ${other} ${counter++}`);
      const cancel = replica.find(other, done);
      if (!isCancelled) return;
      cancel();
      done();
    },
    store(family) {
      directory.request(PROBE, { kind: 'g_db_family', family, id: 0 });
      return probed;
    },
  };
  network.add(node);
  mastership.update();
  shard.set(LISTENERS, id, [`${id}:1`]);
  flush();
  if (isGlobal) becomeGlobal();
  return node;
}
