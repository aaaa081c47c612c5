import { describe, expect, it } from 'vitest';
import { realClock } from '../../../src/env/clock.js';
import { transportCompliance } from '../../../src/testing/compliance.js';
import {
  connectTo,
  openBench,
  record,
  waitsOn,
  type TransportUnderTest,
} from '../../../src/testing/compliance-tools.js';
import { memoryNetwork } from '../../../src/transport/memory.js';
import { duplexPair, END, type Carry, type Parcel } from '../../../src/transport/pair.js';

const waits = waitsOn(realClock, 5_000);
const inMemory = (transport = memoryNetwork(realClock)): TransportUnderTest => ({
  transport,
  bind: 'memory://hub',
  address: (listening) => listening,
  close: () => Promise.resolve(),
});
const addresses = ['left', 'right'] as const;

transportCompliance('memory', () => Promise.resolve(inMemory()), { describe, it });

describe('memoryNetwork', () => {
  it('passes chunks as they were written', async () => {
    const bench = await openBench(inMemory(), waits);
    const { client, server } = await bench.connect();
    const chunks: unknown[] = [];
    record(server, (chunk) => chunks.push(chunk));
    client.write('text');
    client.write(Uint8Array.of(1, 2));
    await waits.until('two chunks', () => chunks.length === 2);
    expect(chunks).toEqual(['text', Uint8Array.of(1, 2)]);
    bench.close();
  });

  it('is a name space of its own', async () => {
    const bench = await openBench(inMemory(), waits);
    await expect(connectTo(memoryNetwork(realClock), 'memory://hub', waits)).rejects.toThrow(
      'nothing listens on memory://hub',
    );
    bench.close();
  });

  it('names both ends', async () => {
    const bench = await openBench(inMemory(), waits);
    const { client, server } = await bench.connect();
    expect([client.remoteAddress, server.remoteAddress]).toEqual(['memory://hub', 'memory://client-1']);
    bench.close();
  });
});

describe('duplexPair', () => {
  it('lets a carrier hold parcels back, split and drop them', async () => {
    const held: (() => void)[] = [];
    const carry: Carry = (parcel, deliver) => {
      if (parcel === 'lost') return;
      held.push(() => {
        if (typeof parcel === 'string') for (const letter of parcel) deliver(letter);
        else deliver(parcel);
      });
    };
    const { left, right } = duplexPair({ clock: realClock, addresses, leftToRight: carry });
    const chunks: unknown[] = [];
    const received = record(right, (chunk) => chunks.push(chunk));
    left.write('ab');
    left.write('lost');
    left.close();
    await waits.pause(20);
    expect([chunks, received.ends()]).toEqual([[], 0]);
    for (const release of held) release();
    expect([chunks, received.ends()]).toEqual([['a', 'b'], 1]);
  });

  it('tells the carrier about the end too', async () => {
    const parcels: Parcel[] = [];
    const { left } = duplexPair({ clock: realClock, addresses, leftToRight: (parcel) => parcels.push(parcel) });
    left.write('last');
    left.close();
    await waits.pause(5);
    expect(parcels).toEqual(['last', END]);
  });

  it('counts what was written and not read against the high-water mark', async () => {
    const { left, right } = duplexPair({ clock: realClock, addresses, highWaterMark: 10 });
    expect([left.write('12345'), left.write('67890'), left.write('1')]).toEqual([true, true, false]);
    let drained = 0;
    left.drained$.subscribe(() => (drained += 1));
    await waits.pause(10);
    expect(drained).toBe(0);
    record(right);
    await waits.until('drained$', () => drained === 1);
    expect(left.write('1234567890')).toBe(true);
  });

  it('loses what is under way when it is cut, and both ends see the error', async () => {
    const { left, right, cut } = duplexPair({ clock: realClock, addresses });
    const [atLeft, atRight] = [record(left), record(right)];
    left.write('under way');
    cut('cable pulled');
    await waits.pause(10);
    expect([atLeft.ends(), atRight.ends(), atRight.length()]).toEqual([1, 1, 0]);
    expect(String(atLeft.error())).toContain('connection with right failed: cable pulled');
    expect(String(atRight.error())).toContain('connection with left failed: cable pulled');
  });
});
