import { erlang } from '../harness/erlang.js';
import { oneWay } from '../harness/pair.js';
import { missingPackage, missingProgram } from '../harness/peers.js';
import type { Row } from '../harness/row.js';

export const socketIoMissing = (): string | undefined => missingPackage('socket.io') ?? missingPackage('socket.io-client');
export const natsMissing = (): string | undefined => missingProgram('nats-server') ?? missingPackage('@nats-io/transport-node');

/** Messages of 100 octets from one process to a port of another one, over one connection. */
export const oneWayRows = (): readonly Row[] => [
  {
    id: 'oneway.tcp',
    what: 'one way over TCP, 100 octets, two processes',
    unit: 'messages/s',
    better: 'more',
    contenders: [
      oneWay('rxmp', 'rxmp', 'up'),
      oneWay('raw', 'raw TCP, JSON arrays', 'up'),
      oneWay('prototype', 'prototype with ports', 'up'),
      oneWay('nats', 'NATS', 'up', { absent: natsMissing() }),
      erlang('Erlang', 'oneway'),
      oneWay('socket.io', 'socket.io (WebSocket)', 'up', { system: 'socket-io', absent: socketIoMissing() }),
      oneWay('moleculer', 'moleculer', 'up', { absent: missingPackage('moleculer') }),
    ],
    goals: [
      { of: 'rxmp', by: 'prototype', atLeast: 0.8 },
      { of: 'rxmp', by: 'nats', atLeast: 4 },
      { of: 'rxmp', by: 'erlang', atLeast: 7 },
    ],
    check: 'raw',
  },
  webSocket('oneway.ws.up', 'one way over WebSocket, client to server', 'up'),
  webSocket('oneway.ws.down', 'one way over WebSocket, server to client', 'down'),
];

function webSocket(id: string, what: string, direction: 'up' | 'down'): Row {
  return {
    id,
    what: `${what}, 100 octets`,
    unit: 'messages/s',
    better: 'more',
    contenders: [
      oneWay('rxmp', 'rxmp', direction, { webSocket: true }),
      oneWay('raw', 'raw ws, 64 messages a frame', direction, { system: 'raw-ws' }),
      oneWay('socket.io', 'socket.io', direction, { system: 'socket-io', absent: socketIoMissing() }),
    ],
    goals: [{ of: 'rxmp', by: 'raw', atLeast: 0.8 }],
    check: 'raw',
  };
}
