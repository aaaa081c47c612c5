import { filter, firstValueFrom, Subject } from 'rxjs';
import { createNode } from 'rxmp';
import { send } from 'rxmp/guests';
import type { Running } from '../harness/measure.js';
import { startHelper, type Helper } from '../harness/processes.js';
import type { SoloOrder } from '../harness/solo.js';
import { SECRET } from '../systems/rxmp.js';
import type { Bench, GuestSettings } from './guest-callers.js';

/** A flood has come so far that it is slowed down: messages. */
const MANY = 2_000;

/** Round trips of guests with their gate, in µs: 99 of 100 are no slower. One more guest may send all that it can, while they are measured. */
export function open(isFlooded: boolean): Running {
  return {
    async run(trips) {
      const poured$ = new Subject<number>();
      let poured = 0;
      const gate = await createNode({
        ...{ binds: ['ws://127.0.0.1:0'], secret: SECRET },
        guests: { admit: (user) => ({ user, may: [send(port.id)] }) },
      });
      const port = gate.rcv(gate.port<Bench>(), {
        echo: (index, reply) => gate.snd(reply, index),
        pour: () => { poured$.next(++poured); },
      });
      const settings: GuestSettings = { address: gate.addresses[0] ?? '', port: port.id };
      const start = (module: string): Promise<Helper> => startHelper('harness/solo-process.js', { module, settings } satisfies SoloOrder);
      const helpers = [await start('guest-callers')];
      if (isFlooded) {
        helpers.push(await start('flood'));
        await firstValueFrom(poured$.pipe(filter((count) => count > MANY)));
      }
      const slowest = (await helpers[0]?.ask(trips)) as number;
      await gate.close();
      for (const helper of helpers) await helper.close();
      return slowest;
    },
  };
}
