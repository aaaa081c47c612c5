/** A process with a node whose seed is a name; a file says which addresses that has. Prints whom the node sees in the database. */
import { readFile } from 'node:fs/promises';
import { createNode, tcpTransport } from 'rxmp';

const [ip, port, names] = process.argv.slice(2);
const lookup = async () => JSON.parse(await readFile(names, 'utf8'));
const node = await createNode({
  nodeid: `pod-${ip}`,
  binds: [`${ip}:${port}`],
  seeds: [`pods.invalid:${port}`],
  transports: [tcpTransport({ lookup })],
  limits: { nameTime: 2_000 },
  monitorTimeout: 3_000,
  secret: process.env.RXMP_SECRET,
});
node.dbSet('pods', ip, true);
node.dbMon('pods').subscribe(({ family }) => process.stdout.write(`pods ${[...family.keys()].sort().join(' ')}\n`));
process.stdin.resume().once('end', () => node.close());
