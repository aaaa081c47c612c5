import { createNode, type PortId } from 'rxmp';
import { reply } from 'rxmp/operators';
import { countPrimes } from './primes.js';

/** What a worker takes, and the family in which its port is found. */
export type Job = ['count', from: number, to: number, reply: PortId<[count: number]>];
export const FAMILY = 'primes';

const node = await createNode({ attach: ['parent'] });
const port = node.port<Job>();
node.rcv(port, 'count').pipe(reply(node, ([from, to]) => [countPrimes(from, to)])).subscribe();
node.dbReg(FAMILY, port);
