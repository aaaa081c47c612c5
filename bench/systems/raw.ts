import type { Socket } from 'node:net';
import { batchesOf, connectTcp, listenTcp, type Batches } from '../harness/batches.js';
import type { Sink } from '../harness/counter.js';
import { PAYLOAD, type End, type System } from '../harness/system.js';

type Message = readonly [port: string, tag: 'item' | 'echo' | 'reply', index: number, payload: string];

/** What bounds everything over TCP in Node.js: JSON arrays by turn, and nobody who looks for a port. */
export const system: System = {
  async listen(sink) {
    let found: (end: End) => void;
    const end = new Promise<End>((resolve) => { found = resolve; });
    const { server, address } = await listenTcp((socket) => { found(endOf(socket, sink)); });
    return { address, end, close: () => server.close() };
  },
  connect: async (address, sink) => endOf(await connectTcp(address), sink),
};

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
