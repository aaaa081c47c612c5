import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, connect, type AddressInfo } from 'node:net';
import { filter, firstValueFrom } from 'rxjs';
import { createNode, type MpNode } from 'rxmp';
import type { Contender, Rate } from './measure.js';
import { SECRET } from './one-way.js';

/** What the watching process is told, and what it says. */
export interface WatchOrder {
  readonly address: string;
  readonly family: string;
  /** Updates to see after the first content. */
  readonly updates: number;
}
export type WatchReport =
  | { readonly kind: 'content'; readonly keys: number; readonly ms: number }
  | { readonly kind: 'done'; readonly perSecond: number };

const FAMILY = 'bench';
/** Updates of one turn; all of different keys, since updates of one key in one turn are one. */
const BATCH = 500;

const keyOf = (i: number): string => `key/${i}`;

/** A global node that has set so many keys, and whoever watches it from another process. */
async function withKeys<T>(keys: number, what: (node: MpNode) => Promise<T>): Promise<T> {
  await using node = await createNode({ binds: ['127.0.0.1:0'], secret: SECRET, global: true });
  for (let i = 0; i < keys; i++) node.dbSet(FAMILY, keyOf(i), i);
  await new Promise(setImmediate);
  return await what(node);
}

async function watched<T>(order: WatchOrder, use: (child: ChildProcess, report: <K extends WatchReport['kind']>(kind: K) => Promise<Extract<WatchReport, { kind: K }>>) => Promise<T>): Promise<T> {
  const child = fork(new URL('./watcher.js', import.meta.url), [JSON.stringify(order)], { execArgv: [] });
  const reports = new Map<string, WatchReport>();
  child.on('message', (report: WatchReport) => reports.set(report.kind, report).size);
  const failed = once(child, 'exit').then(() => Promise.reject(new Error('the watching process ended early')));
  failed.catch(() => undefined);
  const report = async <K extends WatchReport['kind']>(kind: K): Promise<Extract<WatchReport, { kind: K }>> => {
    while (!reports.has(kind)) await Promise.race([once(child, 'message'), failed]);
    return reports.get(kind) as Extract<WatchReport, { kind: K }>;
  };
  try {
    return await use(child, report);
  } finally {
    child.kill();
  }
}

async function update(node: MpNode, keys: number, updates: number): Promise<void> {
  const connection = await firstValueFrom(node.connections$);
  for (let done = 0; done < updates; ) {
    for (const end = Math.min(done + BATCH, updates); done < end; done++) node.dbSet(FAMILY, keyOf((done * 7919) % keys), -done - 1);
    await new Promise(setImmediate);
    await firstValueFrom(connection.writable$.pipe(filter(Boolean)));
  }
}

/** Updates of a family of so many keys that a watcher in another process sees each second. */
export function watchContender(keys: number, updates: number): Contender {
  return {
    name: `a family of ${keys.toLocaleString('en')} keys`,
    run: (): Promise<Rate> =>
      withKeys(keys, async (node) => {
        const order: WatchOrder = { address: node.addresses[0] ?? '', family: FAMILY, updates };
        return await watched(order, async (_, report) => {
          await report('content');
          await update(node, keys, updates);
          return await report('done');
        });
      }),
  };
}

/** A new slave gets a family through a proxy that counts octets, in both directions. */
export function joinContender(keys: number): Contender {
  let octetsPerKey = 0;
  return {
    get name() {
      return `joined, ${octetsPerKey.toFixed(1)} octets a key`;
    },
    run: () =>
      join(keys, (octets) => {
        octetsPerKey = octets / keys;
      }),
  };
}

async function join(keys: number, counted: (octets: number) => void): Promise<Rate> {
  return await withKeys(keys, async (node) => {
    const [host = '', port = ''] = (node.addresses[0] ?? '').split(':');
    let octets = 0;
    const proxy = createServer((near) => {
      const far = connect({ host, port: Number(port) });
      for (const [from, to] of [[near, far], [far, near]] as const) {
        from.on('data', (chunk: Buffer) => {
          octets += chunk.length;
          to.write(chunk);
        });
        from.on('close', () => to.destroy());
        from.on('error', () => to.destroy());
      }
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    try {
      const address = `127.0.0.1:${(proxy.address() as AddressInfo).port}`;
      return await watched({ address, family: FAMILY, updates: 0 }, async (_, report) => {
        const content = await report('content');
        if (content.keys !== keys) throw new Error(`${content.keys} keys came, expected ${keys}`);
        counted(octets);
        return { perSecond: (keys / content.ms) * 1000 };
      });
    } finally {
      proxy.close();
    }
  });
}
