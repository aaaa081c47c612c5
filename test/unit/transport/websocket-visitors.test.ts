import { createServer, type Socket } from 'node:net';
import { EventEmitter } from 'node:events';
import { VirtualClock } from 'rxmp/testing';
import { describe, expect, it } from 'vitest';
import { createDoor } from '../../../src/transport/door.js';
import { readTrustProxy } from '../../../src/transport/forwarded.js';
import { createVisitors } from '../../../src/transport/websocket-visitors.js';

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
  const visitors = createVisitors({ clock, requestTime: 1_000, proxies: readTrustProxy(undefined) }, createDoor(server, { connections: 100, enter, missed: () => undefined }));
  return { clock, places: () => places, visit: (socket: Visiting) => { visitors.arrived(socket as unknown as Socket); }, visitors };
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
});
