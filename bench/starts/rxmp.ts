import { createNode } from 'rxmp';

const node = await createNode();
const port = node.rcv(node.port<['there']>(), { there: () => process.stdout.write('there\n', () => process.exit()) });
node.snd(port, 'there');
