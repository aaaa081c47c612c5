import type { Env } from '../env/env.js';

/** What is to be done as soon as a node is connected. */
export function createArrivals({ clock }: Pick<Env, 'clock'>, isUp: (node: string) => boolean) {
  const waiting = new Map<string, Set<() => void>>();
  return {
    /** Runs a task once, soon or when the node is connected, unless the result is called before. */
    when(node: string, task: () => void): () => void {
      let isWanted = true;
      const go = (): void => { if (isWanted) task(); };
      const tasks = waiting.get(node) ?? new Set();
      if (isUp(node)) clock.soon(go);
      else waiting.set(node, tasks.add(go));
      return () => {
        isWanted = false;
        tasks.delete(go);
        if (tasks.size === 0 && waiting.get(node) === tasks) waiting.delete(node);
      };
    },
    /** The node is connected. */
    up(node: string): void {
      const tasks = waiting.get(node) ?? [];
      waiting.delete(node);
      for (const task of tasks) task();
    },
    close(): void {
      waiting.clear();
    },
  };
}
