import { firstValueFrom } from 'rxjs';
import type { MpNode } from 'rxmp';
import { $ } from 'rxmp/federation';

export const SECRET = 'soak';
export const FAMILY = 'soak';
export const SCOPE = 'soak';
/** Functions of the host: one that answers a call, and one that a port is spawned with. */
export const ECHO = 'soak::echo';
export const WORKER = 'soak::work';

export interface Present {
  readonly type: 'present';
  readonly who: string;
}

/** What the node that stays does for those that come and go. */
export function serveVisitors(node: MpNode): void {
  node.register(ECHO, (_, index: unknown, reply: unknown) => node.snd(String(reply), index));
  node.register(WORKER, (port, visitor: unknown) => {
    node.dbReg(FAMILY, port, String(visitor));
    node.mon(String(visitor), port);
    void node.rcv(port, { item: (sender: unknown) => node.snd(String(sender), 'item', 0) });
  });
  node.dbMon(FAMILY).subscribe(({ family }) => family.size);
  node.federate<Present>(SCOPE).observe({ type: 'present', who: $ }).subscribe();
}

/** What is left of the visitors: nothing, soon after the last has gone. */
export async function leftovers(node: MpNode): Promise<readonly string[]> {
  const keys = await firstValueFrom(node.dbKeys(FAMILY));
  return [...node.upNodes().map((id) => `the node ${id}`), ...keys.map((key) => `the key ${key}`)];
}
