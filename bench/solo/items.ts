import { firstValueFrom, type Subscription } from 'rxjs';
import { createNode, memoryNetwork, realClock, type MpNode } from 'rxmp';
import { silentLog } from 'rxmp/testing';
import { type Running } from '../harness/measure.js';

/** Things of which a node may have many. */
export interface ItemsSettings {
  readonly what: keyof typeof items;
  /** How many there are at a time. */
  readonly count: number;
}

/** Makes so many, uses each, and takes all back. */
type Work = (node: MpNode, count: number) => unknown;

const times = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
const endAll = (subscriptions: readonly Subscription[]): void => { for (const one of subscriptions) one.unsubscribe(); };
const nothing = (): void => undefined;

export const items = {
  async ports(node, count) {
    let received = 0;
    const ports = times(count, () => node.rcv(node.port(), { tag: () => { received++; } }));
    for (const port of ports) node.snd(port, 'tag');
    const last = firstValueFrom(node.mon(ports.at(-1)?.id ?? ''));
    for (const port of ports) node.kil(port);
    await last;
    check('ports', received, count);
  },
  async monitors(node, count) {
    let fired = 0;
    const port = node.port();
    endAll(times(count, () => node.mon(port, nothing)));
    times(count, () => node.mon(port, () => { fired++; }));
    const dead = firstValueFrom(node.mon(port));
    node.kil(port);
    await dead;
    check('monitors', fired, count);
  },
  async 'monitors.streams'(node, count) {
    let fired = 0;
    const port = node.port();
    endAll(times(count, () => node.mon(port).subscribe()));
    times(count, () => node.mon(port).subscribe(() => { fired++; }));
    const dead = firstValueFrom(node.mon(port));
    node.kil(port);
    await dead;
    check('monitors.streams', fired, count);
  },
  receivers(node, count) {
    let received = 0;
    const port = node.port();
    const subscriptions = times(count, () => node.rcv(port, 'tag').subscribe(() => { received++; }));
    node.snd(port, 'tag', 1);
    endAll(subscriptions);
    node.kil(port);
    check('receivers', received, count);
  },
  'receivers.tags'(node, count) {
    let received = 0;
    const port = node.port();
    const tags = times(count, (i) => `tag ${i}`);
    for (const tag of tags) void node.rcv(port, { [tag]: () => { received++; } });
    for (const tag of tags) node.snd(port, tag, 1);
    for (const tag of tags) void node.rcv(port, { [tag]: undefined });
    node.kil(port);
    check('receivers.tags', received, count);
  },
  async mailboxes(node, count) {
    const port = node.port();
    const box = node.mailbox(port);
    for (let i = 0; i < count; i++) node.snd(port, 'tag', i);
    for (let i = 0; i < count; i++) await box.receive();
    check('mailboxes', box.size, 0);
    node.kil(port);
  },
  async 'mailboxes.waiters'(node, count) {
    const port = node.port();
    const box = node.mailbox(port);
    const received = times(count, () => box.receive());
    for (let i = 0; i < count; i++) node.snd(port, 'tag', i);
    await Promise.all(received);
    node.kil(port);
  },
  async calls(node, count) {
    const replies: string[] = [];
    const port = node.rcv(node.port(), { ask: (reply: string) => { replies.push(reply); } });
    const answers = times(count, () => firstValueFrom(node.cal(port, 'ask', { timeout: 60_000 })));
    for (const reply of replies) node.snd(reply, 'answer');
    await Promise.all(answers);
    node.kil(port);
  },
  timers(node, count) {
    endAll(times(count, (i) => node.after(60_000 + i, nothing)));
  },
  async keys(node, count) {
    const guards = times(count, (i) => node.dbSet('items', `key ${i}`, i));
    check('keys', (await firstValueFrom(node.dbKeys('items'))).length, count);
    endAll(guards);
    check('keys', (await firstValueFrom(node.dbKeys('items'))).length, 0);
  },
  async watchers(node, count) {
    let told = 0;
    const subscriptions = times(count, () => node.dbMon('watched').subscribe(() => { told++; }));
    const changed = firstValueFrom(node.dbMon('watched'));
    node.dbSet('watched', 'key', told).unsubscribe();
    await changed;
    endAll(subscriptions);
  },
  functions(node, count) {
    endAll(times(count, (i) => node.register(`function ${i}`, nothing)));
  },
  queue(node, count) {
    return new Promise<void>((resolve) => {
      let left = count;
      const sink = node.port(() => { if (--left === 0) resolve(); });
      const feeder = node.port(() => { for (let i = 0; i < count; i++) node.snd(sink, 'x'); });
      node.snd(feeder, 'go');
    });
  },
  assertions(node, count) {
    const scope = node.federate<{ readonly type: 'item'; readonly n: number }>('items');
    endAll(times(count, (n) => scope.assert({ type: 'item', n })));
    scope.close();
  },
  observers(node, count) {
    let seen = 0;
    const scope = node.federate<{ readonly type: 'item'; readonly n: number }>('items');
    const subscriptions = times(count, (n) => scope.observe({ type: 'item', n }).subscribe(() => { seen++; }));
    const assertions = times(count, (n) => scope.assert({ type: 'item', n }));
    endAll(assertions);
    endAll(subscriptions);
    scope.close();
    check('observers', seen, 2 * count);
  },
  async peers(_node, count) {
    const network = memoryNetwork(realClock);
    const options = { secret: 'a secret of this process', transports: [network], log: silentLog };
    const hub = await createNode({ nodeid: 'hub', binds: ['memory://hub'], ...options });
    const port = hub.port();
    const leaves = await Promise.all(times(count, () => createNode({ seeds: ['memory://hub'], ...options })));
    await Promise.all(leaves.map((leaf) => firstValueFrom(leaf.connections$)));
    for (const leaf of leaves) leaf.snd(port, 'tag');
    await Promise.all(leaves.map((leaf) => leaf.close()));
    await hub.close();
  },
} satisfies Readonly<Record<string, Work>>;

function check(what: string, is: number, expected: number): void {
  if (is !== expected) throw new Error(`${what}: ${is}, expected ${expected}`);
}

/** Gives nanoseconds for each item, of as many at a time as there are to be. */
export async function open({ what, count }: ItemsSettings): Promise<Running> {
  const node = await createNode();
  return {
    async run(operations) {
      let done = 0;
      let ms = 0;
      while (done < operations) {
        const start = performance.now();
        await items[what](node, count);
        ms += performance.now() - start;
        done += count;
        // what comes later, as deaths, belongs to nobody's time
        await new Promise((resolve) => setImmediate(resolve));
      }
      return (ms / done) * 1e6;
    },
    close: () => node.close(),
  };
}
