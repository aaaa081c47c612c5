import type { Cancel } from '../env/clock.js';
import type { Env } from '../env/env.js';
import type { NodeChange } from '../kernel/core/peers.js';
import type { Kernel } from '../kernel/kernel.js';
import { databaseRequests, decodeDatabaseRequest, type DatabaseRequest } from '../wire/database.js';
import { ProtocolError } from '../wire/errors.js';
import { createDirectory } from './core/directory.js';
import { createLocalShard } from './core/local-shard.js';
import { createMerge } from './core/merge.js';
import { LISTENERS, RELAYS, WEB_LISTENERS } from './core/names.js';
import { createQuestions } from './core/questions.js';
import { createReplica } from './core/replica.js';
import { createRuns } from './core/runs.js';
import { createDatabaseFunctions } from './functions.js';
import { createFinder } from './find.js';
import { createGateway } from './gateway.js';
import { createMastership } from './mastership.js';
import { joinMesh } from './mesh.js';
import { createPost } from './post.js';
import { createValueCheck, type FamilySchemas } from './schemas.js';

export interface DatabaseOptions {
  readonly env: Env;
  readonly kernel: Kernel;
  readonly schemas: FamilySchemas;
  /** This node passes connections on (V6). */
  readonly relay: boolean;
  /** Node ids of the seeds that were reached, in configured order. */
  seedNodes(): readonly string[];
  /** Whether there is anybody who could be a master. */
  hasSeeds(): boolean;
  /** Whether a node is attached to this one, and has it as a seed (V18). */
  isAttached(node: string): boolean;
  /** Whether a node is a guest of this one: it speaks for it. */
  isGuest?(node: string): boolean;
  /** Checks what this node is about to set; it throws what is wrong. */
  checkWrite?: ((family: string, key: string) => void) | undefined;
  /** Keeps a node connected for ever, or no longer (S22). */
  keep(node: string): void;
  drop(node: string): void;
}

export type Database = ReturnType<typeof createDatabase>;

