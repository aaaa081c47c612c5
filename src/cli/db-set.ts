import { isDeepStrictEqual } from 'node:util';
import type { Command } from 'commander';
import { firstValueFrom, from, map, merge, NEVER, switchMap, takeUntil, tap, timer } from 'rxjs';
import { holds, releaseWanted } from './holders.js';
import { join, joining, type JoinFlags } from './join.js';
import { stopWanted } from './stop.js';
import { readElement, readTime } from './words.js';

interface SetFlags extends JoinFlags {
  readonly json?: boolean;
  readonly for?: string;
}

const HELP = `
Says "rxmp: holds ..." on standard error once the network has the key.

Example:
  rxmp db set config greeting hello &
  rxmp db del config greeting`;

/** `rxmp db set`: holds a key. */
export function addSet(db: Command): void {
  joining(
    db
      .command('set')
      .summary('set a key for as long as this command runs')
      .description(
        'Sets a key, and stays: what a node has set goes when the node goes. Ends with SIGINT or SIGTERM, after --for, or ' +
          'when "rxmp db del" deletes the key, all with exit code 0. A value that starts with [, { or " is JSON, others are ' +
          'texts; without one it is null. The time-out is for reaching the network.',
      )
      .argument('<family>')
      .argument('<key>')
      .argument('[value]')
      .option('--json', 'the value is JSON: so numbers, true and false can be set')
      .option('--for <time>', 'end after this time: 0.5, 500ms, 5s, 2m')
      .addHelpText('after', HELP),
  ).action(set);
}

function set(family: string, key: string, text: string | undefined, flags: SetFlags): Promise<void> {
  const value = text === undefined ? null : readElement(text, flags.json);
  const lifetime = flags.for === undefined ? undefined : readTime(flags.for, '--for');
  const stop = from(stopWanted({ untilStdinCloses: false }));
  return join(flags, async ({ node, inTime }) => {
    const held = node.dbSet(family, key, value);
    holds(node, family, key);
    // a query is answered after what was set before it, by the one whom everybody asks
    const known = node.dbFamily(family).pipe(inTime('the database gave no answer'));
    const over = known.pipe(
      tap((all) => process.stderr.write(`${holdingLine(family, key, isDeepStrictEqual(all.get(key), value))}\n`)),
      switchMap(() =>
        merge(releaseWanted(node).pipe(map(() => true)), lifetime === undefined ? NEVER : timer(lifetime, node.clock).pipe(map(() => false))),
      ),
      takeUntil(stop),
    );
    if (!(await firstValueFrom(over, { defaultValue: false }))) return;
    // the key first, and then, by closing, the note that it is held: who waits for that finds the key gone
    held.unsubscribe();
    await firstValueFrom(node.dbKeys(family).pipe(inTime('the database gave no answer')));
  });
}

function holdingLine(family: string, key: string, shows: boolean): string {
  const other = shows ? '' : '; another node has set it too, and its value shows';
  return `rxmp: holds ${JSON.stringify(key)} of ${family}${other}`;
}
