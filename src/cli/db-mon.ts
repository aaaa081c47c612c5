import type { Command } from 'commander';
import { concatMap, from, lastValueFrom, take, takeUntil } from 'rxjs';
import type { FamilyChange } from '../database/family-change.js';
import { join, joining, type JoinFlags } from './join.js';
import { jsonOf, objectOf, printLine } from './print.js';
import { stopWanted } from './stop.js';
import { readCount } from './words.js';

interface MonFlags extends JoinFlags {
  readonly count?: string;
}

const HELP = `
Each line is an object: {"add":{"key":value,...},"chg":{"key":value,...},"del":["key",...]}
While no master is connected what was last known stays: a line that has "current":false says so, the next one without it
has what is different since.

It ends with SIGINT or SIGTERM, when --count lines are out, and at the first line that nobody reads: behind "| head -1"
that is the next change, --count 1 ends at once.`;

/** `rxmp db mon`: watches a family. */
export function addMonFamily(db: Command): void {
  joining(
    db
      .command('mon')
      .summary('print every change of a family')
      .description(
        'Watches a family. The first line has all that is in it now as "add", then comes a line for each change. The ' +
          'time-out is for the first line; a lost connection is made again, and shows as the difference between before and after.',
      )
      .argument('<family>')
      .option('--count <n>', 'end after so many lines')
      .addHelpText('after', HELP),
  ).action(monFamily);
}

function monFamily(family: string, flags: MonFlags): Promise<void> {
  const count = flags.count === undefined ? Infinity : readCount('--count', flags.count);
  const stop = from(stopWanted({ untilStdinCloses: false }));
  return join(flags, async ({ node, inTime }) => {
    const lines = node.dbMon(family).pipe(
      inTime('the database gave no answer'),
      take(count),
      concatMap((change) => printLine(jsonOf(described(change)))),
      takeUntil(stop),
    );
    await lastValueFrom(lines, { defaultValue: undefined });
  });
}

function described({ family, add, chg, del, current }: FamilyChange): object {
  const valued = (keys: readonly string[]) => objectOf(keys.map((key) => [key, family.get(key)] as const));
  return { add: valued(add), chg: valued(chg), del, ...(current ? {} : { current }) };
}
