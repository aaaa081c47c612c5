import type { MpNode, PortId } from 'rxmp';
import { killOnError, reply } from 'rxmp/operators';
import { countWords } from './count.js';

/** What a counting port takes, and what it answers. */
export type CountRequest = ['count', lines: readonly string[], reply: PortId<CountReply>];
export type CountReply = [counts: readonly (readonly [word: string, count: number])[]];

/** The family of all counting ports of the network. */
export const WORKERS = 'wordcount:workers';

/** The service that a worker process runs: a counting port, which others find in the family. */
export function start(node: MpNode): void {
  const worker = node.port<CountRequest>();
  node
    .rcv(worker, 'count')
    .pipe(
      reply(node, ([lines]) => [[...countWords(lines)]]),
      killOnError(node, worker),
    )
    .subscribe();
  node.dbReg(WORKERS, worker);
}
