import { createServer, type Socket } from 'node:net';
import { EventEmitter } from 'node:events';
import { VirtualClock } from 'rxmp/testing';
import { describe, expect, it } from 'vitest';
import { createDoor } from '../../../src/transport/door.js';
import type { Visit } from '../../../src/transport/duplex.js';
import { readTrustProxy } from '../../../src/transport/forwarded.js';
import { createVisitors } from '../../../src/transport/visitors.js';

/** Who visits a listener, with what the listener knows of him. */
class Visiting extends EventEmitter {
  destroyed = false;
  readonly remoteAddress: string | undefined;
  readonly remotePort: number | undefined;

  constructor(remoteAddress?: string, remotePort?: number) {
    super();
    this.remoteAddress = remoteAddress;
    this.remotePort = remotePort;
  }

  destroy(): void {
    this.destroyed = true;
    this.emit('close');
  }
}

function build() {
  const clock = new VirtualClock();
  let places = 0;
  const server = createServer();
  const enter = (): (() => void) => {
    places++;
    return () => { places--; };
  };
  const visitors = createVisitors({ clock, requestTime: 1_000, proxies: readTrustProxy(undefined) }, createDoor(server, { connections: 100, enter, failed: () => undefined, missed: () => undefined }));
  return { clock, places: () => places, visit: (socket: Visiting) => { visitors.arrived(socket as unknown as Socket); }, visitors };
}

/** The same behind a proxy on this machine, with somebody whom it turns away. */
function behindProxies(unwanted?: string) {
  const entered: string[] = [];
  const left: string[] = [];
  const enter = ({ remoteAddress, isProxy }: Visit): (() => void) | undefined => {
    if (remoteAddress.split(':')[0] === unwanted) return undefined;
    const name = `${remoteAddress}${isProxy === true ? ' proxy' : ''}`;
    entered.push(name);
    return () => { left.push(name); };
  };
  const door = createDoor(createServer(), { connections: 100, enter, failed: () => undefined, missed: () => undefined });
  const visitors = createVisitors({ clock: new VirtualClock(), requestTime: 1_000, proxies: readTrustProxy(['127.0.0.1']) }, door);
  return { entered, left, visitors };
}

describe('visitors of a WebSocket listener', () => {
  it('who is gone before he was accepted, and so has no address, takes no place', () => {
    const { clock, places, visit } = build();
    const sockets = Array.from({ length: 10 }, () => new Visiting());
    sockets.forEach(visit);
    for (const socket of sockets) socket.destroy();
    expect([places(), clock.pending]).toEqual([0, 0]);
  });

  it('leave their places when they go, when they take too long, and when their handshake is over', () => {
    const { clock, places, visit, visitors } = build();
    const [gone, idle, served] = [new Visiting('10.0.0.1', 1), new Visiting('10.0.0.1', 2), new Visiting('10.0.0.1', 3)];
    [gone, idle, served].forEach(visit);
    expect(places()).toBe(3);
    const leave = visitors.upgraded(served);
    gone.destroy();
    expect(places()).toBe(2);
    clock.runFor(1_000);
    expect([idle.destroyed, served.destroyed, places()]).toEqual([true, false, 1]);
    leave?.();
    expect([places(), clock.pending]).toEqual([0, 0]);
  });

  it('that are gone are forgotten: an address that comes again is another visitor', () => {
    const { clock, places, visit, visitors } = build();
    const [first, second] = [new Visiting('10.0.0.1', 1), new Visiting('10.0.0.1', 1)];
    visit(first);
    first.destroy();
    expect([visitors.upgraded(first), places()]).toEqual([undefined, 0]);
    visit(first);
    visit(second);
    // the one before was slow to say that it is gone
    first.emit('close');
    expect([places(), clock.pending]).toEqual([2, 2]);
    const leave = visitors.upgraded(second);
    expect(leave).toEqual(expect.any(Function));
    second.destroy();
    expect(places()).toBe(2);
    leave?.();
    expect(places()).toBe(1);
  });

  it('whom a proxy brings take the place of their own address, and the proxy leaves its', () => {
    const { entered, left, visitors } = behindProxies();
    const proxy = new Visiting('127.0.0.1', 1);
    expect(visitors.arrived(proxy as unknown as Socket)).toBe(true);
    expect([entered, left]).toEqual([['127.0.0.1:1 proxy'], []]);
    expect(visitors.named(proxy as unknown as Socket, '203.0.113.7')).toBe(true);
    expect([entered.slice(1), left]).toEqual([['203.0.113.7'], ['127.0.0.1:1 proxy']]);
    visitors.upgraded(proxy)?.();
    expect(left.slice(1)).toEqual(['203.0.113.7']);
    proxy.destroy();
    expect(left).toHaveLength(2);
  });

  it('whom a proxy brings may be a proxy too, who brings another', () => {
    const { entered, left, visitors } = behindProxies();
    const proxy = new Visiting('127.0.0.1', 1) as unknown as Socket;
    visitors.arrived(proxy);
    expect(visitors.nameOf(proxy)).toBeUndefined();
    expect(visitors.named(proxy, '10.0.0.2:5', true)).toBe(true);
    expect(visitors.nameOf(proxy)).toBe('10.0.0.2:5');
    expect(visitors.named(proxy, '203.0.113.7')).toBe(true);
    expect(visitors.named(proxy, '203.0.113.8')).toBe(true);
    expect([visitors.nameOf(proxy), entered, left]).toEqual([
      '203.0.113.7',
      ['127.0.0.1:1 proxy', '10.0.0.2:5 proxy', '203.0.113.7'],
      ['127.0.0.1:1 proxy', '10.0.0.2:5 proxy'],
    ]);
  });

  it('whom a proxy brings in vain leave nothing, and who is no proxy is not asked again', () => {
    const { entered, left, visitors } = behindProxies('203.0.113.7');
    const [proxy, other] = [new Visiting('127.0.0.1', 1), new Visiting('10.0.0.1', 1)];
    visitors.arrived(proxy as unknown as Socket);
    visitors.arrived(other as unknown as Socket);
    expect(visitors.named(proxy as unknown as Socket, '203.0.113.7')).toBe(false);
    expect(visitors.named(other as unknown as Socket, '203.0.113.7')).toBe(true);
    expect(visitors.named(new Visiting('10.0.0.9', 9) as unknown as Socket, '203.0.113.7')).toBe(true);
    expect([entered, left]).toEqual([['127.0.0.1:1 proxy', '10.0.0.1:1'], ['127.0.0.1:1 proxy']]);
    expect(visitors.arrived(new Visiting('203.0.113.7', 1) as unknown as Socket)).toBe(false);
  });
});
