import type { Command } from 'commander';
import { firstValueFrom } from 'rxjs';
import { readMessage, takingMessage, type MessageFlags } from './message.js';
import { jsonOf, printLine } from './print.js';
import { visit } from './visit.js';

/** `rxmp cal`: calls a port and prints the answer. */
export function addCal(program: Command): void {
  takingMessage(
    program
      .command('cal')
      .summary('call a port and print its answer')
      .description(
        'Sends a message with a reply port at its end and prints the answer as one line of JSON, an array. Arguments that ' +
          'start with [, { or " are JSON, others are texts.',
      ),
  ).action(cal);
}

function cal(port: string, message: readonly string[], flags: MessageFlags): Promise<void> {
  const elements = readMessage(message, flags);
  return visit(port, flags, async (node, timeout) => {
    const answer = await firstValueFrom(node.cal(port, ...elements, { timeout }));
    await printLine(jsonOf(answer));
  });
}
