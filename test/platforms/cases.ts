import { createNode, iterate, memoryNetwork, realClock, tcpTransport, webSocketTransport, VERSION, type Duplex, type MpNode, type NodeOptions, type Transport } from 'rxmp';
import { firstValueFrom, tap } from 'rxjs';

/** What the cases need of whoever runs them. */
export interface Ground {
  /** The address of a node of the test's own, which is on Node.js: `ws://...`. */
  readonly hub: string;
  readonly secret: string;
  /** A certificate with its key, for nodes of this platform: a PEM text. */
  readonly cert: string;
  /** Tells which case has begun. */
  begun?(name: string): void;
}

/** One thing that rxmp does, tried on every platform. It throws what was wrong. */
export interface Case {
  readonly name: string;
  run(ground: Ground): Promise<void>;
}

/** What became of a case: null, or what was wrong. */
export type Outcome = string | null;

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const TIME = 10_000;

function same(found: unknown, expected: unknown): void {
  const [one, other] = [JSON.stringify(found), JSON.stringify(expected)];
  if (one !== other) throw new Error(`expected ${other}, found ${one ?? 'nothing'}`);
}

/** Waits for something, no longer than the cases may take. */
const soon = <T>(promise: Promise<T>, what: string): Promise<T> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => { reject(new Error(`waited in vain for ${what}`)); }, TIME);
    promise.finally(() => { clearTimeout(timer); }).then(resolve, reject);
  });

/** Waits until a node is connected; the second attempt says what was wrong with the first. */
async function connected(node: MpNode): Promise<void> {
  const watch = async (): Promise<void> => {
    for await (const now of iterate(node.status$)) {
      if (now.status === 'connected') return;
      if (now.status === 'connecting' && now.why !== undefined) throw new Error(now.why.text);
    }
  };
  await soon(watch(), 'a connection');
}

/** Does something with nodes, and closes them. */
async function withNodes(made: readonly Promise<MpNode>[], act: (...nodes: MpNode[]) => Promise<unknown>): Promise<void> {
  const nodes = await Promise.all(made);
  try {
    await act(...nodes);
  } finally {
    await Promise.all(nodes.map((node) => node.close({ timeout: 500 })));
  }
}

/** Two nodes that are connected: one listens there, the other one connects. */
async function pair(bind: string, options: NodeOptions, act: (one: MpNode, other: MpNode) => Promise<unknown>): Promise<void> {
  const common = { secret: 'of two nodes here', log: silent, limits: { handshakeTime: 3_000 }, ...options };
  const one = await createNode({ ...common, nodeid: 'one', binds: [bind] });
  await withNodes([Promise.resolve(one), createNode({ ...common, nodeid: 'other', seeds: one.addresses.map((address) => address.replace('[::]', '127.0.0.1')) })], async (_, other) => {
    await connected(other);
    await act(one, other);
  });
}

/** A message there and back. */
async function talk(one: MpNode, other: MpNode): Promise<void> {
  const port = one.rcv(one.port(), { double: (n: number, reply: string) => one.snd(reply, 2 * n) });
  same(await soon(firstValueFrom(other.cal(port.id, 'double', 21)), 'an answer'), [42]);
}

const inMemory = (act: (one: MpNode, other: MpNode) => Promise<unknown>): Promise<void> => pair('memory://one', { transports: [memoryNetwork(realClock)] }, act);

/** A node that is connected with the hub of the test. */
const withHub = ({ hub, secret }: Ground, act: (node: MpNode) => Promise<unknown>, options: NodeOptions = {}): Promise<void> =>
  withNodes([createNode({ seeds: [hub], secret, log: silent, ...options })], async (node) => {
    await connected(node);
    await act(node);
  });

const answerOfHub = async (node: MpNode, message: readonly [tag: string, ...args: unknown[]]): Promise<readonly unknown[]> => {
  const ports = await soon(firstValueFrom(node.dbKeys('smoke:ports')), 'the family');
  return soon(firstValueFrom(node.cal(ports[0]!, ...message)), 'an answer of the hub');
};

