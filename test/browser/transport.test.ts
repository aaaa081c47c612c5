import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { realClock } from '../../src/env/clock.js';
import { transportCompliance } from '../../src/testing/compliance.js';
import { connectTo, openBench, record, waitsOn, type TransportUnderTest } from '../../src/testing/compliance-tools.js';
import { parseAddress } from '../../src/transport/address.js';
import type { BrowserSettings, BrowserSocket } from '../../src/transport/websocket-browser-duplex.js';
import { browserWebSocketTransport } from '../../src/transport/websocket-browser.js';
import { webSocketTransport } from '../../src/transport/websocket.js';
import { VirtualClock } from '../../src/testing/index.js';

const waits = waitsOn(realClock, 5_000);
/** As in browsers, what fails is told by `onclose` only. */
const open = (url: string): BrowserSocket => new WebSocket(url).on('error', () => undefined) as unknown as BrowserSocket;

/** A listener in Node.js, and a client with the interface that browsers have. */
const inBrowser = (settings: Partial<BrowserSettings> = {}): TransportUnderTest => {
  const { schemes, connect } = browserWebSocketTransport(settings, open);
  return {
    transport: { schemes, connect, listen: webSocketTransport().listen },
    bind: 'ws://127.0.0.1:0',
    address: (listening) => listening,
    close: () => Promise.resolve(),
  };
};

/** The one promise that browsers can't keep: what was written leaves before a WebSocket ends, whatever it is closed with. */
const UNKEPT = 'close with an error ends at once, and does not wait for what was written';

transportCompliance('websocket of browsers', () => Promise.resolve(inBrowser()), {
  describe,
  it(name, body) {
    if (name !== UNKEPT) it(name, body);
    else it('close with an error ends after what was written has left', () => expect(body()).rejects.toThrow('everything arrived'));
  },
});

/** A WebSocket that does what the test says. */
function socketOfTest(): BrowserSocket & { sent: unknown[]; closed: number | undefined; bufferedAmount: number } {
  return {
    ...{ binaryType: '', readyState: 1, bufferedAmount: 0, onopen: null, onmessage: null, onclose: null, sent: [], closed: undefined },
    send(data) { this.sent.push(data); },
    close(code) { this.closed = code; },
  };
}

describe('the WebSocket of browsers', () => {
  it('sends text and octets as frames of their kind, and gets them so', async () => {
    const bench = await openBench(inBrowser(), waits);
    const { client, server } = await bench.connect();
    const chunks: unknown[] = [];
    const back: unknown[] = [];
    record(server, (chunk) => chunks.push(typeof chunk === 'string' ? chunk : [...chunk]));
    record(client, (chunk) => back.push(chunk));
    client.write('zwölf');
    client.write(Uint8Array.of(0, 255));
    server.write('elf');
    server.write(Uint8Array.of(1));
    await waits.until('two frames each', () => chunks.length === 2 && back.length === 2);
    expect([chunks, back]).toEqual([['zwölf', [0, 255]], ['elf', Uint8Array.of(1)]]);
    bench.close();
  });

  it('ends the connection at a frame longer than maxPayload, and says so', async () => {
    const bench = await openBench(inBrowser({ maxPayload: 10 }), waits);
    const { client, server } = await bench.connect();
    const heard = record(client);
    const told = record(server);
    server.write('x'.repeat(11));
    await waits.until('both ends', () => heard.ends() > 0 && told.ends() > 0);
    expect(String(heard.error())).toContain('a frame of 11 octets came: the longest may be 10');
    expect(String(told.error())).toContain('closed with code 4000');
    bench.close();
  });

  it('ends the connection when more comes than a limit lets through, and not after it is lifted', async () => {
    const bench = await openBench(inBrowser(), waits);
    for (const [lifted, ends] of [[false, true], [true, false]]) {
      const { client, server } = await bench.connect();
      const heard = record(client);
      const lift = client.limit?.(10);
      if (lifted === true) lift?.();
      server.write('x'.repeat(6));
      server.write('y'.repeat(6));
      await waits.until('both frames', () => heard.ends() > 0 || heard.text().length === 12);
      expect(heard.error() !== undefined).toBe(ends);
      client.close();
    }
    bench.close();
  });

  it('tells when what was written has left, and looks for that only then', async () => {
    const clock = new VirtualClock();
    const socket = socketOfTest();
    const made = firstValueFrom(browserWebSocketTransport({ clock }, () => socket).connect(parseAddress('ws://127.0.0.1:1')));
    socket.onopen?.();
    const duplex = await made;
    let drained = 0;
    duplex.drained$.subscribe(() => drained++);
    expect([duplex.write('a'), clock.pending]).toEqual([true, 0]);
    socket.bufferedAmount = 1_000_000;
    expect([duplex.write('b'), duplex.write('c'), clock.pending]).toEqual([false, false, 1]);
    clock.runFor(100);
    expect(drained).toBe(0);
    socket.bufferedAmount = 1_000;
    clock.runFor(100);
    expect([drained, clock.pending, duplex.write('d')]).toEqual([1, 0, true]);
    expect(socket.sent).toEqual(['a', 'b', 'c', 'd']);
  });

  it('is given up when its end is never answered, and holds nothing then', async () => {
    const clock = new VirtualClock();
    const socket = socketOfTest();
    const made = firstValueFrom(browserWebSocketTransport({ clock, closeTime: 1_000 }, () => socket).connect(parseAddress('ws://127.0.0.1:1')));
    socket.onopen?.();
    const duplex = await made;
    let gone = false;
    duplex.gone$?.subscribe({ complete: () => (gone = true) });
    duplex.close();
    clock.runFor(999);
    expect([socket.closed, gone]).toEqual([1000, false]);
    clock.runFor(1);
    expect([gone, clock.pending]).toEqual([true, 0]);
  });

  it('can not listen, and says why a connection was not made as far as browsers tell', async () => {
    const transport = browserWebSocketTransport({}, open);
    await expect(firstValueFrom(transport.listen(parseAddress('ws://127.0.0.1:0')))).rejects.toThrow(
      'cannot listen on ws://127.0.0.1:0: browsers only connect',
    );
    await expect(connectTo(transport, 'ws://127.0.0.1:1', waits)).rejects.toThrow(/cannot connect to ws:\/\/127\.0\.0\.1:1: closed with code 1006: browsers do not tell why/);
    const mixed = browserWebSocketTransport({}, () => { throw new Error('insecure'); });
    await expect(connectTo(mixed, 'ws://127.0.0.1:1', waits)).rejects.toThrow('cannot connect to ws://127.0.0.1:1: insecure');
    await expect(connectTo(transport, 'ws://127.0.0.1:1/#x', waits)).rejects.toThrow('expected ws://host:port/path');
  });
});
