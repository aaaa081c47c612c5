import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import { printLine } from './print.js';

/** 256 bits: nobody guesses that. */
const OCTETS = 32;

/** A random secret, as people copy it. */
export const makeSecret = (): string => randomBytes(OCTETS).toString('base64url');

/** `rxmp gensecret`: a shared secret for a network. */
export function addGensecret(program: Command): void {
  program
    .command('gensecret')
    .summary('print a random secret for a network')
    .description('Prints a random secret of 256 bits. Every node of the network needs the same one, as RXMP_SECRET for instance.')
    .action(() => printLine(makeSecret()));
}
