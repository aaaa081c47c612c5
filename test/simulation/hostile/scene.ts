import type { Logger, MpNode, Port } from 'rxmp';
import { federate, read, send, spawn, write, type GuestHandle, type Right } from 'rxmp/guests';
import { createNetwork, silentLog, type TestNetwork } from 'rxmp/testing';
import { Violation } from '../violation.js';

/** What nobody may hear who has no right to. */
export const SECRET = 'for nobody else';

/** A network that is attacked: what is there, and what was broken. */
export interface Scene {
  readonly network: TestNetwork;
  readonly gate: MpNode;
  readonly worker: MpNode;
  /** A guest that does no harm. */
  readonly ada: MpNode;
  /** Ports that an intruder may not send to. */
  readonly secrets: readonly string[];
  /** Those that it may. */
  readonly open: readonly string[];
  readonly broken: Violation[];
  /** Who is in, as the gate tells. */
  handles(): readonly GuestHandle[];
  /** Ports that others than the innocent guest have spawned, and that live. */
  readonly living: ReadonlySet<string>;
  /** Whether the innocent guest has had an answer since the last time. */
  answered(): boolean;
  /** It asks. */
  ask(): void;
  /** Looks at what nobody is told of when it changes. */
  look(): void;
}

type Entries = ReadonlyMap<string, unknown>;


/** Makes the network; its guests are those whose credentials begin with `evil`, and ada. */
export async function createScene(seed: number): Promise<Scene & AsyncDisposable> {
  const broken: Violation[] = [];
  const violated = (rule: string, text: string): void => void broken.push(new Violation(rule, text));
  const network = createNetwork({ seed, delay: { min: 1, max: 3 } });
  const open: string[] = [];
  const secrets: string[] = [];
  const living = new Set<string>();
  const families = new Map<string, Entries>();
  let known: readonly GuestHandle[] = [];
  let isOver = false;
  let asked = 0;
  let answers = 0;

  const mayOf = (user: string): readonly Right[] => [
    ...open.map((port) => send(port)),
    ...[send({ family: 'rooms' }), spawn('cart'), spawn('main::hi'), spawn('cart', { node: 'worker' }), read('rooms'), read('presence')],
    ...[write('presence', { key: user }), write('drafts', { prefix: `${user}/` }), federate('room', { assert: { type: 'present', who: user } })],
  ];
  const admit = (user: string) => ({ user, may: mayOf(user), limits: { messagesPerSecond: 1e9, bytesPerSecond: 1e12, spawned: 20, ports: 50, monitors: 50, nodes: 5, families: 10, keys: 50 } });

  /** What a node logs as an error nobody has foreseen. */
  const logOf = (node: string): Logger => ({
    ...silentLog,
    error(_, line) {
      // who connects with a guest anew, while its last words are on their way, is taken for another node: its gate tries again
      if (node === 'ada' && line.includes('another live node has the node id "guest:')) return;
      violated('G12', `an error at ${node}: ${line}`);
    },
  });
  const worker = await network.node('worker', { log: logOf('worker') });
  const gate = await network.node('gate', { log: logOf('gate'), seeds: ['worker'], guests: { admit }, limits: { handshakeRate: 1_000_000, handshakeBurst: 1_000_000, userMessageRate: 1_000_000_000, userOctetRate: 1_000_000_000_000 } });
  await network.until(() => gate.nodeIsUp('worker') === true, 5_000);
  gate.guests$.subscribe((all) => { known = all; });

  /** Nobody may kill it. */
  const guarded = (node: MpNode, port: Port): string => {
    node.mon(port, (...reason) => { if (!isOver) violated('G2', `${port.id} was killed: ${reason.join(' ')}`); });
    return port.id;
  };
  const secret = (node: MpNode): string => guarded(node, node.port((...message: unknown[]) => { violated('G2', `${node.id} got ${JSON.stringify(message).slice(0, 300)} at a secret port`); }));
  /** Answers whomever it is told of: what a guest may name it could be made to send to. */
  const lobby = (node: MpNode): string => {
    const answer = (value: unknown): void => {
      if (typeof value === 'string' && value.includes('#')) node.snd(value, 'answer');
      else if (typeof value === 'object' && value !== null) for (const [key, inner] of Object.entries(value)) {
        answer(key);
        answer(inner);
      }
    };
    return guarded(node, node.port((...message: unknown[]) => { answer(message); }));
  };

  for (const node of [worker, gate]) {
    open.push(lobby(node));
    secrets.push(secret(node), secret(node));
    node.register('cart', (port) => {
      // called by its name, in no port of its own
      if (port.id === node.id) return;
      living.add(port.id);
      node.mon(port, () => { living.delete(port.id); });
    });
    for (const name of ['till', 'main::till', 'constructor']) node.register(name, () => { violated('G2', `${node.id} was made to run ${name}`); });
    node.dbSet('secrets', `key of ${node.id}`, SECRET);
  }
  worker.dbReg('rooms', lobby(worker));
  for (const family of ['secrets', 'presence', 'rooms', 'drafts', 'others']) worker.dbMon(family).subscribe(({ family: content }) => { families.set(family, content); });
  const vault = worker.federate<{ readonly type: string; readonly what: string }>('vault');
  vault.assert({ type: 'secret', what: SECRET });

  const ada = await network.node('ada', { log: logOf('ada'), seeds: ['gate'], credentials: 'ada' });
  await network.until(() => ada.nodeIsUp('gate') === true && known.length === 1, 5_000);
  secrets.push(secret(ada));
  ada.dbSet('presence', 'ada', 'here');
  const own = ada.port(() => { answers++; });
  for (const node of ['gate', 'worker']) secrets.push(ada.spawn(node, 'cart'));
  await network.run(1_000);
  for (const id of secrets.slice(-2)) ada.mon(id, (...reason) => { if (!isOver) violated('G3', `${id}, which another guest has spawned, was killed: ${reason.join(' ')}`); });
  const its = new Set(living);
  const before = new Map(families);

  const look = (): void => {
    for (const family of ['secrets', 'rooms', 'others']) if (text(families.get(family)) !== text(before.get(family))) violated('G2', `the family ${family} was changed to ${text(families.get(family))}`);
    for (const [key, value] of families.get('presence') ?? []) if (key === 'ada' ? value !== 'here' : !key.startsWith('evil')) violated('G2', `presence has ${key}: ${JSON.stringify(value)}`);
    if (families.get('presence')?.has('ada') !== true) violated('G2', 'ada is not present any more');
    for (const key of families.get('drafts')?.keys() ?? []) if (!key.startsWith('evil')) violated('G2', `drafts has ${key}`);
    if (gate.nodeIsUp('worker') !== true) violated('G12', 'the gate has lost the worker');
    if (known.every(({ user }) => user !== 'ada')) violated('G12', 'the innocent guest was sent away');
  };

  return {
    ...{ network, gate, worker, ada, secrets, open, broken, look },
    handles: () => known,
    get living() {
      return new Set([...living].filter((id) => !its.has(id)));
    },
    ask() {
      asked = answers;
      try {
        ada.dbSet('presence', 'ada', 'here');
      } catch (error) {
        violated('G12', `the innocent guest may not do what it may: ${error instanceof Error ? error.message : String(error)}`);
      }
      ada.snd(open[0] ?? '', 'hello', own.id);
    },
    answered: () => answers > asked,
    async [Symbol.asyncDispose]() {
      isOver = true;
      await network.close();
    },
  };
}

const text = (entries: Entries | undefined): string => JSON.stringify([...(entries ?? [])].sort());
