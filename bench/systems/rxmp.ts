import { filter, firstValueFrom } from 'rxjs';
import { createNode, type MpNode, type NodeOptions, type PortId } from 'rxmp';
import type { Sink as Counter } from '../harness/counter.js';
import { PAYLOAD, type End, type Listening, type System } from '../harness/system.js';

export const SECRET = 'bench';

type Sink = ['item', number, string] | ['echo', number, string, PortId<[number, string]>] | ['hello', PortId<Sink>];

/** rxmp: a port at either end. */
export const createRxmp = (options: NodeOptions = {}): System => ({
  async listen(sink, { webSocket = false }) {
    return listenOn(await createNode({ binds: [webSocket ? 'ws://127.0.0.1:0' : '127.0.0.1:0'], secret: SECRET, ...options }), sink);
  },

  async connect(address, sink) {
    const [seed = '', other = ''] = address.split(' ');
    const node = await createNode({ seeds: [seed], secret: SECRET, ...options });
    await connected(node);
    const port = node.rcv(node.port<Sink>(), { item: sink.item });
    node.snd(other as PortId<Sink>, 'hello', port.id);
    return await endOf(node, other as PortId<Sink>);
  },
});

export const system = createRxmp();

/** What a listening end is, whatever its node listens on. */
export function listenOn(node: MpNode, sink: Counter): Listening {
  let found: (end: Promise<End>) => void;
  const end = new Promise<End>((resolve) => { found = resolve; });
  const port = node.rcv(node.port<Sink>(), {
    item: sink.item,
    echo: (index, payload, reply) => node.snd(reply, index, payload),
    hello: (other) => { found(endOf(node, other)); },
  });
  return { address: `${node.addresses[0] ?? ''} ${port.id}`, end, close: () => node.close() };
}

async function endOf(node: MpNode, port: PortId<Sink>): Promise<End> {
  const { writable$ } = await firstValueFrom(node.connections$.pipe(filter((connection) => connection.node === node.nodeOf(port))));
  return {
    send: (index) => node.snd(port, 'item', index, PAYLOAD),
    drained: () => firstValueFrom(writable$.pipe(filter(Boolean))),
    caller: (answered) => (index) => void node.cal(port, 'echo', index, PAYLOAD).subscribe(answered),
    close: () => node.close(),
  };
}

/** Waits until a node is connected with another one. */
export async function connected(node: MpNode): Promise<void> {
  if (node.upNodes().length === 0) await firstValueFrom(node.monNodes().pipe(filter(({ up }) => up)));
}
