// a process that may open few files, with a ws:// and a TCP bind; idle connections come to the first
import { createNode } from '../../dist/src/index.js';

const log = { debug() {}, info() {}, warn(_details, text) { console.log(`warn ${text}`); }, error(_details, text) { console.log(`error ${text}`); } };
const node = await createNode({ nodeid: 'hub', binds: ['ws://127.0.0.1:0', '127.0.0.1:0'], secret: 'a secret of few files', log });
console.log(`addresses ${node.addresses.join(' ')}`);
process.stdin.on('data', () => {});
process.stdin.on('end', async () => {
  await node.close();
  process.exit();
});
