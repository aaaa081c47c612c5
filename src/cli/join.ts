import type { Command } from 'commander';
import { distinctUntilChanged, EMPTY, map, switchMap, throwError, timeout, timer, type MonoTypeOperatorFunction } from 'rxjs';
import type { MpNode } from '../mp-node.js';
import type { Trouble } from '../network/trouble.js';
import { optionsOf, type Configured } from '../config/core/options.js';
import { settingsOf } from '../config/profile.js';
import { createNode } from '../node.js';
import type { NodeOptions } from '../options.js';
import { exitCode, exitCodesHelp, Failure, oneLine, usageError } from './exit.js';
import { stderrLog } from './log.js';
import { readTlsFiles, takingCertificates, type TlsFiles } from './tls-files.js';
import { countUnsent } from './unsent.js';
import { methodsOf, readList, readMethods, readTime } from './words.js';

export interface JoinFlags extends TlsFiles {
  readonly seeds?: string;
  readonly secret?: string;
  readonly methods?: string;
  readonly timeout: string;
  readonly log?: string;
}

/** So long a command waits for a connection without a word, ms. */
const PATIENCE = 2_000;

/** Takes part in the network for one command. */
export interface Guest {
  readonly node: MpNode;
  /** The longest wait, ms. */
  readonly timeout: number;
  /** What was last wrong with a seed. */
  problem(): string | undefined;
  /**
   * Gives a stream's first value the time of `timeout`, then fails: because the network was not reached, and why, or
   * with `late`, if it was.
   */
  inTime<T>(late: string): MonoTypeOperatorFunction<T>;
}

/** Gives a command the options of a node that joins the network for one command, and the help that belongs to them. */
export function joining(command: Command): Command {
  return takingCertificates(command)
    .option('--seeds <addresses>', 'where to enter the network, a comma list of addresses and host names; default: $RXMP_SEEDS, or the configuration file')
    .option('--secret <text>', 'the shared secret; better in the environment, as RXMP_SECRET')
    .option('--methods <names>', 'how nodes may prove themselves, a comma list: rxmp_sha3_512,tls_sha3_512; default: $RXMP_METHODS, or all')
    .option('--timeout <time>', 'longest wait, in seconds or with a unit: 0.5, 500ms, 5s, 2m', '5')
    .option('--log <level>', 'log to standard error: trace, debug, info, warn, error, fatal (default: $RXMP_LOG or silent)')
    .addHelpText('after', `\nA command that waits longer than 2 s for a connection says why on standard error.\nWords after "--" are never options.\n${exitCodesHelp}`);
}

/**
 * The options of a node that joins the network: what was given wins over the environment, and that over the configuration file, of which such
 * a node takes only what it needs to get in.
 */
export function readJoinFlags(flags: Partial<JoinFlags>, environment: NodeJS.ProcessEnv, { seeds: known = [], secret, methods, cert }: Configured = {}): NodeOptions {
  const seeds = readList(flags.seeds ?? environment['RXMP_SEEDS'] ?? '');
  if (seeds.length === 0 && known.length === 0) throw usageError('where is the network? Give --seeds <address>,... or set RXMP_SEEDS, or configure it: rxmp setseeds <address>,...');
  const { tls } = readTlsFiles(flags, environment);
  return {
    norc: true,
    seeds: seeds.length > 0 ? seeds : known,
    secret: flags.secret ?? environment['RXMP_SECRET'] ?? secret,
    methods: flags.methods === undefined ? (methodsOf(environment) ?? methods) : readMethods(flags.methods, '--methods'),
    ...(tls === undefined ? { cert } : { tls }),
  };
}

/** What the configuration has for the named network, or for this host. */
async function configured(environment: NodeJS.ProcessEnv): Promise<Configured | undefined> {
  const { RXMP_CONTEXT } = environment;
  const settings = await settingsOf({ profile: RXMP_CONTEXT }, environment);
  return settings === undefined ? undefined : optionsOf(settings, () => undefined);
}

/** Joins the network with a node of its own, does `what` with it and leaves again. */
export async function join(flags: JoinFlags, what: (guest: Guest) => Promise<void>): Promise<void> {
  const longest = readTime(flags.timeout);
  const options = readJoinFlags(flags, process.env, await configured(process.env));
  const unsent = countUnsent(stderrLog(flags.log, 'silent'));
  const node = await createNode({ ...options, log: unsent.log });
  const problem = problemsOf(node);
  tellWaiting(node, problem);
  const inTime = <T>(late: string): MonoTypeOperatorFunction<T> =>
    timeout({
      first: longest,
      scheduler: node.clock,
      with: () => throwError(() => new Failure(exitCode.timeout, node.upNodes().length > 0 ? `${late} within ${longest} ms` : away())),
    });
  const away = (): string => `the network was not reached within ${longest} ms: ${problem() ?? 'no seed has answered'}`;
  try {
    await what({ node, timeout: longest, problem, inTime });
  } catch (error) {
    // not waited for: nothing has to arrive any more, and a frozen peer would only delay the news
    void node.close();
    throw error;
  }
  await node.close();
  const lost = unsent.text();
  if (lost !== undefined) throw new Failure(exitCode.failed, lost);
}

/** What was last wrong with a seed (V12). */
function problemsOf(node: MpNode): () => string | undefined {
  let last: Trouble | undefined;
  node.status$.subscribe((now) => {
    if (now.status === 'connecting' && now.why !== undefined) last = now.why;
  });
  return () => (last === undefined ? undefined : `seed ${last.seed} is not connected: ${last.text}`);
}

/** Says once, of each time without a connection that is not over soon, why the command waits. */
function tellWaiting(node: MpNode, problem: () => string | undefined): void {
  node.status$
    .pipe(
      map(({ status }) => status === 'connecting'),
      distinctUntilChanged(),
      switchMap((isWaiting) => (isWaiting ? timer(PATIENCE, node.clock) : EMPTY)),
    )
    .subscribe(() => { process.stderr.write(oneLine(`waiting for a connection: ${problem() ?? 'no seed has answered yet'}`)); });
}
