import { parseAddress } from '../transport/address.js';
import type { Duplex } from '../transport/duplex.js';
import { assert, connectTo, openBench, record, type Check } from './compliance-tools.js';

/** Listening and connecting. */
export const listeningChecks: readonly Check[] = [
  [
    'the address that "listening" reports can be connected to',
    async ({ bench, waits }) => {
      const { client, server } = await bench.connect();
      const atServer = record(server);
      const atClient = record(client);
      client.write('ping');
      await waits.until('"ping" at the server', () => atServer.text() === 'ping');
      server.write('pong');
      await waits.until('"pong" at the client', () => atClient.text() === 'pong');
    },
  ],
  [
    'remoteAddress is not empty, and stays so after the end',
    async ({ bench }) => {
      const { client, server } = await bench.connect();
      const [before, other] = [client.remoteAddress, server.remoteAddress];
      assert(before !== '' && other !== '', `remoteAddress is empty: "${before}" at the client, "${other}" at the server`);
      client.close();
      assert(client.remoteAddress === before, `remoteAddress became "${client.remoteAddress}", it was "${before}"`);
    },
  ],
  [
    '50 connections at once do not mix',
    async ({ test, bench, waits }) => {
      const numbers = Array.from({ length: 50 }, (_, index) => index);
      const clients = await Promise.all(numbers.map(() => connectTo(test.transport, bench.address, waits)));
      await waits.until('50 connections at the listener', () => bench.accepted.length === 50);
      for (const server of bench.accepted) record(server, (chunk) => server.write(chunk));
      const records = clients.map((client) => record(client));
      clients.forEach((client, index) => client.write(`client ${index}`));
      await waits.until('every client to get its own words back', () =>
        records.every((echo, index) => echo.text() === `client ${index}`),
      );
      for (const client of clients) client.close();
    },
  ],
  [
    'connecting to nobody errors and names the address',
    async ({ test, bench, waits }) => {
      bench.unlisten();
      await waits.pause(20);
      const failure = await failureOf(() => connectTo(test.transport, bench.address, waits));
      assert(
        failure.includes(bench.address),
        `connecting where nobody listens says "${failure}": it should name ${bench.address}`,
      );
    },
  ],
  [
    'listening on a taken address errors and names it',
    async ({ test, bench, waits }) => {
      const failure = await failureOf(() => openBench(test, waits, bench.address));
      assert(failure.includes(bench.address), `a taken address says "${failure}": it should name ${bench.address}`);
    },
  ],
  [
    'unsubscribing from listen frees the address and leaves connections alive',
    async ({ test, bench, waits }) => {
      const { client, server } = await bench.connect();
      bench.unlisten();
      const atServer = record(server);
      const atClient = record(client);
      const again = await openBench(test, waits, bench.address);
      try {
        client.write('still');
        server.write('here');
        await waits.until('the old connection to work', () => atServer.text() + atClient.text() === 'stillhere');
        const second = await again.connect();
        const atSecond = record(second.server);
        second.client.write('new');
        await waits.until('a connection to the new listener to work', () => atSecond.text() === 'new');
        assert(bench.accepted.length === 1, 'the listener that was unsubscribed from got a connection');
      } finally {
        again.close();
      }
    },
  ],
  [
    'unsubscribing from listen before "listening" leaves nothing behind',
    async ({ test, bench, waits }) => {
      bench.unlisten();
      let events = 0;
      test.transport
        .listen(parseAddress(bench.address))
        .subscribe(() => (events += 1))
        .unsubscribe();
      await waits.pause(50);
      assert(events === 0, 'an event came after unsubscribing');
      const again = await openBench(test, waits, bench.address);
      again.close();
    },
  ],
  [
    'unsubscribing from connect aborts',
    async ({ test, bench, waits }) => {
      let duplexes = 0;
      test.transport
        .connect(parseAddress(bench.address))
        .subscribe(() => (duplexes += 1))
        .unsubscribe();
      await waits.pause(100);
      assert(duplexes === 0, 'connect emitted a duplex after it was unsubscribed from');
      const records = bench.accepted.map((server) => record(server));
      await waits.until('an aborted connection to end at the listener', () => records.every((one) => one.ends() === 1));
    },
  ],
  [
    'connect makes a connection per subscription, and none before',
    async ({ test, bench, waits }) => {
      const connections$ = test.transport.connect(parseAddress(bench.address));
      await waits.pause(30);
      assert(bench.accepted.length === 0, 'connect opened a connection without a subscriber');
      const clients: Duplex[] = [];
      connections$.subscribe((client) => clients.push(client));
      connections$.subscribe((client) => clients.push(client));
      await waits.until('two connections', () => bench.accepted.length === 2 && clients.length === 2);
      for (const client of clients) client.close();
    },
  ],
];

async function failureOf(attempt: () => Promise<unknown>): Promise<string> {
  try {
    await attempt();
  } catch (error) {
    assert(error instanceof Error, `it failed with ${String(error)}: expected an Error`);
    return error.message;
  }
  throw new Error('it succeeded: expected an error');
}
