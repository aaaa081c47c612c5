import type { MpNode } from 'rxmp';
import { createNetwork, type TestNetwork } from 'rxmp/testing';
import { tapOn } from './tap.js';

const SIZES = [10, 30, 100, 300, 1_000];
const SEEDS = ['seed1', 'seed2', 'seed3'];
/** So many joins are measured at each size. */
const MEASURED = 5;
const FAMILY = 'members';
/** Within this time a join is over, ms. */
const PATIENCE = 60_000;

/** What one join takes. */
export interface JoinCost {
  readonly nodes: number;
  /** Messages of the whole network. */
  readonly messages: number;
  readonly octets: number;
  /** Until the new node knows all others, and all others know it, virtual ms. */
  readonly time: number;
}

/**
 * Lets a network grow to `most` nodes, and tells what a join takes at each size: first where nobody watches a family of all
 * nodes, then where all do.
 */
export async function measureJoins(most: number, print: (line: string) => void): Promise<void> {
  for (const watch of [false, true]) {
    print(watch ? '\nevery node watches a family that every node is in' : 'nobody watches a family of all nodes');
    print('| nodes | messages per join | octets per join | ms per join |\n| ---: | ---: | ---: | ---: |');
    await grow(most, watch, ({ nodes, messages, octets, time }) => {
      print(`| ${[nodes, messages, octets, time].map((figure) => Math.round(figure).toLocaleString('en')).join(' | ')} |`);
    });
  }
}

/** Three seeds, and nodes that join one after the other. */
export async function grow(most: number, watch: boolean, measured: (cost: JoinCost) => void): Promise<void> {
  const network = createNetwork({ seed: 1, delay: { min: 1, max: 5 }, node: { secret: 'of this measurement', monitorTimeout: 600_000, framings: ['json'] } });
  const known = new Map<string, () => number>();
  let messages = 0;
  let nodes = 0;

  const join = async (): Promise<void> => {
    const name = SEEDS[nodes] ?? `node${nodes}`;
    const { transport } = tapOn(network.wire.transport(name), (_to, chunk) => {
      // in JSON framing each message is a line; the lines of handshakes count too
      messages += typeof chunk === 'string' ? chunk.split('\n').length - 1 : 1;
    });
    const node = await network.node(name, { seeds: SEEDS, transports: [transport] });
    node.dbSet(FAMILY, name);
    nodes++;
    let size = 0;
    if (watch) node.dbMon(FAMILY).subscribe(({ family }) => { size = family.size; });
    known.set(name, () => size);
    await (watch ? settledAll(network, known, nodes) : settledOne(network, () => node.dbKeys(FAMILY), nodes));
  };

  const sizes = SIZES.filter((size) => size <= most);
  for (const size of sizes) {
    while (nodes < size - MEASURED) await join();
    await network.run(20_000);
    const start = { messages, octets: network.wire.traffic.octets, time: 0 };
    for (let i = 0; i < MEASURED; i++) {
      const begin = network.clock.now();
      await join();
      start.time += network.clock.now() - begin;
      // what the join still causes counts for it
      await network.run(1_000);
    }
    measured({ nodes: size, messages: (messages - start.messages) / MEASURED, octets: (network.wire.traffic.octets - start.octets) / MEASURED, time: start.time / MEASURED });
  }
  await network.close();
}

/** Until all know all. */
async function settledAll(network: TestNetwork, known: ReadonlyMap<string, () => number>, nodes: number): Promise<void> {
  const behind = new Set(known.values());
  await network.until(() => {
    for (const size of behind) {
      if (size() < nodes) return false;
      behind.delete(size);
    }
    return true;
  }, PATIENCE);
}

/** Until the new node, which asks again and again, knows all. */
async function settledOne(network: TestNetwork, ask: () => ReturnType<MpNode['dbKeys']>, nodes: number): Promise<void> {
  let size = 0;
  const again = (): void => {
    ask().subscribe((keys) => {
      size = keys.length;
      if (size < nodes) network.clock.after(1, again);
    });
  };
  again();
  await network.until(() => size >= nodes, PATIENCE);
}
