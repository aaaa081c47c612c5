import type { Command } from 'commander';
import { joining, type JoinFlags } from './join.js';
import { readElement } from './words.js';

export interface MessageFlags extends JoinFlags {
  readonly json?: boolean;
}

/** Gives a command a port and a message for it. */
export function takingMessage(command: Command): Command {
  return joining(
    command
      .argument('<port>', 'port id, node#name; a node id alone is its node port')
      .argument('<message...>', 'a tag and its arguments')
      .option('--json', 'every argument is JSON: so numbers, true, false and null can be sent'),
  );
}

/** The message that was given; usage errors for what is no JSON and should be. */
export function readMessage([tag, ...args]: readonly string[], { json }: MessageFlags): readonly [unknown, ...unknown[]] {
  return [readElement(tag ?? '', json), ...args.map((text) => readElement(text, json))];
}
