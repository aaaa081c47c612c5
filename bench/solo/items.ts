import { firstValueFrom, of, ReplaySubject, Subject, type Subscription } from 'rxjs';
import { createNode, memoryNetwork, realClock, type MpNode } from 'rxmp';
import { createScope, federate, type Channel } from 'rxmp/federation';
import { silentLog } from 'rxmp/testing';
import { type Running } from '../harness/measure.js';

/** Things of which a node may have many. */
export interface ItemsSettings {
  readonly what: keyof typeof items;
  /** How many one owner has. */
  readonly count: number;
  /** How many owners there are at a time. */
  readonly owners: number;
}

/**
 * Makes so many of one owner, uses each, and takes all back; a step at a time, so that all owners have theirs
 * at once. Names are of one owner, so that there are as many of them, too.
 */
type Work = (node: MpNode, count: number) => AsyncGenerator<void, void>;

const times = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
const endAll = (subscriptions: readonly Subscription[]): void => { for (const one of subscriptions) one.unsubscribe(); };
const nothing = (): void => undefined;

export const items = {
  async *ports(node, count) {
    let received = 0;
    const ports = times(count, () => node.rcv(node.port(), { tag: () => { received++; } }));
    yield;
    for (const port of ports) node.snd(port, 'tag');
    yield;
    const last = firstValueFrom(node.mon(ports.at(-1)?.id ?? ''));
    for (const port of ports) node.kil(port);
    await last;
    check('ports', received, count);
  },
  async *monitors(node, count) {
    let fired = 0;
    const port = node.port();
    const ended = times(count, () => node.mon(port, nothing));
    yield;
    endAll(ended);
    times(count, () => node.mon(port, () => { fired++; }));
    yield;
    const dead = firstValueFrom(node.mon(port));
    node.kil(port);
    await dead;
    check('monitors', fired, count);
  },
  async *'monitors.streams'(node, count) {
    let fired = 0;
    const port = node.port();
    const ended = times(count, () => node.mon(port).subscribe());
    yield;
    endAll(ended);
    times(count, () => node.mon(port).subscribe(() => { fired++; }));
    yield;
    const dead = firstValueFrom(node.mon(port));
    node.kil(port);
    await dead;
    check('monitors.streams', fired, count);
  },
  async *receivers(node, count) {
    let received = 0;
    const port = node.port();
    const subscriptions = times(count, () => node.rcv(port, 'tag').subscribe(() => { received++; }));
    yield;
    node.snd(port, 'tag', 1);
    yield;
    endAll(subscriptions);
    node.kil(port);
    check('receivers', received, count);
  },
  async *'receivers.tags'(node, count) {
    let received = 0;
    const port = node.port();
    const tags = times(count, (i) => `${node.id} ${i}`);
    for (const tag of tags) void node.rcv(port, { [tag]: () => { received++; } });
    yield;
    for (const tag of tags) node.snd(port, tag, 1);
    yield;
    for (const tag of tags) void node.rcv(port, { [tag]: undefined });
    node.kil(port);
    check('receivers.tags', received, count);
  },
  async *mailboxes(node, count) {
    const port = node.port();
    const box = node.mailbox(port);
    for (let i = 0; i < count; i++) node.snd(port, 'tag', i);
    yield;
    for (let i = 0; i < count; i++) await box.receive();
    check('mailboxes', box.size, 0);
    node.kil(port);
  },
  async *'mailboxes.waiters'(node, count) {
    const port = node.port();
    const box = node.mailbox(port);
    const received = times(count, () => box.receive());
    yield;
    for (let i = 0; i < count; i++) node.snd(port, 'tag', i);
    await Promise.all(received);
    node.kil(port);
  },
  async *calls(node, count) {
    const replies: string[] = [];
    const port = node.rcv(node.port(), { ask: (reply: string) => { replies.push(reply); } });
    const answers = times(count, () => firstValueFrom(node.cal(port, 'ask', { timeout: 60_000 })));
    yield;
    for (const reply of replies) node.snd(reply, 'answer');
    await Promise.all(answers);
    node.kil(port);
  },
  async *timers(node, count) {
    const timers = times(count, (i) => node.after(60_000 + i, nothing));
    yield;
    endAll(timers);
  },
  async *keys(node, count) {
    const guards = times(count, (i) => node.dbSet('items', `${node.id} ${i}`, i));
    check('keys', (await firstValueFrom(node.dbKeys('items'))).length, count);
    yield;
    endAll(guards);
    check('keys', (await firstValueFrom(node.dbKeys('items'))).length, 0);
  },
  async *watchers(node, count) {
    let told = 0;
    const subscriptions = times(count, () => node.dbMon('watched').subscribe(() => { told++; }));
    yield;
    const changed = firstValueFrom(node.dbMon('watched'));
    node.dbSet('watched', 'key', told).unsubscribe();
    await changed;
    yield;
    endAll(subscriptions);
  },
  async *functions(node, count) {
    const functions = times(count, (i) => node.register(`${node.id} ${i}`, nothing));
    yield;
    endAll(functions);
  },
  async *queue(node, count) {
    yield;
    await new Promise<void>((resolve) => {
      let left = count;
      const sink = node.port(() => { if (--left === 0) resolve(); });
      const feeder = node.port(() => { for (let i = 0; i < count; i++) node.snd(sink, 'x'); });
      node.snd(feeder, 'go');
    });
  },
  async *assertions(node, count) {
    const scope = node.federate<Item>('items');
    const assertions = times(count, (n) => scope.assert({ type: 'item', n }));
    yield;
    endAll(assertions);
    scope.close();
  },
  async *observers(node, count) {
    let seen = 0;
    const scope = node.federate<Item>('items');
    const subscriptions = times(count, (n) => scope.observe({ type: 'item', n }).subscribe(() => { seen++; }));
    yield;
    const assertions = times(count, (n) => scope.assert({ type: 'item', n }));
    yield;
    endAll(assertions);
    endAll(subscriptions);
    scope.close();
    check('observers', seen, 2 * count);
  },
  async *interests(node, count) {
    let changes = 0;
    const scope = node.federate<Item>('items');
    const interests = times(count, (n) => scope.interest({ type: 'item', n }).subscribe(() => { changes++; }));
    yield;
    const subscriptions = times(count, (n) => scope.observe({ type: 'item', n }).subscribe());
    yield;
    endAll(subscriptions);
    endAll(interests);
    scope.close();
    check('interests', changes, 3 * count);
  },
  async *links(_node, count) {
    const hub = createScope<Item>('items', { id: 'hub' });
    const ends$ = new Subject<Channel>();
    let up = 0;
    const joined = federate(hub, ends$).subscribe(({ state }) => { if (state === 'up') up++; });
    const leaves = times(count, (n) => {
      const [near, far] = channelPair();
      const leaf = createScope<Item>('items', { id: `leaf ${n}` });
      ends$.next(near);
      return federate(leaf, of(far)).subscribe();
    });
    yield;
    check('links', up, count);
    check('links', hub.inspect().links.length, count);
    endAll(leaves);
    joined.unsubscribe();
    hub.close();
  },
  async *peers(node, count) {
    const network = memoryNetwork(realClock);
    const options = { secret: 'a secret of this process', transports: [network], log: silentLog };
    const hub = await createNode({ nodeid: `hub ${node.id}`.replace(' ', '/'), binds: ['memory://hub'], ...options });
    const port = hub.port();
    const leaves = await Promise.all(times(count, () => createNode({ seeds: ['memory://hub'], ...options })));
    await Promise.all(leaves.map((leaf) => firstValueFrom(leaf.connections$)));
    yield;
    for (const leaf of leaves) leaf.snd(port, 'tag');
    await Promise.all(leaves.map((leaf) => leaf.close()));
    await hub.close();
  },
} satisfies Readonly<Record<string, Work>>;

