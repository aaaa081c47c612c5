import type { Command } from 'commander';
import { roundTrip, visit, visiting, type VisitFlags } from './visit.js';
import { readElement } from './words.js';

/** `rxmp snd`: sends one message. */
export function addSnd(program: Command): void {
  visiting(
    program
      .command('snd')
      .summary('send a message to a port')
      .description(
        'Sends a message. Arguments that start with [, { or " are JSON, others are texts. A message has no acknowledgement: ' +
          'exit code 0 says that its node has got it, not that the port is there.',
      )
      .argument('<port>', 'port id, node#name; a node id alone is its node port')
      .argument('<message...>', 'a tag and its arguments')
      .option('--json', 'every argument is JSON: so numbers, true, false and null can be sent'),
  ).action(snd);
}

function snd(port: string, message: readonly string[], flags: VisitFlags & { readonly json?: boolean }): Promise<void> {
  const elements = message.map((text) => readElement(text, flags.json));
  return visit(port, flags, async (node, timeout) => {
    node.snd(port, ...(elements as [unknown, ...unknown[]]));
    await roundTrip(node, port, timeout);
  });
}
