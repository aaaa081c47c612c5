import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Subject } from 'rxjs';
import { createNode } from 'rxmp';
import type { Result } from './measure.js';

/** Makes something; `end` gives it up. */
type Maker = () => Promise<{ readonly held: unknown; end(held: unknown): unknown }>;

/** What a port with one handler takes in memory, in octets, beside a record with a closure and a Subject with a subscriber. */
export async function portMemory(count: number, rounds: number): Promise<readonly Result[]> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const heap = (): number => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  const fill = <T>(make: (i: number) => T): readonly T[] => Array.from({ length: count }, (_, i) => make(i));
  /** In a function of its own, so that nothing of one round is held in the next. */
  const growth = async (make: Maker): Promise<number> => {
    const before = heap();
    const made = await make();
    const after = heap();
    await made.end(made.held);
    return after - before;
  };
  const makers: readonly [string, Maker][] = [
    ['rxmp port with a tagged handler', async () => {
      const node = await createNode();
      return { held: fill((i) => node.rcv(node.port<['item', number]>(), { item: (n) => n + i }).id), end: () => node.close() };
    }],
    ['record with a closure', () => Promise.resolve({ held: new Map(fill((i) => [`port${i}`, { item: (n: number) => n + i }])), end: () => undefined })],
    ['Subject with a subscriber', () =>
      Promise.resolve({
        held: fill((i) => {
          const subject = new Subject<number>();
          subject.subscribe((n) => n + i);
          return subject;
        }),
        end: () => undefined,
      })],
  ];
  const results: Result[] = [];
  for (const [name, make] of makers) {
    const octets: number[] = [];
    for (let round = 0; round < rounds; round++) octets.push((await growth(make)) / count);
    octets.sort((a, b) => a - b);
    const at = (index: number): number => octets[index] ?? Number.NaN;
    results.push({ name, min: at(0), median: at(Math.floor(rounds / 2)), max: at(rounds - 1) });
  }
  return results;
}
