import type { Chunk, Duplex } from '../transport/duplex.js';
import { assert, record, type Check, type Waits } from './compliance-tools.js';

const KIB = 1024;
/** A transport that takes this much for a reader that does not read has no backpressure, in octets. */
const UNBOUNDED = 256 * KIB * KIB;

/** What arrives, and how fast. */
export const flowChecks: readonly Check[] = [
  [
    '10,000 chunks each way arrive complete and in order',
    async ({ bench, waits }) => {
      const { client, server } = await bench.connect();
      const atServer = record(server);
      const atClient = record(client);
      const up = lines('up', 10_000);
      const down = lines('down', 10_000);
      // one side heeds backpressure, the other does not: both are right
      await Promise.all([pump(client, up, waits), pump(server, down)]);
      const [wholeUp, wholeDown] = [up.join(''), down.join('')];
      await waits.until('all octets at the server', () => atServer.length() >= wholeUp.length);
      await waits.until('all octets at the client', () => atClient.length() >= wholeDown.length);
      assert(atServer.text() === wholeUp, 'what the server received is not what the client wrote');
      assert(atClient.text() === wholeDown, 'what the client received is not what the server wrote');
    },
  ],
  [
    'octets arrive intact, all 256 values of them',
    async ({ bench, waits }) => {
      const { client, server } = await bench.connect();
      const sent = Uint8Array.from({ length: 70_000 }, (_, index) => (index * 7 + (index >> 8)) % 256);
      for (const [from, to] of [[client, server], [server, client]] as const) {
        const received = record(to);
        from.write(sent.subarray(0, 256));
        from.write(sent.subarray(256));
        await waits.until('70,000 octets', () => received.length() >= sent.length);
        const octets = received.octets();
        assert(octets.length === sent.length, `${octets.length} octets arrived of ${sent.length}`);
        assert(octets.every((octet, at) => octet === sent[at]), 'an octet changed on the way');
      }
    },
  ],
  [
    'text arrives intact, beyond ASCII and beyond 64 Ki octets',
    async ({ bench, waits }) => {
      const { client, server } = await bench.connect();
      const sent = ['Grüße, ', '世界 ', '🙂\u0000"\n', 'ß'.repeat(50_000)];
      const received = record(server);
      for (const text of sent) client.write(text);
      await waits.until('the text', () => received.text().length >= sent.join('').length);
      assert(received.text() === sent.join(''), 'the text changed on the way');
    },
  ],
  [
    'what comes before the subscription is not lost',
    async ({ bench, waits }) => {
      const { client, server } = await bench.connect();
      client.write('early ');
      server.write('too ');
      await waits.pause(50);
      const atServer = record(server);
      const atClient = record(client);
      client.write('late');
      server.write('late');
      await waits.until('early and late data at the server', () => atServer.text() === 'early late');
      await waits.until('early and late data at the client', () => atClient.text() === 'too late');
    },
  ],
  [
    'unsubscribing stops the flow without loss, and a later subscriber goes on',
    async ({ bench, waits }) => {
      const { client, server } = await bench.connect();
      const first = record(server);
      client.write('one ');
      await waits.until('the first word', () => first.text() === 'one ');
      first.subscription.unsubscribe();
      client.write('two ');
      await waits.pause(30);
      assert(first.text() === 'one ', 'a chunk was emitted after unsubscribing');
      const second = record(server);
      client.write('three');
      await waits.until('the other words', () => second.text() === 'two three');
      assert(first.ends() === 0 && second.ends() === 0, 'unsubscribing ended the connection');
    },
  ],
  [
    'write never delivers or drains inside the call',
    async ({ bench, waits }) => {
      const { client, server } = await bench.connect();
      let writing = false;
      let inside = 0;
      const received = record(server, () => (inside += writing ? 1 : 0));
      client.drained$.subscribe(() => (inside += writing ? 1 : 0));
      const chunk = new Uint8Array(64 * KIB);
      writing = true;
      for (let count = 0; count < 64; count += 1) client.write(chunk);
      writing = false;
      await waits.until('all octets', () => received.length() === 64 * chunk.length);
      assert(inside === 0, `${inside} events came from inside write`);
    },
  ],
  [
    'a reader that does not read makes write answer false; when it reads, drained$ emits and nothing is missing',
    async ({ bench, waits }) => {
      const { client, server } = await bench.connect();
      const chunk = new Uint8Array(64 * KIB).fill(7);
      let drained = 0;
      client.drained$.subscribe(() => (drained += 1));
      let written = 0;
      for (let stalled = false; !stalled; ) {
        assert(written < UNBOUNDED, `write took ${written} octets that nobody read: there is no backpressure`);
        written += chunk.length;
        if (client.write(chunk)) continue;
        const before = drained;
        for (let waited = 0; waited < 200 && drained === before; waited += 10) await waits.pause(10);
        stalled = drained === before;
      }
      const before = drained;
      const received = record(server);
      await waits.until('drained$ to emit', () => drained > before);
      await waits.until('everything that was written', () => received.length() >= written);
      assert(received.length() === written, `${received.length()} octets arrived of ${written}`);
    },
  ],
];

function lines(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${name} ${index}\n`);
}

/** Writes everything, waiting for `drained$` if it is given `waits`. */
async function pump(duplex: Duplex, chunks: readonly Chunk[], waits?: Waits): Promise<void> {
  let ready = true;
  const subscription = duplex.drained$.subscribe(() => (ready = true));
  for (const chunk of chunks) {
    if (waits !== undefined) await waits.until('drained$ to emit', () => ready);
    ready = duplex.write(chunk);
  }
  subscription.unsubscribe();
}
