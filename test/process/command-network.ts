import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { createNode, type MpNode } from 'rxmp';
import { silentLog } from 'rxmp/testing';
import { afterAll } from 'vitest';
import { dist, rxmp, startChild, startNode, type Child, type Ended, type NodeChild } from './children.js';

export const SECRET = 'only for this test';
const MAIN = dist('bundle/cli.js');

/** What a pipeline of a shell has written. */
export interface Piped {
  readonly stdout: string;
  readonly stderr: string;
}

/** A network of two global nodes in processes of their own, and private nodes of this process. */
export interface CommandNetwork {
  readonly hub: NodeChild;
  readonly other: NodeChild;
  /** A private node, which is no `rxmp db set`; its id is greater than those of the commands. */
  readonly member: MpNode;
  /** A private node whose master is the other node. */
  readonly guest: MpNode;
  /** Runs a command to its end, by the hub. */
  visit(...args: readonly string[]): Promise<Ended>;
  /** Starts a command that stays, by the hub. */
  start(...args: readonly string[]): Child;
  /** `rxmp <words> | <reader>` in a shell, by the hub; the exit code of rxmp stands on standard error. */
  pipeline(words: string, reader: string): { stdout(): string; readonly ended: Promise<Piped> };
}

/** The environment of a command that enters the network by a node. */
export const envOf = (seed: NodeChild) => ({ RXMP_SECRET: SECRET, RXMP_SEEDS: seed.addresses[0]! });

/** How a command has ended that had nothing to complain about. */
export const done = (stdout: string, stderr = ''): Ended => ({ code: 0, signal: null, stdout, stderr });

/** Asks until the answer is true; a test's own time ends it otherwise. */
export async function becomes(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await wait(20);
}

/** Starts `rxmp run` with a node that listens. */
export function startListener(nodeid: string, binds: string, ...seeds: readonly NodeChild[]): Promise<NodeChild> {
  const words = ['nodeid', nodeid, 'binds', binds, 'seeds', seeds.map(({ addresses }) => addresses[0]).join()];
  return startNode(words, { env: { RXMP_SECRET: SECRET } });
}

/** Starts the network; it ends after the tests of the file. */
export async function startCommandNetwork(): Promise<CommandNetwork> {
  const hub = await startListener('hub', '127.0.0.1:0,ws://127.0.0.1:0');
  const other = await startListener('other', '127.0.0.1:0', hub);
  const member = await createNode({ nodeid: 'zzzzzz', seeds: [hub.addresses[0]!], secret: SECRET, log: silentLog });
  const guest = await createNode({ seeds: [other.addresses[0]!], secret: SECRET, log: silentLog });
  afterAll(() => Promise.all([member.close(), guest.close()]));
  const env = envOf(hub);
  return {
    ...{ hub, other, member, guest },
    visit: (...args) => rxmp(args, { env }),
    start: (...args) => startChild([MAIN, ...args], { env }),
    pipeline: (words, reader) => pipeline(`{ "$NODE" "$MAIN" ${words}; echo "code $?" >&2; } | ${reader}`, env),
  };
}

const LONGEST = 10_000;

function pipeline(command: string, env: Readonly<Record<string, string>>): ReturnType<CommandNetwork['pipeline']> {
  const shell = spawn('sh', ['-c', command], {
    env: { PATH: process.env['PATH'], NODE: process.execPath, MAIN, RXMP_RC: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // a group of its own, so that nothing of it outlives the test
    detached: true,
  });
  let stdout = '';
  let stderr = '';
  shell.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  shell.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const late = setTimeout(() => process.kill(-shell.pid!, 'SIGKILL'), LONGEST);
  const ended = once(shell, 'close').then(() => {
    clearTimeout(late);
    return { stdout, stderr };
  });
  return { stdout: () => stdout, ended };
}
