import type { Command } from 'commander';
import { firstValueFrom, type Observable } from 'rxjs';
import type { MpNode } from '../mp-node.js';
import { join, joining, type JoinFlags } from './join.js';
import { jsonOf, objectOf, printLine, printLines } from './print.js';

interface ReadFlags extends JoinFlags {
  readonly json?: boolean;
}

interface Form<T> {
  /** One line for each key or value. */
  readonly lines: (answer: T) => readonly string[];
  /** What is written with `--json`. */
  readonly whole: (answer: T) => unknown;
}

const LINES = 'A key that begins with " or has a control character, such as a line break, is written as JSON. ';
const ODD = 'In JSON, octets are base64, and integers beyond 2^53 texts.';

/** `rxmp db keys`, `values` and `family`: a family as it is now. */
export function addReads(db: Command): void {
  reading(db, 'keys', 'print the keys of a family', `Prints the keys of a family, one a line. ${LINES}`, 'an array of texts').action(
    read((node, family) => node.dbKeys(family), {
      lines: (keys) => [...keys].sort().map(keyLine),
      whole: (keys) => [...keys].sort(),
    }),
  );
  reading(db, 'values', 'print the values of a family', `Prints the values of a family, one line of JSON each. ${ODD}`, 'an array').action(
    read((node, family) => node.dbValues(family), {
      lines: (values) => values.map(jsonOf),
      whole: (values) => values,
    }),
  );
  reading(
    db,
    'family',
    'print the keys and values of a family',
    `Prints a line for each key: the key, a tab, and the value as JSON. ${LINES}${ODD}`,
    'an object',
  ).action(
    read((node, family) => node.dbFamily(family), {
      lines: (entries) => byKey(entries).map(([key, value]) => `${keyLine(key)}\t${jsonOf(value)}`),
      whole: (entries) => objectOf(byKey(entries)),
    }),
  );
}

function reading(db: Command, name: string, summary: string, description: string, whole: string): Command {
  const command = db.command(name).summary(summary).description(description.trimEnd());
  return joining(command.argument('<family>').option('--json', `one line of JSON for all, ${whole}`));
}

function read<T>(ask: (node: MpNode, family: string) => Observable<T>, { lines, whole }: Form<T>) {
  return (family: string, { json, ...flags }: ReadFlags): Promise<void> =>
    join(flags, async ({ node, inTime }) => {
      const answer = await firstValueFrom(ask(node, family).pipe(inTime('the database gave no answer')));
      await (json ? printLine(jsonOf(whole(answer))) : printLines(lines(answer)));
    });
}

/** Always one line, and never one that another key has: only what begins with a quote is JSON. */
function keyLine(key: string): string {
  return /^"|\p{Cc}/u.test(key) ? JSON.stringify(key) : key;
}

function byKey<V>(entries: ReadonlyMap<string, V>): [string, V][] {
  return [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
}
