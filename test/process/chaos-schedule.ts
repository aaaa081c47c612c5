import { fraction, type Random } from '../../src/env/random.js';

/** What happens to one node, or between two. */
export type Fault =
  | { readonly kind: 'kill' | 'freeze'; readonly node: string }
  | { readonly kind: 'cut' | 'silence' | 'trickle'; readonly from: string; readonly to: string };

/** Every kind of fault comes at least so often. */
const EACH: Readonly<Record<Fault['kind'], number>> = { kill: 2, freeze: 2, cut: 2, silence: 2, trickle: 1 };

export function shuffled<T>(random: Random, items: readonly T[]): T[] {
  const list = [...items];
  for (let i = list.length - 1; i > 0; i--) {
    const j = Math.floor(fraction(random) * (i + 1));
    [list[i], list[j]] = [list[j]!, list[i]!];
  }
  return list;
}

/** All faults, in steps of one or two at a time that have no node in common. */
export function createSchedule(random: Random, nodes: readonly string[]): readonly (readonly Fault[])[] {
  const kinds = Object.entries(EACH).flatMap(([kind, count]) => Array.from({ length: count }, () => kind as Fault['kind']));
  const deck = shuffled(random, kinds);
  const steps: Fault[][] = [];
  while (deck.length > 0) {
    const victims = shuffled(random, nodes);
    const take = (): Fault => {
      const kind = deck.pop()!;
      if (kind === 'kill' || kind === 'freeze') return { kind, node: victims.pop()! };
      return { kind, from: victims.pop()!, to: victims.pop()! };
    };
    const step = [take()];
    if (deck.length > 0 && fraction(random) < 0.5) step.push(take());
    steps.push(step);
  }
  return steps;
}

export const describeFault = (fault: Fault): string =>
  'node' in fault ? `${fault.kind} ${fault.node}` : `${fault.kind} ${fault.from}-${fault.to}`;
