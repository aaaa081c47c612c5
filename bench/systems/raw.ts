import type { Socket } from 'node:net';
import { batchesOf, type Batches } from '../harness/batches.js';
import type { Sink } from '../harness/counter.js';
import { PAYLOAD, type End } from '../harness/system.js';
import { tcpSystem } from '../harness/tcp-system.js';

type Message = readonly [port: string, tag: 'item' | 'echo' | 'reply', index: number, payload: string];

/** What bounds everything over TCP in Node.js: JSON arrays by turn, and nobody who looks for a port. */
export const system = tcpSystem(endOf);

function endOf(socket: Socket, sink: Sink): End {
  let answered = (): void => undefined;
  const batches: Batches = batchesOf(socket, (messages) => {
    for (const [port, tag, index, payload] of messages as Message[]) {
      if (tag === 'item') sink.item(index);
      else if (tag === 'echo') say(port, 'reply', index, payload);
      else answered();
    }
  });
  const say = (...message: Message): boolean => batches.push(message);
  return {
    send: (index) => say('a port of the other', 'item', index, PAYLOAD),
    drained: batches.drained,
    caller(whenAnswered) {
      answered = whenAnswered;
      return (index) => say('a port of the other', 'echo', index, PAYLOAD);
    },
    close: batches.close,
  };
}
