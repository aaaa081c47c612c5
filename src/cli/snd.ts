import type { Command } from 'commander';
import { readMessage, takingMessage, type MessageFlags } from './message.js';
import { roundTrip, visit } from './visit.js';

/** `rxmp snd`: sends one message. */
export function addSnd(program: Command): void {
  takingMessage(
    program
      .command('snd')
      .summary('send a message to a port')
      .description(
        'Sends a message. Arguments that start with [, { or " are JSON, others are texts. A message has no acknowledgement: ' +
          'exit code 0 says that its node has got it, not that the port is there.',
      ),
  ).action(snd);
}

function snd(port: string, message: readonly string[], flags: MessageFlags): Promise<void> {
  const elements = readMessage(message, flags);
  return visit(port, flags, async (node, timeout) => {
    node.snd(port, ...elements);
    await roundTrip(node, port, timeout);
  });
}
