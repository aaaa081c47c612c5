import { firstValueFrom } from 'rxjs';
import { createNode } from 'rxmp';
import { perSecond, type Running } from '../harness/measure.js';
import { FAMILY } from '../systems/family.js';
import { connected, SECRET } from '../systems/rxmp.js';

/** A node that is connected with a global one asks it for a family of so many keys. */
export const open = (address: string): Running => ({
  async run(keys) {
    await using node = await createNode({ seeds: [address], secret: SECRET });
    await connected(node);
    return await perSecond(keys, async () => {
      const { add } = await firstValueFrom(node.dbMon(FAMILY));
      if (add.length !== keys) throw new Error(`${add.length} keys have come, expected ${keys}`);
    });
  },
});
