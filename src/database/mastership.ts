import type { Clock } from '../env/clock.js';
import type { Directory } from './core/directory.js';
import type { Replica } from './core/replica.js';

export interface MastershipContext {
  readonly clock: Clock;
  /** How long an old master is asked, at most, after this node has become global, ms. */
  readonly handoverTime: number;
  readonly self: string;
  readonly replica: Pick<Replica, 'setHolder' | 'setSource' | 'holder' | 'source'>;
  readonly directory: Pick<Directory, 'isGlobal' | 'hasTold' | 'globals'>;
  /** This node is its own master now, or has found one. */
  settled(): void;
  /** Seeds that were reached, in configured order. */
  seedNodes(): readonly string[];
  hasSeeds(): boolean;
  isUp(node: string): boolean;
}

/**
 * Chooses the master (S21): a global node is its own, as is one that has nobody else; others keep the first seed that was
 * connected as long as it is, then take the next.
 *
 * A node that becomes global tells of its shard itself at once, but goes on asking its old master until it knows what that
 * one knows, a while at most: what it watches would seem to vanish otherwise (S28).
 */
export function createMastership(context: MastershipContext) {
  const { clock, self, replica, directory } = context;
  let patience = true;
  let cancelTimer: (() => void) | undefined;

  const chosen = (): string | undefined => {
    if (directory.isGlobal || !context.hasSeeds()) return self;
    const { holder } = replica;
    const seeds = context.seedNodes();
    if (holder !== undefined && holder !== self && context.isUp(holder)) return holder;
    return seeds.find(context.isUp);
  };

  /** The globals that the old master knows have told this one of their slaves. */
  const knowsAll = (old: string): boolean =>
    [old, ...directory.globals()].every((node) => node === self || directory.hasTold(node));

  const waits = (master: string | undefined): boolean => {
    const { source } = replica;
    if (master !== self || source === undefined || source === self) return false;
    return patience && context.isUp(source) && !knowsAll(source);
  };

  const update = (): void => {
    const master = chosen();
    replica.setHolder(master);
    if (!waits(master)) {
      cancelTimer?.();
      cancelTimer = undefined;
      replica.setSource(master);
      context.settled();
      return;
    }
    cancelTimer ??= clock.after(context.handoverTime, () => {
      patience = false;
      update();
    });
  };

  return {
    /** To be called when a node came or went, or this one has become global. */
    update,
    /** This node has become global, and has not heard of all others yet. */
    get isWaiting() {
      return cancelTimer !== undefined;
    },
    /** To be called when a global may have told of its slaves. */
    told(): void {
      if (cancelTimer !== undefined) update();
    },
    close(): void {
      cancelTimer?.();
    },
  };
}
