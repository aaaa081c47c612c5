import type { NodeOptions } from '../options.js';
import { usageError } from './exit.js';
import { readTlsFiles, type TlsFiles } from './tls-files.js';
import { methodsOf, readBoolean, readList, readMethods, readTime } from './words.js';

/** What `rxmp run` was told: options of a node, and the module that has those of its guests. */
export interface RunOptions extends NodeOptions {
  readonly guestsFrom?: string;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Setter = (options: Mutable<RunOptions>, text: string, files: Mutable<TlsFiles>) => void;

/** The keys of `rxmp run`, AnyEvent::MP's names. */
const setters: ReadonlyMap<string, Setter> = new Map<string, Setter>([
  ['nodeid', (options, text) => { options.nodeid = text; }],
  ['secret', (options, text) => { options.secret = text; }],
  ['binds', (options, text) => { options.binds = readList(text); }],
  ['seeds', (options, text) => { options.seeds = readList(text); }],
  ['norc', (options, text) => { options.norc = readBoolean('norc', text); }],
  ['force', (options, text) => { options.force = readBoolean('force', text); }],
  ['global', (options, text) => { options.global = readBoolean('global', text); }],
  ['services', (options, text) => { options.services = readList(text); }],
  ['guests', (options, text) => { options.guestsFrom = text; }],
  ['resumeTime', (options, text) => { options.resumeTime = readTime(text, 'resumeTime'); }],
  ['cert', (_options, text, files) => { files.cert = text; }],
  ['key', (_options, text, files) => { files.key = text; }],
  ['ca', (_options, text, files) => { files.ca = text; }],
  ['methods', (options, text) => { options.methods = readMethods(text); }],
  ['acceptPlain', (options, text) => { options.acceptPlain = readBoolean('acceptPlain', text); }],
]);

/**
 * Reads `[profile] key value ...`: an odd number of words has a profile first. Throws a usage error that names the keys
 * there are. What they say wins over the environment. Without `binds` a node that is run listens on every address, on a port that the system chooses.
 */
export function readRunWords(words: readonly string[], environment: NodeJS.ProcessEnv): RunOptions {
  const files: Mutable<TlsFiles> = {};
  const options: Mutable<RunOptions> = { binds: ['*'], secret: environment['RXMP_SECRET'], methods: methodsOf(environment) };
  const pairs = [...words];
  if (pairs.length % 2 === 1) options.profile = pairs.shift();
  for (let at = 0; at < pairs.length; at += 2) {
    const [key = '', value = ''] = pairs.slice(at, at + 2);
    const set = setters.get(key);
    if (set === undefined) {
      throw usageError(`unknown key "${key}": expected [profile] and then pairs of ${[...setters.keys()].join(', ')} and a value`);
    }
    set(options, value, files);
  }
  return { ...options, ...readTlsFiles(files, environment) };
}

/** Refuses a node that listens, and that nobody could prove himself to. */
export function checkRunOptions({ binds = [], secret, tls, cert, guestsFrom }: RunOptions): void {
  if (binds.length === 0 || secret || cert !== undefined || tls?.cert !== undefined || guestsFrom !== undefined) return;
  throw usageError(
    `a node that listens (binds ${binds.join(',')}) needs a secret: set RXMP_SECRET, or add: secret <text>; or a certificate: cert <file>; or guests: guests <module>`,
  );
}
