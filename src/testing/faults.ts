/** Ends one fault; calling it again, or after everything has healed, does nothing. */
export type Heal = () => void;

/** Ways that something is wrong with. One may have several reasons: partitions overlap. */
export interface Faults {
  has(way: string): boolean;
  add(ways: readonly string[]): Heal;
  clear(): void;
}

export function createFaults(): Faults {
  const reasons = new Map<string, Set<object>>();
  return {
    has: (way) => reasons.has(way),
    add(ways) {
      const reason = {};
      for (const way of ways) {
        const known = reasons.get(way);
        if (known === undefined) reasons.set(way, new Set([reason]));
        else known.add(reason);
      }
      return () => {
        for (const way of ways) {
          const left = reasons.get(way);
          if (left?.delete(reason) === true && left.size === 0) reasons.delete(way);
        }
      };
    },
    clear() {
      reasons.clear();
    },
  };
}
