import { firstValueFrom } from 'rxjs';
import { describeReason } from '../kernel/core/message.js';
import { CallTimeout, PortDied } from '../kernel/errors.js';
import type { MpNode } from '../mp-node.js';
import { isNodeId } from '../wire/node-id.js';
import { nodeOf } from '../wire/portid.js';
import { exitCode, Failure, usageError } from './exit.js';
import { join, type JoinFlags } from './join.js';

/** Checks that something can be the id of a port: a mistyped one would only end in a time-out. */
function checkPort(port: string): void {
  if (!isNodeId(nodeOf(port)) || port.endsWith('#')) throw usageError(`"${port}" is no port id: expected node#name, or a node id for its node port`);
}

/**
 * Joins the network to do `what` with a port. What went wrong on the way becomes a {@link Failure} that says which port
 * could not be reached, and why, as far as is known.
 */
export async function visit(
  port: string,
  flags: JoinFlags,
  what: (node: MpNode, timeout: number) => Promise<void>,
): Promise<void> {
  checkPort(port);
  await join(flags, async ({ node, timeout, problem }) => {
    try {
      await what(node, timeout);
    } catch (error) {
      throw explain(error, port, node.upNodes().length > 0, problem());
    }
  });
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
