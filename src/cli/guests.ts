import type { Command } from 'commander';
import { firstValueFrom } from 'rxjs';
import { GUESTS } from '../access/gate/roster.js';
import { printable } from '../wire/printable.js';
import { exitCode, exitCodesHelp, Failure } from './exit.js';
import { revokeAt, showAt, type Report } from './guests-desk.js';
import { join, joining, type Guest, type JoinFlags } from './join.js';
import { jsonOf, printLine, printLines } from './print.js';

interface ListFlags extends JoinFlags {
  readonly json?: boolean;
}

/** A guest as the database has it. */
interface Entry {
  readonly guest: string;
  readonly user: string;
  readonly gate: string;
  readonly since: number;
}

const HELP = `
A guest is named by its node id, or by its user: then all guests of that user are meant, at whatever gate.
${exitCodesHelp}`;

/** `rxmp guests`: who is in by the gates of the network. */
export function addGuests(program: Command): void {
  const guests = program
    .command('guests')
    .summary('list the guests of the network, show what one may do, send one away')
    .description('Guests are nodes that gates let in by credentials, and that may do only what they are allowed. Without a command they are listed.')
    .addHelpText('after', HELP);
  joining(
    guests
      .command('list', { isDefault: true })
      .summary('list all guests')
      .description('Prints a line for each guest of all gates: its id, its user, its gate and since when it is here, with tabs between.')
      .option('--json', 'one line of JSON for all: [{"guest":"guest:...","user":"ada","gate":"gate/1","since":1893456000000}]'),
  ).action(list);
  joining(
    guests
      .command('show')
      .summary('show a guest with its rights and counts')
      .description('Asks the gate of a guest, and prints who it is, what it may do, until when, and how much it has done.')
      .argument('<guest>', 'id of a guest, or a user')
      .option('--json', 'one line of JSON for all: a list of objects, with rights as data'),
  ).action(show);
  joining(
    guests
      .command('revoke')
      .summary('send a guest away, and tell it why')
      .description('Has the gates of a guest, or of all guests of a user, end their connections. They are told the reason, and do not try to come again; ' +
        'who still has credentials that the gate accepts can.')
      .argument('<guest>', 'id of a guest, or a user')
      .argument('[reason...]', 'what it is told'),
  ).action(revoke);
}

function list({ json, ...flags }: ListFlags): Promise<void> {
  return join(flags, async (guest) => {
    const all = await entries(guest);
    if (json) await printLine(jsonOf(all));
    else await printLines(all.map(lineOf));
  });
}

function show(who: string, { json, ...flags }: ListFlags): Promise<void> {
  return join(flags, async (guest) => {
    const gates = gatesOf(await known(guest, who));
    const found = (await Promise.all(gates.map((gate) => showAt(guest, gate, who)))).flat();
    if (found.length === 0) throw nobody(who);
    if (json) await printLine(jsonOf(found.map(({ guest: id, may }) => ({ ...id, may }))));
    else await printLines(found.map(textOf));
  });
}

function revoke(who: string, reason: readonly string[], flags: JoinFlags): Promise<void> {
  return join(flags, async (guest) => {
    const gone = await known(guest, who);
    const counts = await Promise.all(gatesOf(gone).map((gate) => revokeAt(guest, gate, who, reason.join(' ') || undefined)));
    if (counts.every((count) => count === 0)) throw nobody(who);
    await printLines(gone.map(lineOf));
  });
}

/** All guests, by user. What is in the family may come from anybody. */
async function entries({ node, inTime }: Guest): Promise<readonly Entry[]> {
  const family = await firstValueFrom(node.dbFamily(GUESTS).pipe(inTime('the database gave no answer')));
  return [...family]
    .flatMap(([guest, value]) => (isEntry(value) ? [{ guest, user: value.user, gate: value.gate, since: value.since }] : []))
    .sort((a, b) => (a.user === b.user ? (a.guest < b.guest ? -1 : 1) : a.user < b.user ? -1 : 1));
}

function isEntry(value: unknown): value is Omit<Entry, 'guest'> {
  if (typeof value !== 'object' || value === null) return false;
  const { user, gate, since } = value as Readonly<Record<string, unknown>>;
  return typeof user === 'string' && typeof gate === 'string' && typeof since === 'number';
}

async function known(guest: Guest, who: string): Promise<readonly Entry[]> {
  const found = (await entries(guest)).filter(({ guest: id, user }) => id === who || user === who);
  if (found.length === 0) throw nobody(who);
  return found;
}

const nobody = (who: string): Failure => new Failure(exitCode.failed, `there is no guest "${who}": expected an id or a user of "rxmp guests"`);
const gatesOf = (found: readonly Entry[]): readonly string[] => [...new Set(found.map(({ gate }) => gate))];

const lineOf = ({ guest, user, gate, since }: Entry): string => [guest, user, gate, timeOf(since)].map(printable).join('\t');

const timeOf = (ms: number): string => (Number.isFinite(new Date(ms).getTime()) ? new Date(ms).toISOString() : String(ms));

function textOf({ guest: { guest, user, gate, remoteAddress, since, expires, counts }, rights }: Report): string {
  const rows = [
    ['guest', guest],
    ['user', user],
    ['gate', gate],
    ['address', remoteAddress],
    ['since', timeOf(since)],
    ['expires', expires === null ? 'never' : timeOf(expires)],
    ...rights.map((right, i) => [i === 0 ? 'may' : '', right]),
    ['counts', Object.entries(counts).map(([name, count]) => `${name} ${count}`).join(', ')],
  ];
  return rows.map(([name = '', value = '']) => `${name.padEnd(9)}${printable(value)}`).join('\n');
}
