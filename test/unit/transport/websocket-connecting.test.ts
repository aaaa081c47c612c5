import { describe, expect, it } from 'vitest';
import { defaultLimits } from '../../../src/env/limits.js';
import { silentLog, VirtualClock } from '../../../src/testing/index.js';
import { parseAddress } from '../../../src/transport/address.js';
import type { Duplex } from '../../../src/transport/duplex.js';
import { nodeTransports } from '../../../src/transport/node-transports.js';
import { browserWebSocketTransport } from '../../../src/transport/websocket-browser.js';
import type { BrowserSocket } from '../../../src/transport/websocket-browser-duplex.js';
import { webSocketUrl } from '../../../src/transport/websocket-url.js';

/** A page that connects; the test is its WebSocket. */
function build() {
  const calls: string[] = [];
  const told: string[] = [];
  const duplexes: Duplex[] = [];
  const socket: BrowserSocket = {
    ...{ binaryType: 'blob', readyState: 0, bufferedAmount: 0, onopen: null, onmessage: null, onclose: null },
    send: () => undefined,
    close: (code) => { calls.push(`close ${code}`); },
  };
  const transport = browserWebSocketTransport({}, (url) => { calls.push(url); return socket; });
  const connecting = transport.connect(parseAddress('ws://there:1/mp?a')).subscribe({
    next: (duplex) => { duplexes.push(duplex); told.push('duplex'); },
    error: (error: unknown) => told.push(String(error)),
    complete: () => told.push('over'),
  });
  return { calls, told, duplexes, socket, connecting };
}

describe('a page that connects', () => {
  it('gets a duplex when its WebSocket is open, which takes octets as such', () => {
    const { calls, told, duplexes, socket, connecting } = build();
    expect([calls, socket.binaryType, told]).toEqual([['ws://there:1/mp?a'], 'arraybuffer', []]);
    socket.onopen?.();
    expect(told).toEqual(['duplex', 'over']);
    expect(duplexes[0]?.remoteAddress).toBe('ws://there:1/mp?a');
    connecting.unsubscribe();
    expect(calls).toHaveLength(1);
  });

  it('and gives up closes its WebSocket, and hears nothing of it', () => {
    const { calls, told, socket, connecting } = build();
    connecting.unsubscribe();
    expect([calls.slice(1), socket.onopen, socket.onclose]).toEqual([['close undefined'], null, null]);
    expect(told).toEqual([]);
  });

  it('in vain learns the code that its browser tells', () => {
    const { told, socket } = build();
    socket.onclose?.({ code: 1006, reason: '' });
    expect(told).toEqual([expect.stringMatching(/^TransportError: cannot connect to ws:\/\/there:1\/mp\?a: closed with code 1006: /)]);
  });

  it('has the WebSocket of its platform, or is told that there is none', () => {
    const before = Object.getOwnPropertyDescriptor(globalThis, 'WebSocket');
    const opened: string[] = [];
    const connect = (): string => {
      let told = 'nothing';
      browserWebSocketTransport().connect(parseAddress('ws://there:1')).subscribe({ error: (error: unknown) => (told = String(error)) }).unsubscribe();
      return told;
    };
    try {
      Object.defineProperty(globalThis, 'WebSocket', { configurable: true, value: undefined });
      expect(connect()).toBe('TransportError: cannot connect to ws://there:1: this platform has no WebSocket');
      Object.defineProperty(globalThis, 'WebSocket', { configurable: true, value: function WebSocket(url: string) { opened.push(url); return { close: () => undefined }; } });
      expect([connect(), opened]).toEqual(['nothing', ['ws://there:1']]);
    } finally {
      if (before === undefined) Reflect.deleteProperty(globalThis, 'WebSocket');
      else Object.defineProperty(globalThis, 'WebSocket', before);
    }
  });
});

describe('the transport of a page', () => {
  it('has the clock and the limits of the node that uses it, where it was given none', () => {
    const limits = { ...defaultLimits, messageSize: 10 };
    for (const [options, failure] of [[{}, 'a frame of 11 octets came: the longest may be 10'], [{ maxPayload: 11 }, undefined]] as const) {
      const clock = new VirtualClock();
      const socket: BrowserSocket = {
        ...{ binaryType: '', readyState: 1, bufferedAmount: 1_000_000, onopen: null, onmessage: null, onclose: null },
        ...{ send: () => undefined, close: () => undefined },
      };
      const [transport] = nodeTransports({ only: [browserWebSocketTransport(options, () => socket)] }, [], { clock, limits, log: silentLog, tls: undefined });
      const told: string[] = [];
      transport?.connect(parseAddress('ws://there:1')).subscribe((duplex) => {
        duplex.incoming$.subscribe({ error: (error: unknown) => told.push(String(error)) });
        duplex.write('x');
      });
      socket.onopen?.();
      expect(clock.pending).toBe(1);
      socket.onmessage?.({ data: 'x'.repeat(11) });
      expect(told).toEqual(failure === undefined ? [] : [`TransportError: connection with ws://there:1 failed: ${failure}`]);
    }
  });
});

describe('the URL of a WebSocket', () => {
  it.each([
    ['wss://there/mp?a=b', 'wss://there:443/mp?a=b'],
    ['ws://[::1]:1?a', 'ws://[::1]:1/?a'],
    ['ws://there', 'ws://there:80'],
  ])('of %s is %s', (text, url) => {
    expect(webSocketUrl(parseAddress(text))).toBe(url);
  });

  it.each(['ws://there/#x', 'ws://there%/'])('is none of %s', (text) => {
    expect(() => webSocketUrl(parseAddress(text))).toThrow(`cannot connect to ${text}: expected ws://host:port/path`);
  });
});
