import type { Socket } from 'node:net';
import { batchesOf, type Batches } from '../harness/batches.js';
import type { Sink } from '../harness/counter.js';
import { PAYLOAD, type End } from '../harness/system.js';
import { tcpSystem } from '../harness/tcp-system.js';

/** A message: the port's id, a tag, and what its handler gets. */
type Message = readonly [port: string, tag: string, ...args: unknown[]];
type Port = ReadonlyMap<string, (...args: never[]) => void>;

/**
 * The least that has ports: a Map of them, each with a table of tags, and a write for each turn. No handshake, no checks, no
 * monitors, no limits, one connection.
 */
export const system = tcpSystem(endOf);

function endOf(socket: Socket, sink: Sink): End {
  const ports = new Map<string, Port>();
  const batches: Batches = batchesOf(socket, (messages) => {
    for (const [port, tag, ...args] of messages as Message[]) ports.get(port)?.get(tag)?.(...(args as never[]));
  });
  const snd = (...message: Message): boolean => batches.push(message);
  ports.set('a port of the other', new Map<string, (...args: never[]) => void>([
    ['item', (index: number) => { sink.item(index); }],
    ['echo', (index: number, payload: string, reply: string) => { snd(reply, 'reply', index, payload); }],
  ]));
  return {
    send: (index) => snd('a port of the other', 'item', index, PAYLOAD),
    drained: batches.drained,
    caller: (answered) => (index) => {
      const reply = `reply${index}`;
      ports.set(reply, new Map([['reply', () => {
        ports.delete(reply);
        answered();
      }]]));
      snd('a port of the other', 'echo', index, PAYLOAD, reply);
    },
    close: batches.close,
  };
}
