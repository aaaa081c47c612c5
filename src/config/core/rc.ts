import { shown } from '../../wire/printable.js';
import { objection, wordOf } from './words.js';

/** Settings by their names, as they are in the file. */
export type Settings = ReadonlyMap<string, unknown>;

/** A configuration as AnyEvent::MP has it: global settings, and profiles. What rxmp does not know stays as it is. */
export interface Rc {
  readonly settings: Settings;
  readonly profiles: ReadonlyMap<string, Settings>;
  /** So many settings are before the profiles, in the file. */
  readonly before: number;
}

/** There is something in the file that can't be used. Nothing is written to such a file. */
export class BadConfig extends Error {
  override readonly name = 'BadConfig';
}

/** The key of the file that has the profiles. */
const PROFILES = 'profile';

export const emptyRc: Rc = { settings: new Map(), profiles: new Map(), before: Infinity };

/** Reads the text of a configuration file. Throws `BadConfig`, which says what to do. */
export function parseRc(text: string, file: string): Rc {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new BadConfig(`${file} is not JSON (${why}), perhaps it was cut off: mend it, or move it away and begin anew; nothing was changed`);
  }
  const top = objectOf(content, `${file} has ${typeof content}`);
  const profiles = top.get(PROFILES) ?? {};
  const settings = new Map([...top].filter(([key]) => key !== PROFILES));
  check(settings, file);
  const at = [...top.keys()].indexOf(PROFILES);
  return {
    settings,
    before: at < 0 ? Infinity : at,
    profiles: new Map([...objectOf(profiles, `${file}, "${PROFILES}"`)].map(([name, content]) => {
      const where = `${file}, profile ${shown(name)}`;
      const profile = objectOf(content, where);
      check(profile, where);
      return [name, profile];
    })),
  };
}

/** The text of a configuration file, in the order and with the indent of what it was made from. */
export function textOfRc({ settings, profiles, before }: Rc, original = ''): string {
  const indent = /^\{\s*\n([ \t]+)/.exec(original)?.[1] ?? (original.trim() === '' ? '  ' : undefined);
  const entries: (readonly [string, unknown])[] = [...settings];
  if (profiles.size > 0 || before < Infinity) entries.splice(Math.min(before, entries.length), 0, [PROFILES, Object.fromEntries([...profiles].map(([name, profile]) => [name, Object.fromEntries(profile)]))]);
  return `${JSON.stringify(Object.fromEntries(entries), undefined, indent)}\n`;
}

function check(settings: Settings, where: string): void {
  for (const [name, value] of settings) {
    const word = wordOf(name);
    const wrong = word === undefined || value === null ? undefined : objection(word, value);
    if (wrong !== undefined) throw new BadConfig(`${where}: ${name} is ${word?.isSecret === true ? typeof value : shown(JSON.stringify(value))}: ${wrong}`);
  }
}

/** An object of JSON as a map; `__proto__` is a key like any other. */
function objectOf(value: unknown, what: string): Map<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return new Map(Object.entries(value));
  throw new BadConfig(`${what}: expected an object { ... }`);
}
