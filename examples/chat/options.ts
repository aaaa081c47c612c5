import { Command } from 'commander';

/** The options that server and client have in common. */
export function command(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option('--secret <text>', 'the shared secret; better in the environment, as RXMP_SECRET');
}

/** Adds an option for addresses: a comma list, or given several times. */
export function addresses(to: Command, flags: string, description: string, needed: boolean): void {
  const add = (text: string, before: readonly string[] = []): readonly string[] => [...before, ...text.split(',')];
  to.addOption(to.createOption(flags, description).argParser(add).makeOptionMandatory(needed));
}

/** The secret that lets a program into the network; ends the process if there is none. */
export function secretOf(program: Command): string {
  const { secret = process.env['RXMP_SECRET'] } = program.opts<{ secret?: string }>();
  if (secret) return secret;
  return program.error('error: a secret is needed, the same for all: set RXMP_SECRET, or give --secret <text>');
}

/** Runs a program to its end; what goes wrong is one line and exit code 1. */
export async function run(program: Command, main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    program.error(`error: ${error instanceof Error ? error.message : String(error)}`);
  }
}
