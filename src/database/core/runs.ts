/** Nodes that were lost are remembered for so long, in nodes lost since. */
const REMEMBERED = 1_000;

/** Tells when a node that was lost comes back as another run, whose ports are others (S6). Pure. */
export function createRuns() {
  /** Of the nodes that are connected. */
  const current = new Map<string, string>();
  /** Of those that were lost, the latest last. */
  const lost = new Map<string, string>();
  return {
    /** A connection is there; `run` is what the node calls its run, if it does. Whether it had another one before. */
    up(node: string, run: string | undefined): boolean {
      const last = lost.get(node);
      lost.delete(node);
      if (run !== undefined) current.set(node, run);
      return run !== undefined && last !== undefined && run !== last;
    },
    /** A connection is gone. */
    down(node: string): void {
      const run = current.get(node);
      current.delete(node);
      if (run === undefined) return;
      lost.set(node, run);
      if (lost.size > REMEMBERED) for (const oldest of lost.keys()) return void lost.delete(oldest);
    },
  };
}