interface Item {
  readonly type: 'item';
  readonly n: number;
}

const ALL = Infinity;

/** Two ends of a channel in this process; what is said arrives at once, after what was said before. */
function channelPair(): readonly [Channel, Channel] {
  const [near$, far$] = [new ReplaySubject<unknown>(ALL), new ReplaySubject<unknown>(ALL)];
  const waiting: (() => void)[] = [];
  const post = (task: () => void): void => {
    if (waiting.push(task) > 1) return;
    for (const next of waiting) next();
    waiting.length = 0;
  };
  const end = (mine$: ReplaySubject<unknown>, theirs$: ReplaySubject<unknown>): Channel => ({
    incoming$: mine$,
    send: (turn) => { post(() => { theirs$.next(turn); }); },
    close: () => { post(() => { theirs$.complete(); }); },
  });
  return [end(near$, far$), end(far$, near$)];
}

function check(what: string, is: number, expected: number): void {
  if (is !== expected) throw new Error(`${what}: ${is}, expected ${expected}`);
}

/**
 * Gives nanoseconds for each item. However many one owner has, there are as many in all: so garbage and caches cost the same,
 * and what differs is what an owner does with more of them.
 */
export async function open({ what, count, owners }: ItemsSettings): Promise<Running> {
  const nodes = await Promise.all(times(owners, () => createNode({ log: silentLog })));
  return {
    async run(operations) {
      let done = 0;
      let ms = 0;
      while (done < operations) {
        const start = performance.now();
        let working = nodes.map((node) => items[what](node, count));
        while (working.length > 0) {
          const steps = await Promise.all(working.map((work) => work.next()));
          working = working.filter((_work, i) => steps[i]?.done !== true);
        }
        ms += performance.now() - start;
        done += count * owners;
        // what comes later, as deaths, belongs to nobody's time
        await new Promise((resolve) => setImmediate(resolve));
      }
      return (ms / done) * 1e6;
    },
    close: async () => { await Promise.all(nodes.map((node) => node.close())); },
  };
}
