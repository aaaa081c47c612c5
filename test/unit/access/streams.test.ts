import type { MpNode } from 'rxmp';
import { send, spawn } from 'rxmp/guests';
import { createNetwork, type TestNetwork } from 'rxmp/testing';
import { describe, expect, it } from 'vitest';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

async function house(network: TestNetwork): Promise<{ gate: MpNode; worker: MpNode; ada: MpNode }> {
  const worker = await network.node('worker');
  const gate = await network.node('gate', { seeds: ['worker'], guests: { admit: (user) => ({ user, may: [send('worker#none'), send({ family: 'files' }), spawn('demo::take', { node: 'worker' })] }) } });
  const ada = await network.node('ada', { seeds: ['gate'], credentials: 'ada' });
  await network.until(() => ada.nodeIsUp('gate') === true && gate.nodeIsUp('worker') === true, 5_000);
  await network.run(100);
  return { gate, worker, ada };
}

/** All that comes out of a stream, or how it fails. */
function read(readable: ReadableStream<Uint8Array>): { text: string } {
  const seen = { text: '' };
  const all = async (): Promise<void> => {
    for await (const octets of readable) seen.text += decoder.decode(octets);
    seen.text += ' (end)';
  };
  all().catch((error: unknown) => { seen.text += error instanceof Error ? error.message : String(error); });
  return seen;
}

async function write(writable: WritableStream<Uint8Array>, text: string): Promise<void> {
  const writer = writable.getWriter();
  await writer.write(encoder.encode(text));
  await writer.close();
}

describe('V14, G2: streams of guests', () => {
  it('go through the gate, to ports that they may send to', async () => {
    await using network = createNetwork();
    const { worker, ada } = await house(network);
    const port = worker.port();
    worker.dbReg('files', port);
    await network.run(3_000);
    let got = { text: '' };
    worker.streams(port).subscribe(({ stream, from }) => {
      expect(worker.guest(from)?.user).toBe('ada');
      got = read(stream.readable);
      write(stream.writable, 'thank you').catch(() => undefined);
    });
    const stream = ada.openStream(port.id, 'a name');
    const answer = read(stream.readable);
    write(stream.writable, 'x'.repeat(200_000)).catch(() => undefined);
    await network.until(() => got.text.endsWith('(end)') && answer.text.endsWith('(end)'), 20_000);
    expect([got.text.length, answer.text]).toEqual([200_000 + ' (end)'.length, 'thank you (end)']);
  });

  it('to others are refused, as are those that would tell of what the guest was not told', async () => {
    await using network = createNetwork();
    const { worker, ada } = await house(network);
    const taken: unknown[] = [];
    const secret = worker.port();
    worker.streams(secret).subscribe(({ args }) => taken.push(args));
    worker.register('demo::take', (_self, ...args: unknown[]) => { taken.push(args.length); });
    worker.register('demo::other', (_self, ...args: unknown[]) => { taken.push(args); });
    const refusals = [
      read(ada.openStream(secret.id).readable),
      read(ada.openStream('worker', 'demo::other').readable),
      read(ada.openStream('worker', 'demo::take', secret.id).readable),
    ];
    const allowed = ada.openStream('worker', 'demo::take', 1);
    allowed.readable.cancel().catch(() => undefined);
    await network.until(() => refusals.every(({ text }) => text !== '') && taken.length > 0, 20_000);
    expect(taken).toEqual([2]);
    expect(refusals.map(({ text }) => text)).toEqual([
      expect.stringContaining(`a stream to "${secret.id}": that takes send("${secret.id}")`),
      expect.stringContaining('a stream to "worker": that takes spawn("demo::other", { node: "worker" })'),
      expect.stringContaining(`it names "${secret.id}", of which this guest was not told`),
    ]);
  });

  it('are opened by others, who dial nowhere for that', async () => {
    await using network = createNetwork();
    const { gate, worker, ada } = await house(network);
    const port = ada.port();
    let got = { text: '' };
    ada.streams(port).subscribe(({ stream }) => { got = read(stream.readable); });
    for (const node of [gate, worker]) {
      got = { text: '' };
      const stream = node.openStream(port.id);
      write(stream.writable, `from ${node.id}`).catch(() => undefined);
      await network.until(() => got.text.endsWith('(end)'), 20_000);
      expect(got.text).toBe(`from ${node.id} (end)`);
      expect(await stream.opened).toBe('channel');
    }
  });
});
