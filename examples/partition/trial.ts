import { createNetwork } from 'rxmp/testing';
import { runForLeader } from './leader.js';

/** The seeds of the network come first: a part without one knows nobody else. */
const NODES = ['ann', 'bob', 'cid', 'dan', 'eve', 'fay'];
const SEEDS = NODES.slice(0, 2);
/** Within this time after the network has healed all have to agree, virtual ms. */
const PATIENCE = 10_000;

/** What one trial has seen. */
export interface Trial {
  /** How many leaders there were while the network was split. */
  readonly leaders: number;
  /** Virtual ms from the end of the partition until all agreed again. */
  readonly healed: number;
}

/** Splits a network of nodes that run the service, crashes one of them, heals, and waits until all agree on a leader. */
export async function trial(seed: number): Promise<Trial> {
  await using network = createNetwork({ seed, delay: { min: 1, max: 20 } });
  const leaders = new Map<string, string>();
  for (const name of NODES) {
    await network.node(name, {
      seeds: SEEDS,
      start: (node) => runForLeader(node).subscribe((leader) => leaders.set(name, leader)),
    });
  }
  const agree = (leader: string): boolean => NODES.every((name) => leaders.get(name) === leader);
  await network.until(() => agree('fay'), PATIENCE);

  // the seeds are on either side, the others where the seed of the trial puts them
  const sides = NODES.map((_, i) => (i < 2 ? i : (seed >> (i - 2)) & 1));
  const heal = network.partition(...[0, 1].map((side) => NODES.filter((_, i) => sides[i] === side)));
  network.crash('fay', { silent: true });
  await network.run(5_000);
  leaders.delete('fay');
  const split = new Set(leaders.values()).size;

  heal();
  await network.restart('fay');
  const start = network.clock.now();
  await network.until(() => agree('fay'), PATIENCE);
  return { leaders: split, healed: network.clock.now() - start };
}
