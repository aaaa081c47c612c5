import { describe, expect, it } from 'vitest';
import { compared } from './database-rules.js';
import { deviations, type DeviationId } from './deviations.js';
import { programOfE1, programOfE2, programOfF1, programOfF2, programOfM1, type Program } from './programs.js';
import { conversation, type Message } from './recorded.js';
import { replay } from './replay.js';

const e = (framing: string): readonly string[] => ['S1', 'S2'].map((slave) => `e_db_${framing}.${slave}-G`);
const f = ['G2-G1', 'S1-G1', 'M1-G1', 'S2-G2'].map((link) => `f_mesh_json.${link}`);

/** Which node rxmp is, what its program did, and where it differs. */
type Play = readonly [scenario: string, role: string, files: readonly string[], () => Program, readonly DeviationId[]];

const plays: readonly Play[] = [
  ...['json', 'cbor'].flatMap((framing): Play[] => [
    [`e, ${framing}`, 'G', e(framing), () => ({}), []],
    [`e, ${framing}`, 'S1', e(framing), programOfE1, ['asks-once', 'values-typed']],
    [`e, ${framing}`, 'S2', e(framing), () => programOfE2, ['asks-once']],
  ]),
  ['f', 'G1', f, () => ({}), ['changes-only', 'no-echo', 'no-ghosts']],
  ['f', 'G2', f, () => ({}), ['changes-only', 'global-own-master']],
  ['f', 'M1', f, () => programOfM1, ['asks-once']],
  ['f', 'S1', f, () => programOfF1, ['asks-once']],
  ['f', 'S2', f, () => programOfF2, ['asks-once', 'changes-only']],
];

describe('recorded runs with a database, played against an rxmp node in the place of one of them', () => {
  it.each(plays)('%s: rxmp as %s', async (_, role, files, program, listed) => {
    const { exchanges, notes, log } = await replay({ files, role, global: role.startsWith('G'), program: program() });
    const used = new Set<DeviationId>();
    for (const { exchange, expected, actual } of compared(exchanges, role, used)) {
      const { at, peer, recorded } = exchange;
      expect(actual, `said to ${peer} at ${at}; recorded: ${JSON.stringify(recorded)}`).toStrictEqual(expected);
    }
    expect(notes).toStrictEqual(withoutRepeats(recordedNotes(files, role), used));
    expect([...used].sort()).toStrictEqual([...listed].sort());
    expect(log.entries.filter(({ level }) => level === 'warn' || level === 'error')).toStrictEqual([]);
    expect(exchanges.length).toBeGreaterThan(2);
  });

  it('names deviations that are described', () => {
    expect(Object.keys(deviations)).toEqual(expect.arrayContaining(plays.flatMap(([, , , , listed]) => listed)));
  });
});

const CHANGE = 6;
const ABOUT_DATABASE: readonly unknown[] = ['db_mon', 'db_family', 'db_keys', 'db_values'];

/** What the Perl program saw of the database; of a change the name, the family, and the three lists. */
function recordedNotes(files: readonly string[], role: string): readonly Message[] {
  const notes = files.flatMap((file) => conversation(file).notes[role] ?? []);
  return notes.map(({ note }) => note.slice(0, CHANGE)).filter(([what]) => ABOUT_DATABASE.includes(what));
}

/** Without changes to what was there already. */
function withoutRepeats(notes: readonly Message[], used: Set<DeviationId>): readonly Message[] {
  const families = new Map<unknown, string>();
  return notes.filter(([what, name, family]) => {
    if (what !== 'db_mon') return true;
    const known = families.get(name);
    const now = JSON.stringify(family);
    families.set(name, now);
    if (known !== now) return true;
    used.add('changes-only');
    return false;
  });
}
