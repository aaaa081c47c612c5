import { list, METHODS, type NodeMethod } from '../transport/methods.js';
import { usageError } from './exit.js';

/** A comma list; spaces around its parts and empty parts don't count. */
export function readList(text: string): string[] {
  return text.split(',').map((part) => part.trim()).filter((part) => part !== '');
}

/** A comma list of methods by which nodes may prove themselves. */
export function readMethods(text: string, what = 'methods'): readonly NodeMethod[] {
  const names = readList(text);
  const unknown = names.find((name) => !isMethod(name));
  if (names.length > 0 && unknown === undefined) return names.filter(isMethod);
  throw usageError(`${what} is "${text}": expected a comma list of ${list(METHODS)}`);
}

const isMethod = (name: string): name is NodeMethod => METHODS.some((method) => method === name);

/** The methods that the environment names; undefined: it says nothing of them. */
export function methodsOf(environment: NodeJS.ProcessEnv): readonly NodeMethod[] | undefined {
  const text = environment['RXMP_METHODS'] ?? '';
  return text === '' ? undefined : readMethods(text, 'RXMP_METHODS');
}

/** `true` or `false`; as in Perl, 1 and 0 are as good. */
export function readBoolean(key: string, text: string): boolean {
  if (text === 'true' || text === '1') return true;
  if (text === 'false' || text === '0') return false;
  throw usageError(`${key} is "${text}": expected true or false`);
}

/** A message element: JSON if it starts with `[`, `{` or `"`, or if `json` says so, otherwise the text itself. */
export function readElement(text: string, json = false): unknown {
  if (!json && !/^[[{"]/.test(text)) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    const why = json ? 'with --json every argument has to be' : 'what starts with [, { or " has to be';
    throw usageError(`${text} is no JSON: ${why} (write a text as '"..."')`);
  }
}

const MILLISECONDS: ReadonlyMap<string, number> = new Map([['ms', 1], ['', 1_000], ['s', 1_000], ['m', 60_000]]);

/** A time in seconds, or with a unit: `5`, `0.5`, `500ms`, `5s`, `2m`. In ms. */
export function readTime(text: string, what = 'the time-out'): number {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m)?$/.exec(text) ?? [];
  const ms = Number(amount) * (MILLISECONDS.get(unit) ?? NaN);
  if (ms > 0) return ms;
  throw usageError(`${what} "${text}" is no time: expected seconds, or a number with ms, s or m`);
}

/** A whole number of at least 1. */
export function readCount(option: string, text: string): number {
  if (/^\d+$/.test(text) && Number(text) > 0) return Number(text);
  throw usageError(`${option} is "${text}": expected a whole number of at least 1`);
}
