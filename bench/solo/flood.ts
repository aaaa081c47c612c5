import { filter, firstValueFrom } from 'rxjs';
import { createNode } from 'rxmp';
import type { Running } from '../harness/measure.js';
import { PAYLOAD } from '../harness/system.js';
import { connected } from '../systems/rxmp.js';
import type { GuestSettings } from './guest-callers.js';

/** Messages in one turn. */
const BATCH = 1_000;

/** A guest that sends as much as its connection takes, as long as it is there. */
export async function open({ address, port }: GuestSettings): Promise<Running> {
  const guest = await createNode({ seeds: [address], credentials: 'flood' });
  await connected(guest);
  const { writable$ } = await firstValueFrom(guest.connections$);
  // it completes when the connection ends
  const mayGoOn = (): Promise<boolean> => firstValueFrom(writable$.pipe(filter(Boolean)), { defaultValue: false });
  const pour = async (): Promise<void> => {
    while (await mayGoOn()) {
      for (let left = BATCH; left > 0 && guest.snd(port, 'pour', PAYLOAD); left--);
      await new Promise(setImmediate);
    }
  };
  void pour();
  return { run: () => 0, close: () => guest.close() };
}
