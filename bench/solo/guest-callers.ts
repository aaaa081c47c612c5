import { performance } from 'node:perf_hooks';
import { firstValueFrom } from 'rxjs';
import { createNode, type PortId } from 'rxmp';
import { percentile, type Running } from '../harness/measure.js';
import { connected } from '../systems/rxmp.js';

export type Bench = ['echo', number, string] | ['pour', string];

export interface GuestSettings {
  /** Of the gate, and of its port. */
  readonly address: string;
  readonly port: PortId<Bench>;
}

const GUESTS = 20;

/** Guests that call their gate in turn, one call at a time: 99 of 100 are no slower, in µs. */
export async function open({ address, port }: GuestSettings): Promise<Running> {
  const guests = await Promise.all(
    Array.from({ length: GUESTS }, async (_, i) => {
      const guest = await createNode({ seeds: [address], credentials: `user ${i}` });
      await connected(guest);
      return guest;
    }),
  );
  return {
    async run(trips) {
      const times: number[] = [];
      while (times.length < trips) {
        for (const guest of guests) {
          const start = performance.now();
          await firstValueFrom(guest.cal(port, 'echo', times.length));
          times.push((performance.now() - start) * 1000);
        }
      }
      return percentile(times, 0.99);
    },
    close: () => Promise.all(guests.map((guest) => guest.close())),
  };
}
