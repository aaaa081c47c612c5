import { createConnection } from 'node:net';
import { once } from 'node:events';
import { filter, firstValueFrom } from 'rxjs';
import { createNode } from 'rxmp';
import { connected, PAYLOAD, SECRET, type SendOrder } from './one-way.js';

/** The sending process: both contenders send batches, and wait while the other end has enough. */
const BATCH = 500;
const order = JSON.parse(process.argv[2] ?? '') as SendOrder;
await (order.kind === 'rxmp' ? sendByRxmp(order) : sendRaw(order));
// the receiver ends this process when it has everything
setInterval(() => undefined, 60_000);

async function sendByRxmp({ address, port, messages }: SendOrder): Promise<void> {
  const node = await createNode({ seeds: [address], secret: SECRET });
  await connected(node);
  const connection = await firstValueFrom(node.connections$);
  let index = 0;
  while (index < messages) {
    let below = true;
    for (const end = Math.min(index + BATCH, messages); index < end; index++) below = node.snd(port, 'item', index, PAYLOAD);
    if (below) await new Promise(setImmediate);
    else await firstValueFrom(connection.writable$.pipe(filter(Boolean)));
  }
}

async function sendRaw({ address, port, messages }: SendOrder): Promise<void> {
  const [host, number] = address.split(':');
  const socket = createConnection({ host: host ?? '', port: Number(number), noDelay: true });
  await once(socket, 'connect');
  let index = 0;
  while (index < messages) {
    let text = '';
    for (const end = Math.min(index + BATCH, messages); index < end; index++) {
      text += `${JSON.stringify([port, 'item', index, PAYLOAD])}\n`;
    }
    if (socket.write(text)) await new Promise(setImmediate);
    else await once(socket, 'drain');
  }
}
