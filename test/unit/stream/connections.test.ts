import { NEVER } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { realClock } from 'rxmp';
import { createConnections, type ConnectionsContext } from '../../../src/stream/connections.js';

/** To which nodes the connection of a stream is made at addresses, and to which through what there is. */
function made(node: string): unknown[] {
  const ways: unknown[] = [];
  const network = {
    channels: { to: (to: string) => ({ open: (what: unknown) => { ways.push(['channel', to, what]); return () => undefined; } }) },
    connectData: (to: string, addresses: readonly string[]) => {
      ways.push(['direct', to, addresses]);
      return NEVER;
    },
  };
  const connections = createConnections({ env: { clock: realClock }, network } as unknown as ConnectionsContext);
  connections.make('an id', node, ['10.0.0.1:4040'], () => undefined, () => undefined);
  connections.close();
  return ways;
}

describe('V15, G2: the connection of a stream', () => {
  it('is made at the addresses that the other end has told, but for guests, who may tell any', () => {
    expect(made('worker')).toEqual([['direct', 'worker', ['10.0.0.1:4040']]]);
    const guest = `guest:${'a'.repeat(24)}`;
    expect(made(guest)).toEqual([['channel', guest, ['stream data', 'an id']]]);
  });
});
