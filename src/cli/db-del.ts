import type { Command } from 'commander';
import { firstValueFrom } from 'rxjs';
import { exitCode, Failure } from './exit.js';
import { holdersOf, release } from './holders.js';
import { join, joining, type JoinFlags } from './join.js';

/** `rxmp db del`: deletes keys that `rxmp db set` holds. */
export function addDel(db: Command): void {
  joining(
    db
      .command('del')
      .summary('delete keys that "rxmp db set" holds')
      .description(
        'Deletes keys that are held by "rxmp db set", wherever that runs; it ends then. A key of any other node can only be ' +
          'deleted by that node itself: then the exit code is 1. To delete a key that is not there is said, and no failure.',
      )
      .argument('<family>')
      .argument('<keys...>'),
  ).action(del);
}

function del(family: string, keys: readonly string[], flags: JoinFlags): Promise<void> {
  const wanted = new Set(keys);
  return join(flags, async ({ node, inTime }) => {
    const present = async (): Promise<ReadonlySet<string>> =>
      new Set(await firstValueFrom(node.dbKeys(family).pipe(inTime('the database gave no answer'))));
    const before = await present();
    const absent = [...wanted].filter((key) => !before.has(key));
    const holders = await firstValueFrom(holdersOf(node, family, wanted).pipe(inTime('the database gave no answer')));
    if (holders.length > 0) await firstValueFrom(release(node, holders).pipe(inTime(`${holders.join(', ')} did not let go`)));
    const after = await present();
    const left = [...wanted].filter((key) => after.has(key));
    if (absent.length > 0) process.stderr.write(`rxmp: ${family} has no ${quoted(absent)}\n`);
    if (left.length === 0) return;
    throw new Failure(
      exitCode.failed,
      `${quoted(left)} of ${family}: set by another program than "rxmp db set", and only a node itself can delete what it has set`,
    );
  });
}

const quoted = (keys: readonly string[]): string => keys.map((key) => JSON.stringify(key)).join(', ');
