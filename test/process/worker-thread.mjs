import { workerData } from 'node:worker_threads';
import { createNode } from 'rxmp';
import { reply } from 'rxmp/operators';

if (workerData === 'fails') throw new Error('no luck');
if (workerData === 'silent') await new Promise((resolve) => setTimeout(resolve, 60_000));

const node = await createNode({ attach: ['parent'] });
const port = node.port((what) => {
  if (what === 'exit') process.exit(7);
  if (what === 'throw') setImmediate(() => { throw new Error('as told'); });
  if (what === 'hang') for (;;);
  if (what === 'close') void node.close();
});
node.rcv(port, 'square').pipe(reply(node, ([n]) => [n * n])).subscribe();
node.rcv(port, 'octets').pipe(reply(node, ([octets]) => [octets.length, octets[0]])).subscribe();
node.rcv(port, 'busy').pipe(reply(node, ([ms]) => {
  for (const end = performance.now() + ms; performance.now() < end; );
  return [ms];
})).subscribe();
// what a port of another worker says
node.rcv(port, { ask: (other, replyTo) => { node.cal(other, 'square', 9).subscribe(([square]) => node.snd(replyTo, square)); } });
node.dbReg('crew', port);
