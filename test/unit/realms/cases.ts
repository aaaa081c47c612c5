import { firstValueFrom, timeout } from 'rxjs';
import { expect, it } from 'vitest';
import { createNode, memoryNetwork, realClock } from '../../../src/index.js';

/** What two nodes do with each other, whatever globals the test runner has put in place of those of Node.js. */
export function testNodes(): void {
  it.each(['127.0.0.1:0', 'ws://127.0.0.1:0/mp', 'memory://hub'].flatMap((bind) => ['rxmp_json', 'json', 'cbor'].map((framing) => [bind, framing] as const)))(
    'two nodes send, monitor, call and share a database over %s in %s',
    async (bind, framing) => {
      const network = bind.startsWith('memory') ? memoryNetwork(realClock) : undefined;
      const options = { secret: 's', framings: [framing], ...(network && { transports: [network] }) };
      const hub = await createNode({ nodeid: 'hub', binds: [bind], ...options });
      const leaf = await createNode({ nodeid: 'leaf', seeds: hub.addresses, ...options });
      try {
        const values = ['text', 'ä€😀', 1.5, null, { a: [1, {}] }, ...(framing === 'cbor' ? [Uint8Array.of(255, 0)] : [])];
        const port = hub.rcv(hub.port(), { echo: (...args: unknown[]) => { hub.ref(args.pop() as string).next(args as [unknown]); } });
        const death = firstValueFrom(leaf.mon(port.id));
        const answer = await firstValueFrom(leaf.cal(port.id, 'echo', ...values));
        expect(JSON.stringify(answer)).toBe(JSON.stringify(values));
        const change = firstValueFrom(hub.dbMon('fam').pipe(timeout(5_000)));
        leaf.dbSet('fam', 'key', { deep: ['ä'] });
        await change;
        hub.kil(port, 'done');
        expect(await death).toEqual(['done']);
      } finally {
        await leaf.close();
        await hub.close();
      }
    },
  );
}
