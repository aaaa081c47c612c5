import { batchesOf, connectTcp, listenTcp } from '../harness/batches.js';
import { receiver, type End, type System } from '../harness/system.js';
import { keyOf } from './family.js';

/**
 * What bounds a watched family: a Map here, JSON arrays of keys and values over TCP, a Map over there; no names, no checks, no
 * merge, no monitors, and nobody who looks at what has changed.
 */
export const system: System = {
  async listen(_, { keys = 1 }) {
    const map = filled(keys);
    let found: (end: End) => void;
    const end = new Promise<End>((resolve) => { found = resolve; });
    const { server, address } = await listenTcp((socket) => {
      const batches = batchesOf(socket, () => undefined);
      found({
        send(index) {
          const key = keyOf(index, keys);
          const value = -index - 1;
          if (map.get(key) === value) return true;
          map.set(key, value);
          batches.push(key);
          return batches.push(value);
        },
        drained: batches.drained,
        close: batches.close,
      });
    });
    return { address, end, close: () => server.close() };
  },

  async connect(address, sink, { keys = 1 }) {
    const map = filled(keys);
    const { close } = batchesOf(await connectTcp(address), (list) => {
      for (let i = 0; i < list.length; i += 2) {
        const key = list[i] as string;
        if (map.get(key) !== list[i + 1]) map.set(key, list[i + 1] as number);
      }
      sink.several(list.length / 2);
    });
    return receiver(close);
  },
};

const filled = (keys: number): Map<string, number> => new Map(Array.from({ length: keys }, (_, i) => [keyOf(i, keys), i]));
