import { createNode } from 'rxmp';

const SECRET = 'bench';
const server = await createNode({ binds: ['127.0.0.1:0'], secret: SECRET });
const client = await createNode({ seeds: server.addresses, secret: SECRET });
const port = server.rcv(server.port<['there']>(), { there: () => process.stdout.write('there\n', () => process.exit()) });
client.snd(port.id, 'there');
