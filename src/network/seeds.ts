import type { Address } from '../transport/address.js';
import type { Resolve } from './dial.js';
import { createNamedSeed } from './named-seed.js';
import { createSeed, levelOf, type SeedContext } from './seed.js';
import type { Trial, Trouble } from './trouble.js';

/** What seeds need of the network. */
export interface SeedsContext extends SeedContext {
  readonly resolve: Resolve;
  /** A seed was identified, or dropped: who waits for an address may have to be told. */
  identified(): void;
  /** This node is one of its own seeds (S21); `seed` is what the log calls that. */
  selfSeed(seed: string): void;
}

/** One of the seeds as they were given: an address, or a name that stands for some. */
export interface SeedSource {
  start(): void;
  /** Whether a node may yet turn out to be a seed of it, or is one. */
  mayReach(node: string): boolean;
  /** Somebody wants the node now: ends the pauses of those that it may be. */
  hurry(node: string): void;
  /** The ids of those that were identified. */
  nodes(): readonly string[];
  /** How it stands with those that are not connected. */
  trials(): readonly Trial[];
  close(): void;
}

export type Seeds = ReturnType<typeof createSeeds>;

/** Keeps every seed connected, for ever (S21). */
export function createSeeds(addresses: readonly Address[], context: SeedsContext) {
  const sources = new Set<SeedSource>();
  /** What is kept connected, and is no seed: nodes that this one is attached to. */
  const others = new Set<SeedSource>();
  let isStarted = false;
  let ending: Trouble | undefined;

  const all = (): readonly SeedSource[] => [...sources, ...others];

  const single = (address: Address): SeedSource => {
    const self = (): void => {
      sources.delete(source);
      context.selfSeed(address.text);
      context.identified();
    };
    const seed = createSeed({ address, name: address.text, level: levelOf, self, changed: context.identified }, context);
    const mayReach = (node: string): boolean => seed.node === undefined || seed.node === node;
    const source: SeedSource = {
      start: seed.start,
      mayReach,
      hurry: (node) => { if (mayReach(node)) seed.hurry(); },
      nodes: () => (seed.node === undefined ? [] : [seed.node]),
      trials: () => (seed.trial === undefined ? [] : [seed.trial]),
      close: seed.close,
    };
    return source;
  };

  for (const address of addresses) {
    const found$ = context.resolve(address);
    sources.add(found$ === undefined ? single(address) : createNamedSeed(address, found$, context));
  }

  return {
    start(): void {
      isStarted = true;
      for (const source of all()) source.start();
    },
    /** Whether a node may yet turn out to be one of the seeds, or is one. */
    mayReach: (node: string): boolean => all().some((source) => source.mayReach(node)),
    /** Somebody wants the node now: ends the pauses of the seeds that it may be. */
    hurry(node: string): void {
      for (const source of all()) source.hurry(node);
    },
    /** The ids of those that were identified, each once, in the order of the seeds. */
    nodes: (): readonly string[] => [...new Set([...sources].flatMap((source) => source.nodes()))],
    /** How it stands with those that are not connected. */
    trials: (): readonly Trial[] => [...sources].flatMap((source) => source.trials()),
    /** One more, as a seed or not, which the result takes away again. */
    add(source: SeedSource, isSeed: boolean): () => void {
      const kept = isSeed ? sources : others;
      kept.add(source);
      if (isStarted) source.start();
      return () => {
        kept.delete(source);
        context.identified();
      };
    },
    /** Nobody tries any more, and this is why. */
    dismissed(text: string): void {
      for (const source of all()) source.close();
      sources.clear();
      ending = { code: 'revoked', text, seed: addresses[0]?.text ?? '' };
      context.stirred();
      context.identified();
    },
    /** Why nobody tries any more. */
    get ending() {
      return ending;
    },
    /** How many there are, without this node itself. */
    get size() {
      return sources.size;
    },
    close(): void {
      for (const source of all()) source.close();
      sources.clear();
      others.clear();
    },
  };
}
