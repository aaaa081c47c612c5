import { createNode, type PortId } from 'rxmp';
import { reply } from 'rxmp/operators';

/** A worker that counts primes. */
export type Job = ['count', from: number, to: number, reply: PortId<[count: number]>];

function countPrimes(from: number, to: number): number {
  let count = 0;
  for (let n = from; n < to; n++) {
    let divisor = 2;
    while (divisor * divisor <= n && n % divisor !== 0) divisor++;
    if (divisor * divisor > n) count++;
  }
  return count;
}

const node = await createNode({ attach: ['parent'] });
const port = node.port<Job>();
node.rcv(port, 'count').pipe(reply(node, ([from, to]) => [countPrimes(from, to)])).subscribe();
node.dbReg('primes', port);
