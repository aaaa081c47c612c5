import { createServer, type AddressInfo } from 'node:net';
import { createNode } from 'rxmp';
import { SECRET } from './one-way.js';
import { byTurn, onLines, type EchoAddress } from './round-trips.js';

/** The answering process. */
const listening = (echo: EchoAddress): void => void process.send?.(echo);

if (process.argv[2] === 'rxmp') {
  const node = await createNode({ binds: ['127.0.0.1:0'], secret: SECRET });
  const port = node.rcv(node.port<['echo', number, string, string]>(), { echo: (index, payload, reply) => node.snd(reply, index, payload) });
  listening({ address: node.addresses[0] ?? '', port: port.id });
} else {
  const server = createServer({ noDelay: true }, (socket) => {
    const write = byTurn(socket);
    onLines(socket, (message) => { write(`${JSON.stringify(message)}\n`); });
  });
  server.listen(0, '127.0.0.1', () => { listening({ address: `127.0.0.1:${(server.address() as AddressInfo).port}`, port: 'echo' }); });
}
process.once('disconnect', () => process.exit());
