import { addOne, del, delOne, delProfile, set } from '../../config/core/edit.js';
import type { Rc } from '../../config/core/rc.js';
import { objection, words, type Word } from '../../config/core/words.js';
import { shown } from '../../wire/printable.js';
import { usageError } from '../exit.js';
import { readBoolean, readElement, readList } from '../words.js';

/** One step of a chain of AnyEvent::MP's words: a change of the configuration, or something to show. */
export type Step =
  | { readonly kind: 'change'; change(rc: Rc): Rc }
  | { readonly kind: 'show profile'; readonly profile: string }
  | { readonly kind: 'show effective'; readonly profile: string | undefined };

/** What is outside of the words: files and chance. */
export interface ChainContext {
  readPem(file: string): string;
  makeSecret(): string;
}

type Read = (next: (what: string) => string, profile: string | undefined, context: ChainContext) => Step;

const change = (edit: (rc: Rc) => Rc): Step => ({ kind: 'change', change: edit });

/** Words that are no settings. */
const others: readonly (readonly [word: string, usage: string, help: string, read: Read])[] = [
  ['gensecret', '', 'set a new random secret', (_next, profile, { makeSecret }) => { const secret = makeSecret(); return change((rc) => set(rc, profile, 'secret', secret)); }],
  ['delprofile', '<name>', 'forget a profile', (next) => { const name = next('the name of a profile'); return change((rc) => delProfile(rc, name)); }],
  ['showprofile', '<name>', 'the settings of a profile, without its parents', (next) => ({ kind: 'show profile', profile: next('the name of a profile') })],
  ['showconfig', '', 'what a node would use, and where each value comes from', (_next, profile) => ({ kind: 'show effective', profile })],
];

/** The words of the configuration; from the table of settings. */
const table: ReadonlyMap<string, Read> = new Map<string, Read>([
  ...words.flatMap((word): (readonly [string, Read])[] => [
    [`set${word.name}`, setter(word)],
    [word.name, setter(word)],
    [`del${word.name}`, (_next, profile) => change((rc) => del(rc, profile, word.name))],
    ...(word.one === undefined ? [] : [
      [`add${word.one}`, one(word.one, (rc, profile, value) => addOne(rc, profile, word.name, value))] as const,
      [`del${word.one}`, one(word.one, (rc, profile, value) => delOne(rc, profile, word.name, value))] as const,
    ]),
  ]),
  ...others.map(([word, , , read]) => [word, read] as const),
]);

function one(what: string, edit: (rc: Rc, profile: string | undefined, value: unknown) => Rc): Read {
  return (next, profile) => {
    const value = readElement(next(`a ${what}`));
    return change((rc) => edit(rc, profile, value));
  };
}

function setter(word: Word): Read {
  return (next, profile, context) => {
    const value = valueOf(word, next(`a value for ${word.name}`), context);
    return change((rc) => set(rc, profile, word.name, value));
  };
}

/** A value as a person writes it on the command line. */
function valueOf(word: Word, text: string, { readPem }: ChainContext): unknown {
  if (word.kind === 'boolean') return readBoolean(word.name, text);
  if (word.kind === 'pem') return text.includes('-----BEGIN') ? text : readPem(text);
  const value = /^[[{"]/.test(text) ? readElement(text) : word.kind === 'list' || word.kind === 'services' ? readList(text) : word.kind === 'seconds' ? Number(text) : text;
  const wrong = objection(word, value);
  if (wrong !== undefined) throw usageError(`${word.name} is ${shown(text)}: ${wrong}`);
  return value;
}

/** Whether a word begins a chain. */
export const isChainWord = (word: string): boolean => word === 'profile' || table.has(word);

/**
 * Reads a chain: `profile <name>` says whose settings are meant by what follows it, words without one are of the global settings. Throws a
 * usage error, before anything is changed, that names what is wrong.
 */
export function readChain(args: readonly string[], context: ChainContext): readonly Step[] {
  const rest = [...args];
  const steps: Step[] = [];
  let profile: string | undefined;
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const current = word;
    const next = (what: string): string => {
      const value = rest.shift();
      if (value === undefined) throw usageError(`${current} needs ${what}`);
      return value;
    };
    if (word === 'profile') {
      profile = next('the name of a profile');
      continue;
    }
    const read = table.get(word);
    if (read === undefined) throw usageError(`unknown word ${shown(word)}${nearest(word)}; "rxmp config --help" has all`);
    steps.push(read(next, profile, context));
  }
  return steps;
}

/** A word that was probably meant. */
function nearest(word: string): string {
  const close = [...table.keys()].find((name) => name.replace(/^(set|add|del|show)/, '') === word.replace(/^(set|add|del|show)/, '') || name === word.replace(/s$/, ''));
  return close === undefined ? '' : `: perhaps ${close}`;
}

/** The words, for `--help`. */
export function chainHelp(): string {
  const rows = words.map(({ name, kind, help, one }) => [`  [set]${name} <${kind === 'pem' ? 'file' : kind}>, del${name}${one === undefined ? '' : `, add${one} <one>, del${one} <one>`}`, help]);
  return [
    '\nWords, as many as you like, of the global settings, or after "profile <name>" of that profile:',
    ...rows.map(([usage, help]) => `${usage ?? ''}\n      ${help ?? ''}`),
    ...others.map(([word, usage, help]) => `  ${`${word} ${usage}`.trimEnd()}\n      ${help}`),
  ].join('\n');
}
