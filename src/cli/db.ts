import type { Command } from 'commander';
import { addDel } from './db-del.js';
import { addMonFamily } from './db-mon.js';
import { addReads } from './db-read.js';
import { addSet } from './db-set.js';
import { exitCodesHelp } from './exit.js';

const HELP = `
A family is named by letters, digits, _ and :, and begins with a letter. The network's own may be read: 'g (its global
nodes), 'l and 'w (where nodes listen).
${exitCodesHelp}`;

/** `rxmp db`: the database of the network. */
export function addDb(program: Command): void {
  const db = program
    .command('db')
    .summary('read, watch and change the database')
    .description('The database of the network: families of keys with values. What a node has set goes when the node goes.')
    .addHelpText('after', HELP);
  for (const add of [addReads, addMonFamily, addSet, addDel]) add(db);
}
