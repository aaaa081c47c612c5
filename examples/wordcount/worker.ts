import type { MpNode, Port, PortId } from 'rxmp';
import { killOnError, reply } from 'rxmp/operators';
import { countWords } from './count.js';

/** What a counting port takes, and what it answers. */
export type CountRequest = ['count', lines: readonly string[], reply: PortId<CountReply>];
export type CountReply = [counts: readonly (readonly [word: string, count: number])[]];

/** The name of the function that makes a counting port. */
export const COUNTER = 'wordcount';

/** The service that a worker process runs: it lets the conductor spawn counting ports. */
export function start(node: MpNode): void {
  node.register(COUNTER, (self: Port<CountRequest>, conductor: string) => {
    // when the conductor is gone, for whatever reason, nobody needs this port any more; a link would call that a failure
    node.mon(conductor, () => node.kil(self));
    node
      .rcv(self, 'count')
      .pipe(
        reply(node, ([lines]) => [[...countWords(lines)]]),
        killOnError(node, self),
      )
      .subscribe();
  });
}
