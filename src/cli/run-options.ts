import type { NodeOptions } from '../options.js';
import { usageError } from './exit.js';
import { readBoolean, readList } from './words.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Setter = (options: Mutable<NodeOptions>, text: string) => void;

/** The keys of `rxmp run`, AnyEvent::MP's names. */
const setters: ReadonlyMap<string, Setter> = new Map<string, Setter>([
  ['nodeid', (options, text) => { options.nodeid = text; }],
  ['secret', (options, text) => { options.secret = text; }],
  ['binds', (options, text) => { options.binds = readList(text); }],
  ['seeds', (options, text) => { options.seeds = readList(text); }],
  ['norc', (options, text) => { options.norc = readBoolean('norc', text); }],
  ['global', (options, text) => { options.global = readBoolean('global', text); }],
  ['services', (options, text) => { options.services = readList(text); }],
]);

/**
 * Reads `[profile] key value ...`: an odd number of words has a profile first. Throws a usage error that names the keys
 * there are. Without `binds` a node that is run listens on every address, on a port that the system chooses.
 */
export function readRunWords(words: readonly string[], environment: NodeJS.ProcessEnv): NodeOptions {
  const options: Mutable<NodeOptions> = { binds: ['*'], secret: environment['RXMP_SECRET'] };
  const pairs = [...words];
  if (pairs.length % 2 === 1) options.profile = pairs.shift();
  for (let at = 0; at < pairs.length; at += 2) {
    const [key = '', value = ''] = pairs.slice(at, at + 2);
    const set = setters.get(key);
    if (set === undefined) {
      throw usageError(`unknown key "${key}": expected [profile] and then pairs of ${[...setters.keys()].join(', ')} and a value`);
    }
    set(options, value);
  }
  if (options.binds?.length && !options.secret) {
    throw usageError(
      `a node that listens (binds ${options.binds.join(',')}) needs a secret: set RXMP_SECRET, or add: secret <text>`,
    );
  }
  return options;
}
