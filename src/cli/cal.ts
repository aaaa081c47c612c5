import type { Command } from 'commander';
import { firstValueFrom } from 'rxjs';
import { visit, visiting, type VisitFlags } from './visit.js';
import { readElement } from './words.js';

/** `rxmp cal`: calls a port and prints the answer. */
export function addCal(program: Command): void {
  visiting(
    program
      .command('cal')
      .summary('call a port and print its answer')
      .description(
        'Sends a message with a reply port at its end and prints the answer as one line of JSON, an array. Arguments that ' +
          'start with [, { or " are JSON, others are texts.',
      )
      .argument('<port>', 'port id, node#name; a node id alone is its node port')
      .argument('<message...>', 'a tag and its arguments')
      .option('--json', 'every argument is JSON: so numbers, true, false and null can be sent'),
  ).action(cal);
}

function cal(port: string, message: readonly string[], flags: VisitFlags & { readonly json?: boolean }): Promise<void> {
  const elements = message.map((text) => readElement(text, flags.json));
  return visit(port, flags, async (node, timeout) => {
    const answer = await firstValueFrom(node.cal(port, ...(elements as [unknown, ...unknown[]]), { timeout }));
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  });
}
