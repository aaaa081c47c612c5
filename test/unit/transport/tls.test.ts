import * as tls from 'node:tls';
import { firstValueFrom, NEVER } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { realClock } from '../../../src/env/clock.js';
import { transportCompliance } from '../../../src/testing/compliance.js';
import { record, waitsOn } from '../../../src/testing/compliance-tools.js';
import type { Transport } from '../../../src/transport/duplex.js';
import { VirtualClock } from '../../../src/testing/index.js';
import { memoryNetwork } from '../../../src/transport/memory.js';
import type { Carry, Parcel } from '../../../src/transport/pair.js';
import type { TlsRole } from '../../../src/transport/secure.js';
import { tcpTransport } from '../../../src/transport/tcp.js';
import { createTlsUpgrade } from '../../../src/transport/tls.js';
import { streamOf } from '../../../src/transport/tls-stream.js';
import { certificate, credentials } from '../../fixtures/certificates.js';
import { pair, secured } from '../../fixtures/tls-peers.js';
import { overTls } from '../../fixtures/tls-transport.js';

const NOTHING = new Uint8Array();
const own = credentials({ cert: await certificate() });
const upgrade = createTlsUpgrade(own);
const waits = waitsOn(realClock, 5_000);

const carriers: readonly [string, () => Transport, string][] = [
  ['tcp', () => tcpTransport(), '127.0.0.1:0'],
  ['memory', () => memoryNetwork(realClock), 'memory://a'],
];
for (const [name, carrier, bind] of carriers) {
  // whoever opened the connection: either end may be the TLS client
  for (const role of ['client', 'server'] as const) {
    transportCompliance(
      `tls over ${name}, opened by the TLS ${role}`,
      () =>
        Promise.resolve({
          transport: overTls(carrier(), upgrade, role),
          bind,
          address: (listening: string) => listening,
          close: () => Promise.resolve(),
        }),
      { describe, it },
    );
  }
}

