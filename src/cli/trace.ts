import type { Command } from 'commander';
import { firstValueFrom, forkJoin } from 'rxjs';
import type { Connection } from '../connection.js';
import { LISTENERS, RELAYS, WEB_LISTENERS } from '../database/core/names.js';
import { viaAddress } from '../transport/address.js';
import { describeReason } from '../kernel/core/message.js';
import { CallTimeout, PortDied } from '../kernel/errors.js';
import type { MpNode } from '../mp-node.js';
import { checkNodeId } from '../wire/node-id.js';
import { exitCode, Failure } from './exit.js';
import { join, joining, type JoinFlags } from './join.js';
import { addressesOf } from './nodes.js';
import { printLine } from './print.js';
import { clockLine, tripsLine, type Trip } from './trips.js';
import { readCount } from './words.js';

interface TraceFlags extends JoinFlags {
  readonly count: string;
}

const HELP = `
Lines: "seed", which node of the network was reached; "addresses", where the database says that the node listens;
"connection", how it was reached; "trips", how long questions to it and their answers take; "clock", how far its time is
off. The first three have the time that they took. The step that fails is named on standard error, with the reason.`;

/** `rxmp trace`: how a node is reached, and how it does. */
export function addTrace(program: Command): void {
  joining(
    program
      .command('trace')
      .summary('show how a node is reached, and how fast it answers')
      .description('Reaches a node step by step and says how long each step took, in milliseconds.')
      .argument('<node>', 'node id')
      .option('--count <n>', 'how often to ask it', '5')
      .addHelpText('after', HELP),
  ).action(trace);
}

function trace(target: string, flags: TraceFlags): Promise<void> {
  checkNodeId(target);
  const count = readCount('--count', flags.count);
  let last = performance.now();
  /** Does a step and prints what came of it. */
  const step = async (name: string, what: () => Promise<string>): Promise<void> => {
    try {
      const text = await what();
      const ms = performance.now() - last;
      await printLine(`${name.padEnd(10)} ${ms.toFixed(1).padStart(8)} ms  ${text}`);
      last = performance.now();
    } catch (error) {
      throw failed(name, error);
    }
  };

  return join(flags, async ({ node, timeout, inTime }) => {
    await step('seed', async () => described(await firstValueFrom(node.connections$.pipe(inTime('no seed was connected')))));
    await step('addresses', async () => {
      const asked = forkJoin([RELAYS, LISTENERS, WEB_LISTENERS].map((family) => node.dbFamily(family)));
      const [relays, ...listeners] = await firstValueFrom(asked.pipe(inTime('the database gave no answer')));
      const addresses = [...listeners.flatMap((family) => addressesOf(family.get(target))), ...addressesOf(relays?.get(target)).map(viaAddress)];
      return addresses.join(', ') || 'none: it is not there, or global and listens nowhere';
    });
    await step('connection', async () => {
      await ask(node, target, timeout);
      const connection = connectionsOf(node).find((one) => one.node === target);
      return connection === undefined ? 'it answers, but has gone again' : described(connection);
    });
    const trips: Trip[] = [];
    await step('trips', async () => {
      while (trips.length < count) trips.push(await ask(node, target, timeout));
      return tripsLine(trips);
    });
    await printLine(`${'clock'.padEnd(22)}  ${clockLine(trips)}`);
  });
}

/** Asks a node for its time. */
async function ask(node: MpNode, target: string, timeout: number): Promise<Trip> {
  const sent = performance.now();
  const [seconds] = await firstValueFrom(node.cal(target, 'time', { timeout }));
  return { sent: performance.timeOrigin + sent, took: performance.now() - sent, time: Number(seconds) * 1_000 };
}

function connectionsOf(node: MpNode): readonly Connection[] {
  const open: Connection[] = [];
  node.connections$.subscribe((connection) => open.push(connection)).unsubscribe();
  return open;
}

function described({ node, remoteAddress, method, framing, provider }: Connection): string {
  const { sent, received } = framing;
  const framings = sent === received ? sent : `${sent} out, ${received} in`;
  return [`${node} at ${remoteAddress}`, provider ?? 'unknown software', method, framings].join(', ');
}

/** The failure of a step, by its name. */
function failed(step: string, error: unknown): unknown {
  if (error instanceof PortDied) return new Failure(exitCode.failed, `${step}: ${describeReason(error.reason)}`);
  if (error instanceof CallTimeout) return new Failure(exitCode.timeout, `${step}: ${error.message}`);
  if (error instanceof Failure) return new Failure(error.exitCode, `${step}: ${error.message}`);
  return error;
}
