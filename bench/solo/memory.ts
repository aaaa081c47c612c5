import { Subject } from 'rxjs';
import { createNode } from 'rxmp';
import type { Running } from '../harness/measure.js';
import { createFamilyStore, type FamilyStore } from '../../src/database/core/family-store.js';

/** Makes so many of something, and holds them; `close` gives up what would hold them otherwise. */
type Maker = (count: number) => Promise<Held> | Held;
interface Held {
  readonly held: unknown;
  close?(): unknown;
}

const fill = <T>(count: number, make: (i: number) => T): readonly T[] => Array.from({ length: count }, (_, i) => make(i));

/** Keys are those of whoever sets them: they are made once, and do not count. */
const keys: string[] = [];
const keyed = (count: number): ReadonlyMap<string, number> => {
  for (let i = keys.length; i < count; i++) keys.push(`key:${i}`);
  return new Map(keys.map((key, i) => [key, i]));
};
const store = (count: number): FamilyStore => {
  const made = createFamilyStore();
  made.apply(keyed(count), []);
  return made;
};

const makers = {
  async port(count) {
    const node = await createNode();
    return { held: fill(count, (i) => node.rcv(node.port<['item', number]>(), { item: (n) => n + i }).id), close: () => node.close() };
  },
  record: (count) => ({ held: new Map(fill(count, (i) => [`port${i}`, { item: (n: number) => n + i }])) }),
  subject: (count) => ({
    held: fill(count, (i) => {
      const subject = new Subject<number>();
      subject.subscribe((n) => n + i);
      return subject;
    }),
  }),
  store: (count) => ({ held: store(count) }),
  snapshot(count) {
    const made = store(count);
    return { held: [made, made.current().family] };
  },
  map: (count) => ({ held: keyed(count) }),
} satisfies Readonly<Record<string, Maker>>;

export type MemoryKind = keyof typeof makers;

/** Octets that each of them takes, after the garbage has been collected. */
export function open(kind: MemoryKind): Running {
  const heap = (): number => {
    globalThis.gc?.();
    return process.memoryUsage().heapUsed;
  };
  return {
    async run(count) {
      keyed(count);
      const before = heap();
      const made: Held = await makers[kind](count);
      const octets = (heap() - before) / count;
      // it is held until here
      if (made.held === undefined) throw new Error(`${kind}: nothing is held`);
      await made.close?.();
      return octets;
    },
  };
}
