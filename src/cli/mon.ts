import type { Command } from 'commander';
import { firstValueFrom } from 'rxjs';
import type { Reason } from '../kernel/core/message.js';
import { exitCode, Failure } from './exit.js';
import { joining, type JoinFlags } from './join.js';
import { jsonOf, printLine } from './print.js';
import { roundTrip, visit } from './visit.js';

/** `rxmp mon`: waits until a port dies. */
export function addMon(program: Command): void {
  joining(
    program
      .command('mon')
      .summary('wait until a port dies and print why')
      .description(
        'Monitors a port and prints the reason of its death as one line of JSON, an array that is empty for a normal kill. ' +
          'The time-out is for reaching the node; then it waits as long as the port lives.',
      )
      .argument('<port>', 'port id, node#name; a node id alone is its node port'),
  ).action(mon);
}

function mon(port: string, flags: JoinFlags): Promise<void> {
  return visit(port, flags, async (node, timeout) => {
    // both at once: a port that dies while the node answers is not missed
    const death = firstValueFrom(node.mon(port));
    // if the node can't be reached, that is the error to show, and not that nothing came
    death.catch(() => undefined);
    await roundTrip(node, port, timeout);
    const reason: Reason = await death;
    if (reason[0] === 'no_such_port') throw new Failure(exitCode.failed, `there is no port ${port}`);
    await printLine(jsonOf(reason));
  });
}
