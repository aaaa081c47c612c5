import { assert, record, type Check } from './compliance-tools.js';

const MIB = 1024 * 1024;

/** Graceful ends. */
export const closingChecks: readonly Check[] = [
  [
    'close sends what was written first, also to a reader that comes late',
    async ({ bench, waits }) => {
      const { client, server } = await bench.connect();
      const chunk = new Uint8Array(MIB).fill(9);
      for (let count = 0; count < 8; count += 1) client.write(chunk);
      client.close();
      await waits.pause(50);
      const received = record(server);
      await waits.until('the end', () => received.ends() === 1);
      assert(received.error() === undefined, `a graceful close errors: ${String(received.error())}`);
      assert(received.length() === 8 * MIB, `${received.length()} octets arrived of ${8 * MIB}`);
    },
  ],
  [
    'the close of one end completes incoming$ of both, whichever end it is',
    async ({ bench, waits }) => {
      for (const side of ['client', 'server'] as const) {
        const ends = await bench.connect();
        const records = [record(ends.client), record(ends.server)];
        const drains = [ends.client.drained$.subscribe(), ends.server.drained$.subscribe()];
        ends[side].close();
        await waits.until('both ends to complete', () => records.every((one) => one.ends() === 1));
        // the end that did not close has nothing left to wait for either
        await waits.until('drained$ of both ends to complete', () => drains.every((one) => one.closed));
        assert(records.every((one) => one.error() === undefined), `an end errored when the ${side} closed`);
      }
    },
  ],
  [
    'what one end writes just before it sees the other close harms nothing',
    async ({ bench, waits }) => {
      const { client, server } = await bench.connect();
      const atServer = record(server);
      client.write('bye');
      client.close();
      server.write('wait');
      await waits.until('the server to complete', () => atServer.ends() === 1);
      assert(atServer.text() === 'bye' && atServer.error() === undefined, 'the last words or a clean end are missing');
    },
  ],
  [
    'write and close after an end do nothing',
    async ({ bench, waits }) => {
      const { client, server } = await bench.connect();
      const atServer = record(server);
      client.write('all');
      client.close();
      const answers = [client.write('more'), client.write(new Uint8Array(MIB))];
      client.close();
      client.close(new Error('again'));
      await waits.until('the server to complete', () => atServer.ends() === 1);
      await waits.pause(30);
      answers.push(server.write('more'));
      server.close();
      await waits.pause(30);
      assert(atServer.text() === 'all', `"${atServer.text()}" arrived: expected "all"`);
      assert(atServer.error() === undefined, `closing again made it abrupt: ${String(atServer.error())}`);
      assert(answers.every((answer) => answer), 'write answered false after the end: drained$ would never come');
    },
  ],
  [
    'close within some ms sends what was written first, and ends in that time when the other end does not read',
    async ({ test, bench, waits }) => {
      const quick = await bench.connect();
      const received = record(quick.server);
      quick.client.write(new Uint8Array(MIB));
      quick.client.close(undefined, 60_000);
      await waits.until('the end', () => received.ends() === 1);
      assert(received.error() === undefined && received.length() === MIB, `${received.length()} octets arrived of ${MIB}`);
      const stuck = await bench.connect();
      stuck.client.write(new Uint8Array(32 * MIB));
      let gone = stuck.client.gone$ === undefined;
      stuck.client.gone$?.subscribe({ complete: () => (gone = true) });
      stuck.client.close(undefined, 60_000);
      await waits.pause(30);
      stuck.client.close(undefined, 10);
      await waits.until('the end of what nobody reads', () => gone);
      // what was given to the system may arrive
      const late = record(stuck.server);
      await waits.until('the other end to notice', () => late.ends() === 1);
      const unsent = stuck.client.unsent ?? 0;
      assert(late.length() + unsent + (test.between ?? 0) >= 32 * MIB, `${late.length()} octets arrived and ${unsent} have not left, of ${32 * MIB}`);
    },
  ],
  [
    'nothing is emitted after close',
    async ({ bench, waits }) => {
      const { client, server } = await bench.connect();
      record(server);
      const chunk = new Uint8Array(64 * 1024);
      let closed = false;
      let late = 0;
      const drains = client.drained$.subscribe(() => (late += closed ? 1 : 0));
      const atClient = record(client, () => {
        late += closed ? 1 : 0;
        closed = true;
        client.close();
      });
      for (let count = 0; count < 32; count += 1) {
        client.write(chunk);
        server.write(chunk);
      }
      await waits.until('the client to complete', () => atClient.ends() > 0);
      await waits.pause(100);
      assert(late === 0, `${late} events came after close`);
      assert(atClient.ends() === 1, 'incoming$ ended more than once');
      assert(drains.closed, 'drained$ did not complete');
    },
  ],
  [
    'a subscriber that comes after close sees the end',
    async ({ bench, waits }) => {
      const { client } = await bench.connect();
      client.close();
      const late = record(client);
      await waits.until('incoming$ to complete', () => late.ends() === 1);
      assert(late.error() === undefined && late.length() === 0, 'expected a completion and nothing else');
    },
  ],
];

/** Abrupt ends. */
export const abruptChecks: readonly Check[] = [
  [
    'close with an error ends at once, and does not wait for what was written',
    async ({ bench, waits }) => {
      const { client, server } = await bench.connect();
      const atClient = record(client);
      const chunk = new Uint8Array(MIB);
      for (let count = 0; count < 32; count += 1) client.write(chunk);
      client.close(new Error('enough'));
      await waits.until('incoming$ of the closing end', () => atClient.ends() === 1);
      assert(atClient.error() === undefined, `the closing end errors: ${String(atClient.error())}`);
      await waits.pause(50);
      const atServer = record(server);
      await waits.until('the other end to notice', () => atServer.ends() === 1);
      assert(atServer.length() < 32 * MIB, 'everything arrived: that was a graceful close');
    },
  ],
  [
    'close with an error shows as an error at the other end',
    async ({ bench, waits }) => {
      const { client, server } = await bench.connect();
      let error: unknown;
      let atOnce: boolean | undefined;
      const reading = server.incoming$.subscribe({
        error: (cause: unknown) => {
          error = cause;
          atOnce = server.write('still there?');
        },
      });
      client.close(new Error('secret'));
      await waits.until('the other end to notice', () => reading.closed);
      assert(error instanceof Error, 'incoming$ of the other end completed: expected an Error');
      assert(atOnce === true, 'write answered false in the error of incoming$: drained$ would never come');
      assert(error.message !== '' && !error.message.includes('secret'), `not a fit message: "${error.message}"`);
      assert(server.write('still there?'), 'write answered false after the end: drained$ would never come');
    },
  ],
];