/** Milliseconds of processor that something takes. */
async function cpuOf(what: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await what();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** Cuts the first parcel of octets in two. */
const cutFirst = (at: number): Carry => {
  let first = true;
  return (parcel, deliver) => {
    const parts: Parcel[] = first && parcel instanceof Uint8Array ? [parcel.slice(0, at), parcel.slice(at)] : [parcel];
    first = false;
    realClock.turn(() => {
      for (const part of parts) if (!(part instanceof Uint8Array) || part.length > 0) deliver(part);
    });
  };
};

describe('createTlsUpgrade', () => {
  it('handshakes that come at once begin one after the other, so that others get the processor in between', async () => {
    const clock = new VirtualClock();
    const paced = createTlsUpgrade(own, { clock });
    let done = 0;
    const attempts = Array.from({ length: 3 }, () => {
      const { left, right } = pair();
      const ends = [upgrade(left, NOTHING, 'client').subscribe(), paced(right, NOTHING, 'server').subscribe(() => done++)];
      return () => { for (const end of ends) end.unsubscribe(); };
    });
    for (const expected of [1, 2, 3]) {
      await expect.poll(() => done, { timeout: 5_000 }).toBe(expected);
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(done).toBe(expected);
      clock.runFor(5);
    }
    for (const end of attempts) end();
  });

  it('a node with many CAs reads them once', { timeout: 30_000 }, async () => {
    const ca = (await Promise.all(Array.from({ length: 140 }, (_none, i) => certificate({ name: `ca ${i}` })))).join('');
    const clock = new VirtualClock();
    const many = createTlsUpgrade(credentials({ cert: await certificate(), ca }), { clock });
    const handshakes = (count: number): void => {
      const begun = Array.from({ length: count }, () => many(pair().left, NOTHING, 'server').subscribe({ error: () => undefined }));
      clock.runFor(5 * count);
      for (const one of begun) one.unsubscribe();
    };
    // to make a server by itself is what each handshake took before
    const reading = (await cpuOf(() => { tls.createServer({ ca: ca.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [] }); })) * 20;
    handshakes(1);
    const taken = await cpuOf(() => { handshakes(20); });
    expect(taken).toBeLessThan(reading / 2);
  });

  it.each(['client', 'server'] as const)('both ends of a session have the same binding, no two sessions do; left is the %s', async (role) => {
    const [left, right] = await secured(upgrade, upgrade, role);
    const [again] = await secured(upgrade, upgrade, role);
    expect(left.binding).toHaveLength(32);
    expect(left.binding).toEqual(right.binding);
    expect(left.binding).not.toEqual(again.binding);
    expect(left.remoteAddress).toBe('memory://right');
  });

  it('takes what was read too early, cut anywhere', { timeout: 60_000 }, async () => {
    let octets = 0;
    const length = (): Carry => (parcel, deliver) => {
      if (octets === 0 && parcel instanceof Uint8Array) octets = parcel.length;
      realClock.turn(() => {
        deliver(parcel);
      });
    };
    await secured(upgrade, upgrade, 'client', pair(length()));
    expect(octets).toBeGreaterThan(200);
    for (let cut = 1; cut <= octets; cut += 1) {
      const { left, right } = pair(cutFirst(cut));
      const client = firstValueFrom(upgrade(left, NOTHING, 'client'));
      const early = await firstValueFrom(right.incoming$);
      const server = await firstValueFrom(upgrade(right, early as Uint8Array, 'server'));
      (await client).write('hello');
      expect(String(await firstValueFrom(server.incoming$))).toBe('hello');
    }
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('speaks %s in both roles, with text both ways', async (version) => {
    for (const role of ['client', 'server'] as TlsRole[]) {
      const { left, right } = pair();
      const ours = firstValueFrom(upgrade(left, NOTHING, role));
      const context = { ...own.own, ca: [...own.ca], minVersion: version, maxVersion: version };
      const stream = streamOf(right, NOTHING);
      const theirs = await new Promise<tls.TLSSocket>((resolve) => {
        if (role === 'client') {
          const server = tls.createServer({ ...context, requestCert: true });
          server.once('secureConnection', resolve);
          server.emit('connection', stream);
        } else {
          const socket = tls.connect({ ...context, socket: stream, checkServerIdentity: () => undefined }, () => { resolve(socket); });
        }
      });
      const duplex = await ours;
      expect(theirs.getProtocol()).toBe(version);
      expect(theirs.authorized).toBe(true);
      expect(theirs.exportKeyingMaterial(32, 'EXPORTER-rxmp', Buffer.alloc(0))).toEqual(Buffer.from(duplex.binding));
      const got = record(duplex);
      theirs.on('data', (data: Buffer) => theirs.write(`${data.toString()} back`));
      duplex.write('there and');
      await waits.until('the text', () => got.text() === 'there and back');
      expect(theirs.isSessionReused()).toBe(false);
      duplex.close();
      await waits.until('the end', () => theirs.destroyed);
    }
  });

  it('carries much both ways at once', async () => {
    const [left, right] = await secured(upgrade, upgrade);
    const [atLeft, atRight] = [record(left), record(right)];
    const chunk = Uint8Array.from({ length: 1024 * 1024 }, (_, at) => (at * 31 + (at >> 9)) % 256);
    for (let count = 0; count < 24; count += 1) {
      left.write(chunk);
      right.write(chunk);
    }
    left.close();
    await waits.until('both ends', () => atRight.ends() === 1 && atLeft.ends() === 1);
    expect(Buffer.compare(atRight.octets(), Buffer.concat(Array<Uint8Array>(24).fill(chunk)))).toBe(0);
    expect([atRight.error(), atLeft.error()]).toEqual([undefined, undefined]);
  });

  it('a changed octet ends the connection with an error, and nothing of it is delivered', async () => {
    let meddle = false;
    const ends = pair((parcel, deliver) => {
      const changed = meddle && parcel instanceof Uint8Array ? parcel.map((octet, at) => (at === 20 ? octet ^ 1 : octet)) : parcel;
      realClock.turn(() => {
        deliver(changed);
      });
    });
    const [left, right] = await secured(upgrade, upgrade, 'client', ends);
    const received = record(right);
    left.write('one');
    await waits.until('the first word', () => received.text() === 'one');
    meddle = true;
    left.write('a word on which much depends');
    await waits.until('the end', () => received.ends() === 1);
    expect(String(received.error())).toMatch(/connection with memory:\/\/left failed: TLS failed: DECRYPTION_FAILED_OR_BAD_RECORD_MAC/);
    expect(received.text()).toBe('one');
  });

  it('unsubscribing gives the handshake up and closes the connection', async () => {
    const { left, right } = pair();
    const ended = record(right);
    upgrade(left, NOTHING, 'server').subscribe().unsubscribe();
    await waits.until('the end', () => ended.ends() === 1);
    expect(ended.length()).toBe(0);
  });

  it('a duplex that is closed is gone only when the one below is', async () => {
    const { left, right } = pair();
    const server = firstValueFrom(upgrade(right, NOTHING, 'server'));
    const client = await firstValueFrom(upgrade({ ...left, gone$: NEVER }, NOTHING, 'client'));
    await server;
    let gone = 0;
    client.gone$?.subscribe({ complete: () => (gone += 1) });
    client.close();
    await waits.pause(30);
    expect(gone).toBe(0);
  });
});
