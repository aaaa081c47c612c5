import { type Command } from 'commander';
import { firstValueFrom } from 'rxjs';
import type { Logger } from '../env/log.js';
import { describeReason } from '../kernel/core/message.js';
import { CallTimeout, PortDied } from '../kernel/errors.js';
import type { MpNode } from '../mp-node.js';
import { createNode } from '../node.js';
import { exitCode, exitCodesHelp, Failure, usageError } from './exit.js';
import { stderrLog } from './log.js';
import { readList, readTime } from './words.js';

export interface VisitFlags {
  readonly seeds?: string;
  readonly secret?: string;
  readonly timeout: string;
  readonly log?: string;
}

/** Gives a command the options of a node that joins the network for one command, and the help that belongs to them. */
export function visiting(command: Command): Command {
  return command
    .option('--seeds <addresses>', 'where to enter the network, a comma list; default: $RXMP_SEEDS')
    .option('--secret <text>', 'the shared secret; better in the environment, as RXMP_SECRET')
    .option('--timeout <time>', 'longest wait, in seconds or with a unit: 0.5, 500ms, 5s, 2m', '5')
    .option('--log <level>', 'log to standard error: trace, debug, info, warn, error, fatal (default: $RXMP_LOG or silent)')
    .addHelpText('after', `\nWords after "--" are never options.\n${exitCodesHelp}`);
}

/** Checks that something can be the id of a port: a mistyped one would only end in a time-out. */
function checkPort(port: string): void {
  if (!/^[^#]+(#.+)?$/.test(port)) throw usageError(`"${port}" is no port id: expected node#name, or a node id for its node port`);
}

/**
 * Joins the network with a node of its own, does `what` with it and leaves again. What went wrong on the way becomes a
 * {@link Failure} that says which port could not be reached, and why, as far as is known.
 */
export async function visit(
  port: string,
  flags: VisitFlags,
  what: (node: MpNode, timeout: number) => Promise<void>,
): Promise<void> {
  checkPort(port);
  const timeout = readTime(flags.timeout);
  const seeds = readList(flags.seeds ?? process.env['RXMP_SEEDS'] ?? '');
  if (seeds.length === 0) throw usageError('where is the network? Give --seeds <address>,... or set RXMP_SEEDS');
  const { log, lastProblem } = rememberProblems(stderrLog(flags.log, 'silent'));
  const node = await createNode({ seeds, secret: flags.secret ?? process.env['RXMP_SECRET'], log });
  try {
    await what(node, timeout);
  } catch (error) {
    throw explain(error, port, node.upNodes().length > 0, lastProblem());
  } finally {
    await node.close();
  }
}

/** Resolves when the node of a port has answered: it is connected, and has got everything that was sent to it before. */
export async function roundTrip(node: MpNode, port: string, timeout: number): Promise<void> {
  await firstValueFrom(node.cal(node.nodeOf(port), 'time', { timeout }));
}

function explain(error: unknown, port: string, connected: boolean, problem: string | undefined): unknown {
  if (error instanceof CallTimeout) {
    if (connected) return new Failure(exitCode.timeout, error.message);
    return new Failure(exitCode.failed, `${port} is unreachable: ${problem ?? error.message}`);
  }
  if (error instanceof PortDied) return new Failure(exitCode.failed, `${port}: ${describeReason(error.reason)}`);
  return error;
}

/** Passes a log on and remembers what was last said of a seed that can't be reached. */
function rememberProblems(log: Logger): { readonly log: Logger; lastProblem(): string | undefined } {
  let last: string | undefined;
  const heard = (level: keyof Logger) => (details: object, text: string): void => {
    if ('seed' in details) last = text;
    log[level](details, text);
  };
  return {
    log: { debug: heard('debug'), info: heard('info'), warn: heard('warn'), error: heard('error') },
    lastProblem: () => last,
  };
}
