import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Contender, Running } from './measure.js';
import { missingProgram } from './peers.js';

const SOURCE = fileURLToPath(new URL('../../../bench/erlang/bench.erl', import.meta.url));

export interface ErlangOptions {
  /** Calls at a time. */
  readonly outstanding?: number;
  /** The CPUs of the node that answers, and of the one that asks. */
  readonly cpus?: readonly [number, number];
  readonly operations?: number;
  readonly absent?: string | undefined;
}

/** What bench.erl can measure; all but the first two need a second node. */
type What = 'local' | 'memory' | 'oneway' | 'call';

/** Erlang, if there is one: one node, or two that are connected. */
export function erlang(name: string, what: What, { outstanding = 0, cpus, operations, absent }: ErlangOptions = {}): Contender {
  const missing = absent ?? missingProgram('erl') ?? missingProgram('erlc') ?? missingProgram('epmd');
  const withPeer = what === 'oneway' || what === 'call';
  return { id: 'erlang', name, absent: missing, operations, open: () => open(what, withPeer, outstanding, cpus) };
}

async function open(what: What, withPeer: boolean, outstanding: number, cpus?: readonly [number, number]): Promise<Running> {
  const folder = await mkdtemp(join(tmpdir(), 'rxmp-bench-'));
  const children: ChildProcess[] = [];
  // a name server of our own: the machine's one would outlive us
  const port = String(await freePort());
  const env = { ...process.env, ERL_EPMD_PORT: port, ERL_EPMD_ADDRESS: '127.0.0.1' };

  const run = (program: string, args: readonly string[], cpu?: number): ChildProcess => {
    const [file, ...rest] = cpu === undefined ? [program, ...args] : ['taskset', '-c', String(cpu), program, ...args];
    const child = spawn(file ?? '', rest, { stdio: ['pipe', 'pipe', 'inherit'], env });
    children.push(child);
    return child;
  };
  const node = (id: string, peer: string, cpu?: number): Lines => {
    const net = ['-name', `${id}@127.0.0.1`, '-setcookie', 'rxmp-bench', '-start_epmd', 'false', '-kernel', 'inet_dist_use_interface', '{127,0,0,1}'];
    const cores = cpu === undefined ? [] : ['+S', '1:1'];
    return linesOf(run('erl', ['-noshell', '+P', '5000000', ...cores, ...net, '-pa', folder, '-s', 'bench', 'main', peer], cpu));
  };
  const close = async (): Promise<void> => {
    for (const child of children.toReversed()) {
      const gone = once(child, 'exit');
      child.stdin?.end();
      if (child.exitCode === null) await gone;
    }
    await rm(folder, { recursive: true });
  };

  try {
    await promisify(execFile)('erlc', ['-o', folder, SOURCE]);
    // ends with its input, also when nobody is left to end it
    run('sh', ['-c', `epmd -port ${port} >/dev/null 2>&1 & cat; kill $!; wait`]);
    await listening(Number(port));
    if (withPeer) await node('peer', 'none', cpus?.[0]).next();
    const asking = node('asking', withPeer ? 'peer@127.0.0.1' : 'none', cpus?.[1]);
    await asking.next();
    if (withPeer) await asking.ask('ping 0 0');
    return { run: async (count) => Number(await asking.ask(`${what} ${count} ${outstanding}`)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Lines {
  next(): Promise<string>;
  ask(line: string): Promise<string>;
}

function linesOf(child: ChildProcess): Lines {
  if (child.stdin === null || child.stdout === null) throw new Error('the process has no streams');
  const { stdin } = child;
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error('the Erlang node ended');
    return value;
  };
  return {
    next,
    async ask(line) {
      stdin.write(`${line}\n`);
      return await next();
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

/** Waits until somebody listens there, at most five seconds. */
async function listening(port: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const socket = connect(port, '127.0.0.1');
    const isThere = await once(socket, 'connect').then(() => true, () => false);
    socket.destroy();
    if (isThere) return;
    await setTimeout(50);
  }
  throw new Error(`nobody listens on port ${port}`);
}
