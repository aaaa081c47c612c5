import { filter, firstValueFrom } from 'rxjs';
import { createNode } from 'rxmp';
import { receiver, type End, type System } from '../harness/system.js';
import { connected, SECRET } from './rxmp.js';

export const FAMILY = 'bench';

/** Neighbours in time are of different keys, since updates of one key in one turn of the event loop are one. */
export const keyOf = (index: number, keys: number): string => `key/${(index * 7919) % keys}`;

/** A family of the database: a global node changes it, a slave watches it. */
export const system: System = {
  async listen(_, { keys = 1 }) {
    const node = await createNode({ binds: ['127.0.0.1:0'], secret: SECRET, global: true });
    for (let i = 0; i < keys; i++) node.dbSet(FAMILY, keyOf(i, keys), i);
    await new Promise(setImmediate);
    const end = firstValueFrom(node.connections$).then(({ writable$ }): End => {
      let isWritable = true;
      writable$.subscribe((writable) => (isWritable = writable));
      return {
        send(index) {
          node.dbSet(FAMILY, keyOf(index, keys), -index - 1);
          return isWritable;
        },
        drained: () => firstValueFrom(writable$.pipe(filter(Boolean))),
        close: () => undefined,
      };
    });
    return { address: node.addresses[0] ?? '', end, close: () => node.close() };
  },

  async connect(address, sink) {
    const node = await createNode({ seeds: [address], secret: SECRET });
    await connected(node);
    await new Promise<void>((resolve) => {
      let isFirst = true;
      node.dbMon(FAMILY).subscribe(({ add, chg }) => {
        if (isFirst) resolve();
        else sink.several(add.length + chg.length);
        isFirst = false;
      });
    });
    return receiver(() => node.close());
  },
};