/** The database of a node: its replica, its directory for when it is global, and what connects the two with the network. */
export function createDatabase(options: DatabaseOptions) {
  const { env, kernel, seedNodes } = options;
  const { clock, log, limits } = env;
  const self = kernel.id;
  const { peers, queue } = kernel;
  const check = createValueCheck(options.schemas, log);
  const merge = createMerge(self);
  const shard = createLocalShard(self, merge, limits);
  const post = createPost({
    env,
    kernel,
    // later: what subscribers do with it must not run while the directory is still telling others of the same change
    local: (request) => { queue.later(() => { replica.receive(self, request); }); },
  });
  /** Nodes whose link is suspended. */
  const suspended = new Set<string>();
  let scheduled = false;
  let closed = false;

  const relaysTo = (node: string): boolean => options.relay && peers.isUp(node) === true && post.isRxmp(node);

  const directory = createDirectory({
    ...{ self, limits, relaysTo },
    send: post.send,
    isRxmp: (node) => node === self || post.isRxmp(node),
    wanted: () => { becomeGlobal('a node made it its master'); },
    handedOver: (task) => clock.after(limits.handoverTime, () => {
      queue.run(task);
      schedule();
    }),
  }, merge);
  const replica = createReplica(
    {
      self,
      send(master, request) {
        if (master !== self) post.send([master], request);
        else directory.request(self, request);
      },
      admit: check.others,
      changed: (family, change) => { functions.changed(family, change); },
      run: queue.run,
      regrouped: (task) => clock.after(limits.regroupTime, () => { queue.run(task); }),
    },
    shard,
  );
  const heed = (): void => { replica.setSuspended(replica.source !== undefined && suspended.has(replica.source)); };
  const mastership = createMastership({
    ...{ clock, handoverTime: limits.handoverTime, self, replica, directory, seedNodes },
    hasSeeds: options.hasSeeds,
    isUp: (node) => peers.isUp(node) === true,
    settled: () => {
      heed();
      questions.answer();
    },
  });
  /** For what was not asked just now: who has asked for what can't be done is left, and nobody else notices. */
  const blaming = (take: (from: string, request: DatabaseRequest) => void) => (from: string, request: DatabaseRequest): void => {
    try {
      take(from, request);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      peers.blame(from, error.message);
    }
  };
  const questions = createQuestions(limits.peerQuestions, blaming(directory.request));

  /** What this turn has changed leaves when it ends (D8). */
  const schedule = (): void => {
    if (scheduled || closed || !merge.isDirty) return;
    scheduled = true;
    clock.turn(flush);
  };

  const flush = (): void => {
    scheduled = false;
    if (closed) return;
    replica.flush();
    directory.flush();
  };

  const functions = createDatabaseFunctions({ kernel, shard, replica, check, limits, schedule, checkWrite: options.checkWrite, isClosed: () => closed });
  const find = createFinder({ clock, regroupTime: limits.regroupTime, replica, isRxmp: (node) => node === self || post.isRxmp(node) });

  /** Answers as a global node, once it has heard of the others (S28). */
  const answer = (from: string, request: DatabaseRequest): void => {
    if (!mastership.isWaiting || !questions.keep(from, request)) directory.request(from, request);
  };
  const gateway = createGateway({
    ...{ self, directory, replica, relaysTo, find },
    watch: functions.watch,
    send: post.send,
    asked: blaming(answer),
  });
  /** A slave speaks for nodes that are attached to it, a gate for its guests. */
  const speaksFor = (node: string): boolean => options.isGuest?.(node) === true || (!directory.isGlobal && options.hasSeeds() && options.isAttached(node));

  const becomeGlobal = (why: string): void => {
    if (directory.isGlobal || closed) return;
    log.info({ node: self }, `this is a global node now: ${why}`);
    // first, since the directory flushes what the old master has not heard of yet
    replica.setHolder(self);
    directory.becomeGlobal(peers.up());
    mastership.update();
    gateway.becomeGlobal((node) => options.isGuest?.(node) === true);
    joinMesh({ self, watch: functions.watch, keep: options.keep, drop: options.drop });
    tellRelays();
    schedule();
  };

  let relays: readonly string[] = [];
  /** Global nodes are connected with all others, which need not be told. */
  const tellRelays = (): void => {
    if (closed) return;
    if (relays.length > 0 && !directory.isGlobal) shard.set(RELAYS, self, relays);
    else shard.del(RELAYS, self);
    schedule();
  };

  /** Where this node listens; AnyEvent::MP understands no URLs. */
  const list = (addresses: readonly string[]): void => {
    const isUrl = (address: string): boolean => address.includes('://');
    for (const [family, own] of [[LISTENERS, addresses.filter((address) => !isUrl(address))], [WEB_LISTENERS, addresses.filter(isUrl)]] as const) {
      if (own.length > 0) shard.set(family, self, own);
      else shard.del(family, self);
    }
  };

  const runs = createRuns();

  const isSeed = (node: string): boolean => seedNodes().includes(node);

  const greetSeed = (node: string): void => {
    // who is somebody's seed becomes global
    post.send([node], { kind: 'g_slave', db: undefined });
    mastership.update();
  };

  return {
    functions: functions.face,
    becomeGlobal,
    /** Which requests of other nodes this floor answers. */
    requests: {
      knows: (tag: string): boolean => databaseRequests.has(tag),
      handle(from: string, tag: string, args: readonly unknown[]): boolean {
        const request = decodeDatabaseRequest(tag, args, limits);
        if (request === undefined) return false;
        if (closed) return true;
        if (isAnswer(request)) queue.run(() => { replica.receive(from, request); });
        else if (speaksFor(from)) gateway.request(from, request);
        else answer(from, request);
        mastership.told();
        schedule();
        return true;
      },
    },
    nodeChanged({ node, up }: NodeChange): void {
      if (closed) return;
      if (up) {
        if (runs.up(node, post.runOf(node))) queue.run(() => { replica.restarted(node); });
        directory.up(node);
        if (isSeed(node)) greetSeed(node);
      } else {
        runs.down(node);
        suspended.delete(node);
        questions.forget(node);
        gateway.down(node);
        directory.down(node);
        mastership.update();
      }
      schedule();
    },
    /** The link of a node is suspended, or goes on. Never in the middle of something: it tells users (V12). */
    setSuspended(node: string, is: boolean): void {
      if (closed) return;
      if (is) suspended.add(node);
      else suspended.delete(node);
      heed();
    },
    /** A node turned out to be a seed. */
    seedReached(node: string): void {
      if (peers.isUp(node) === true) greetSeed(node);
    },
    /** Begins; `addresses` are where this node listens. */
    start(addresses: readonly string[], global: boolean): void {
      mastership.update();
      list(addresses);
      flush();
      if (global) becomeGlobal('it was started as one');
    },
    /** This node listens elsewhere. */
    setAddresses(addresses: readonly string[]): void {
      if (closed) return;
      list(addresses);
      schedule();
    },
    /** Nodes that this one has connected with, and through which it can be reached (V5). */
    setRelays(nodes: readonly string[]): void {
      relays = nodes;
      tellRelays();
    },
    /** Watches any family. */
    watch: functions.watch,
    /** Sets a key of a family of the network itself, or deletes it. */
    publish(family: string, key: string, value: unknown): void {
      if (closed) return;
      if (value === undefined) shard.del(family, key);
      else shard.set(family, key, value);
      schedule();
    },
    /** A gate has refused that to this node, which is its guest (G1). */
    deniedFamily: functions.denied,
    deniedQuery: replica.denied,
    deniedKeys(family: string, keys: readonly string[]): void {
      if (closed) return;
      for (const key of keys) shard.del(family, key);
      schedule();
    },
    /** Looks up where a node listens (S19); null: nobody knows. */
    find: (node: string, found: (addresses: readonly string[] | null) => void): Cancel => find(node, found),
    close(): void {
      closed = true;
      mastership.close();
      gateway.close();
      replica.end();
      directory.close();
      functions.close();
    },
  };
}

/** What only a master says. */
function isAnswer({ kind }: DatabaseRequest): boolean {
  return kind === 'g_chg1' || kind === 'g_chg2' || kind === 'g_reply' || kind === 'g_found';
}

