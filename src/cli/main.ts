#!/usr/bin/env node
import { CommanderError } from 'commander';
import { wordsOf } from './arguments.js';
import { exitCode, report } from './exit.js';
import { OutputClosed } from './print.js';
import { createProgram } from './program.js';

/** Ends with one line, never a stack, also when the code of a service fails where nobody waits for it. */
function die(error: unknown): void {
  process.exit(report(error));
}

process.on('uncaughtException', die);
process.on('unhandledRejection', die);

try {
  await createProgram().parseAsync(wordsOf(process.argv.slice(2)), { from: 'user' });
} catch (error) {
  // commander has written its own line already
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? exitCode.ok : exitCode.usage;
  else if (!(error instanceof OutputClosed)) die(error);
}