/** All that is tried, in the order of the table. */
export const CASES: readonly Case[] = [
  { name: 'import', run: async () => { same(/^\d+\.\d+\.\d+/.test(VERSION), true); } },
  { name: 'a node, closed', run: () => withNodes([createNode({ log: silent })], async (node) => { same(node.upNodes(), []); }) },
  {
    name: 'ports, `snd`, `rcv`, `mon`, `cal`',
    run: () => withNodes([createNode({ log: silent })], async (node) => {
      await talk(node, node);
      const port = node.port<[string]>();
      const death = firstValueFrom(node.mon(port));
      const first = firstValueFrom(node.rcv(port));
      node.snd(port, 'hello');
      same(await soon(first, 'the message'), ['hello']);
      node.kil(port, 'over');
      same(await soon(death, 'the death'), ['over']);
    }),
  },
  { name: 'two nodes in memory', run: () => inMemory(talk) },
  { name: 'WebSocket: connects to Node.js', run: (ground) => withHub(ground, async (node) => { same(await answerOfHub(node, ['double', 21]), [42]); }) },
  { name: 'WebSocket: listens', run: () => pair('ws://127.0.0.1:0', { transports: [webSocketTransport()] }, talk) },
  { name: 'TCP', run: () => pair('127.0.0.1:0', { transports: [tcpTransport()] }, talk) },
  { name: 'TCP with TLS', run: ({ cert }) => pair('127.0.0.1:0', { cert }, talk) },
  { name: '`wss://`', run: ({ cert }) => pair('wss://127.0.0.1:0', { cert }, talk) },
  ...['json', 'rxmp_json', 'cbor'].map((framing): Case => ({
    name: `framing ${framing}`,
    run: (ground) => withHub(ground, async (node) => {
      const connection = await soon(firstValueFrom(node.connections$), 'a connection');
      same(connection.framing, { sent: framing, received: framing });
      const value = { text: 'ä€😀', numbers: [1, -2.5, 1e300], nothing: null, deep: [[[{ yes: true }]]] };
      same(await answerOfHub(node, ['echo', value]), [value]);
    }, { framings: [framing] }),
  })),
  {
    name: 'a message of 1 MB',
    run: (ground) => withHub(ground, async (node) => {
      const text = 'x€'.repeat(300_000);
      const [back] = await answerOfHub(node, ['echo', text]);
      same(back === text, true);
    }),
  },
  {
    name: 'a key of the database, seen by another node',
    run: () => inMemory(async (one, other) => {
      one.dbSet('rooms', 'lobby', 'open');
      const seen = (async () => { for await (const { family } of iterate(other.dbMon('rooms'))) if (family.get('lobby') === 'open') return; })();
      await soon(seen, 'the key');
    }),
  },
  {
    name: 'a scope',
    run: () => inMemory(async (one, other) => {
      interface Fact { readonly type: 'present'; readonly who: string }
      one.federate<Fact>('room').assert({ type: 'present', who: 'ada' });
      const { kind } = await soon(firstValueFrom(other.federate<Fact>('room').observe({ type: 'present', who: 'ada' })), 'the fact');
      same(kind, 'add');
    }),
  },
  {
    name: 'a stream between ports',
    run: (ground) => withHub(ground, async (node) => {
      const ports = await soon(firstValueFrom(node.dbKeys('smoke:ports')), 'the family');
      const { readable, writable } = node.openStream(ports[0]!);
      const writer = writable.getWriter();
      void writer.write(new TextEncoder().encode('hello')).then(() => writer.close());
      const reader = readable.getReader();
      let text = '';
      for (let part = await soon(reader.read(), 'octets'); !part.done; part = await soon(reader.read(), 'the end')) text += new TextDecoder().decode(part.value);
      same(text, 'hello');
    }),
  },
  {
    name: '`AbortSignal`',
    run: () => withNodes([createNode({ log: silent })], async (node) => {
      const stop = new AbortController();
      const guard = node.dbSet('rooms', 'lobby', 1, { signal: stop.signal });
      const answer = firstValueFrom(node.cal(node.port(() => undefined), 'x', { signal: stop.signal }));
      stop.abort(new Error('enough'));
      same([guard.closed, await answer.catch((error: unknown) => (error as Error).message)], [true, 'enough']);
      same(await firstValueFrom(node.dbKeys('rooms')), []);
      await node.mailbox(node.port()).receive({ signal: AbortSignal.timeout(5) }).then(
        () => { throw new Error('it came'); },
        (error: unknown) => { same((error as Error).name, 'TimeoutError'); },
      );
    }),
  },
  {
    name: '`for await`',
    run: () => withNodes([createNode({ log: silent })], async (node) => {
      const port = node.port<[number]>();
      const box = node.mailbox(port);
      for (const n of [1, 2, 3]) node.snd(port, n);
      node.kil(port);
      const seen: number[] = [];
      for await (const [n] of box) seen.push(n);
      same(seen, [1, 2, 3]);
      for await (const { family } of iterate(node.dbMon('rooms'))) {
        same(family.size, 0);
        break;
      }
    }),
  },
  {
    name: 'a link goes on after its connection broke',
    run: (ground) => {
      const made: Duplex[] = [];
      const inner = webSocketTransport();
      const breakable: Transport = { ...inner, connect: (address) => inner.connect(address).pipe(tap((duplex) => made.push(duplex))) };
      return withHub(ground, async (node) => {
        const deaths: unknown[] = [];
        node.mon('hub', (...reason) => { deaths.push(reason); });
        same(await answerOfHub(node, ['double', 1]), [2]);
        made[0]!.close(new Error('broken by the test'));
        same(await answerOfHub(node, ['double', 2]), [4]);
        same([deaths, made.length], [[], 2]);
      }, { resumeTime: 20_000, transports: [breakable] });
    },
  },
  {
    name: 'names of errors',
    run: () => withNodes([createNode({ log: silent })], async (node) => {
      const nameOf = (thrown: unknown): unknown => [(thrown as Error).name, (thrown as { code?: unknown }).code];
      const dead = await firstValueFrom(node.cal(`${node.id}#none`, 'x')).catch(nameOf);
      const late = await firstValueFrom(node.cal(node.port(() => undefined), 'x', { timeout: 5 })).catch(nameOf);
      same([dead, late], [['PortDied', 'PORT_DIED'], ['CallTimeout', 'CALL_TIMEOUT']]);
      try {
        node.dbSet('1', 'key');
      } catch (error) {
        same(nameOf(error), ['BadFamily', 'BAD_FAMILY']);
      }
    }),
  },
];

/** What became of each case, by its name. */
export async function runCases(ground: Ground): Promise<Readonly<Record<string, Outcome>>> {
  const outcomes: Record<string, Outcome> = {};
  for (const { name, run } of CASES) {
    ground.begun?.(name);
    outcomes[name] = await soon((async () => run(ground))(), 'the case').then(() => null, (error: unknown) => (error instanceof Error ? `${error.name}: ${error.message}` : String(error)));
  }
  return outcomes;
}
