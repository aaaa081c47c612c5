import { Command } from 'commander';
import { VERSION } from '../version.js';
import { addCal } from './cal.js';
import { addConfig } from './config/config.js';
import { addCp } from './cp.js';
import { addDb } from './db.js';
import { exitCodesHelp, oneLine } from './exit.js';
import { addGencert } from './gencert.js';
import { addGensecret } from './gensecret.js';
import { addGuests } from './guests.js';
import { addMon } from './mon.js';
import { addNodes } from './nodes.js';
import { addRun } from './run.js';
import { addSnd } from './snd.js';
import { addTrace } from './trace.js';

/** The `rxmp` command with all of its subcommands. Throws a `CommanderError` where commander would end the process. */
export function createProgram(): Command {
  const program = new Command('rxmp')
    .description('Runs and talks to nodes of an AnyEvent::MP network.')
    .version(VERSION)
    .configureOutput({
      outputError: (text, write) => {
        write(oneLine(text.replace(/^error: /, '')));
      },
    })
    .option('--context <profile>', 'the network to join: a profile of the configuration file; default: $RXMP_CONTEXT, or the host name')
    .hook('preAction', (command) => {
      const { context } = command.opts<{ readonly context?: string }>();
      if (context !== undefined) process.env['RXMP_CONTEXT'] = context;
    })
    .exitOverride()
    .addHelpText('after', exitCodesHelp);
  for (const add of [addRun, addSnd, addCal, addMon, addDb, addNodes, addGuests, addTrace, addCp, addConfig, addGencert, addGensecret]) add(program);
  return program;
}
