import type { MpNode, NodeOptions } from 'rxmp';
import type { RecordedLog, World } from '../../../marbles/world.js';

export type Pod = MpNode & { readonly log: RecordedLog };

export const NAME = 'memory://pods';
export const setName = (world: World, ...hosts: string[]): void => { world.network.setName(NAME, hosts.map((host) => `memory://${host}`)); };
const seen = new WeakMap<MpNode, Iterable<string>>();

/** A pod as a rollout makes it: it knows the name, and says in the database that it is there. */
export async function startPod(world: World, host: string, options: NodeOptions = {}): Promise<Pod> {
  const pod = await world.start(host, { seeds: [NAME], monitorTimeout: 5_000, ...options });
  pod.dbSet('pods', pod.id, 1);
  pod.dbMon('pods').subscribe(({ family }) => seen.set(pod, [...family.keys()]));
  return pod;
}

/** What each sees: the nodes that it is connected with, and the keys of the family. */
export const views = (pods: readonly Pod[]): unknown[] => pods.map((pod) => [pod.upNodes().sort().join(''), [...(seen.get(pod) ?? [])].sort().join('')]);

/** All see each other, and all keys. */
export function oneNetwork(pods: readonly Pod[]): unknown[] {
  const ids = pods.map(({ id }) => id);
  return ids.map((id) => [ids.filter((other) => other !== id).sort().join(''), [...ids].sort().join('')]);
}

/** What a node has logged with these words. */
export const lines = ({ log }: Pod, text: string): string[] => log.lines.filter((line) => line.includes(text));
