import { filter, firstValueFrom, take } from 'rxjs';
import { createNode, type MpNode } from 'rxmp';
import { $ } from 'rxmp/federation';
import type { Counts } from './counts.js';
import { ECHO, FAMILY, SCOPE, SECRET, WORKER, type Present } from './host.js';

/** Ports, messages and keys of one visit. */
const PORTS = 40;
const MESSAGES = 200;
const CALLS = 20;
const KEYS = 30;

/** A node comes, uses all that there is, and goes. */
export async function visit(address: string, counts: Counts): Promise<void> {
  await using node = await createNode({ seeds: [address], secret: SECRET });
  const host = node.upNodes()[0] ?? (await firstValueFrom(node.monNodes().pipe(filter(({ up }) => up)))).node;
  counts.nodes++;
  await Promise.all([ports(node, host, counts), family(node, counts), scope(node, counts)]);
}

async function ports(node: MpNode, host: string, counts: Counts): Promise<void> {
  const worker = node.spawn(host, WORKER, node.id);
  const died = firstValueFrom(node.mon(worker));
  for (let i = 0; i < PORTS; i++) {
    const port = node.rcv(node.port<['item', number]>(), { item: () => undefined });
    node.mon(port, () => undefined);
    node.mon(worker, port);
    for (let sent = 0; sent < MESSAGES / PORTS; sent++) node.snd(worker, 'item', port.id, sent);
    if (i % 2 === 0) node.kil(port, 'soaked', i);
  }
  counts.ports += PORTS + 1;
  counts.messages += MESSAGES;
  counts.monitors += 2 * PORTS + 1;
  for (let i = 0; i < CALLS; i++) await firstValueFrom(node.cal(host, ECHO, i));
  counts.calls += CALLS;
  node.kil(worker);
  await died;
}

async function family(node: MpNode, counts: Counts): Promise<void> {
  const key = (i: number): string => `${node.id} ${i}`;
  const whole = firstValueFrom(node.dbMon(FAMILY).pipe(filter((change) => change.family.has(key(KEYS - 1)))));
  for (let i = 0; i < KEYS; i++) node.dbSet(FAMILY, key(i), { index: i, text: 'x'.repeat(i) });
  await whole;
  node.dbDel(FAMILY, key(0));
  await firstValueFrom(node.dbKeys(FAMILY));
  counts.keys += KEYS;
}

async function scope(node: MpNode, counts: Counts): Promise<void> {
  const shared = node.federate<Present>(SCOPE);
  const seen = firstValueFrom(shared.observe({ type: 'present', who: $ }).pipe(filter(({ captures }) => captures.who === node.id), take(1)));
  const assertion = shared.assert({ type: 'present', who: node.id });
  await seen;
  assertion.unsubscribe();
  shared.close();
  counts.assertions++;
}
