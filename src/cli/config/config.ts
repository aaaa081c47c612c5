import type { Command } from 'commander';
import type { Rc } from '../../config/core/rc.js';
import { resolve, type Source } from '../../config/core/resolve.js';
import { wordOf } from '../../config/core/words.js';
import { changeConfig } from '../../config/change.js';
import { configFile, readConfig } from '../../config/file.js';
import { defaultProfile } from '../../config/profile.js';
import { printable } from '../../wire/printable.js';
import { usageError } from '../exit.js';
import { makeSecret } from '../gensecret.js';
import { printLine } from '../print.js';
import { readPem } from '../tls-files.js';
import { chainHelp, readChain, type ChainContext, type Step } from './chain.js';

interface ConfigFlags {
  readonly json?: true;
  readonly showSecrets?: true;
}

const context: ChainContext = { readPem: (file) => readPem('cert', file), makeSecret };

/** `rxmp config`: shows and changes the configuration, by the words of AnyEvent::MP's `aemp` (L2). */
export function addConfig(program: Command): void {
  program
    .command('config')
    .summary('show or change the configuration file')
    .description('Changes the configuration file by words, as aemp does: "rxmp config" may be left out before them. Without words: what a node would use here, and where each value comes from.')
    .usage('[options] [word ...]')
    .argument('[words...]', 'words and their values')
    .option('--json', 'print JSON')
    .option('--show-secrets', 'print secrets and certificates, too')
    .addHelpText('after', () => `${chainHelp()}\n\nThe file is $RXMP_RC, or $XDG_CONFIG_HOME/rxmp/config.json; here: ${configFile(process.env) ?? 'none'}\n\nExample:\n  rxmp setsecret "$(rxmp gensecret)" profile hub setbinds 127.0.0.1:4040 profile worker setseeds 127.0.0.1:4040`)
    .action(config);
}

async function config(args: readonly string[], flags: ConfigFlags): Promise<void> {
  const file = configFile(process.env);
  if (file === undefined) throw usageError('there is no configuration: RXMP_RC is empty');
  const steps: readonly Step[] = args.length === 0 ? [{ kind: 'show effective', profile: undefined }] : readChain(args, context);
  for (const [i, step] of steps.entries()) {
    if (step.kind !== 'change') await show(file, step, flags);
    // changes that stand together are one
    else if (steps[i - 1]?.kind !== 'change') await changeConfig(file, (rc) => changesFrom(steps, i).reduce((now, { change }) => change(now), rc));
  }
}

type Change = Extract<Step, { kind: 'change' }>;

function changesFrom(steps: readonly Step[], start: number): readonly Change[] {
  const some: Change[] = [];
  for (const step of steps.slice(start)) {
    if (step.kind !== 'change') break;
    some.push(step);
  }
  return some;
}

async function show(file: string, step: Exclude<Step, Change>, { json, showSecrets }: ConfigFlags): Promise<void> {
  const rc = await readConfig(file);
  const rows = step.kind === 'show profile' ? ownRows(rc, step.profile) : effectiveRows(rc, step.profile ?? defaultProfile());
  const visible = rows.map((row) => (showSecrets === true || wordOf(row.name)?.isSecret !== true ? row : { ...row, value: MASKED }));
  if (json === true) await printLine(JSON.stringify(Object.fromEntries(visible.map(({ name, value, from }) => [name, { value, from }]))));
  else for (const { name, value, from } of visible) await printLine(printable(`${name.padEnd(NAME_WIDTH)} ${textOf(value)}   (${from})`));
}

const MASKED = '***';
const NAME_WIDTH = 16;

interface Shown {
  readonly name: string;
  readonly value: unknown;
  readonly from: string;
}

const sourceText = (source: Source): string => (source.kind === 'global' ? 'global setting' : `profile ${source.name}`);
const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

function ownRows(rc: Rc, name: string): Shown[] {
  const own = rc.profiles.get(name);
  if (own === undefined) throw usageError(`there is no profile ${name}: expected ${[...rc.profiles.keys()].join(', ') || 'none, as there are none'}`);
  return [...own].map(([setting, value]) => ({ name: setting, value, from: sourceText({ kind: 'profile', name }) }));
}

const effectiveRows = (rc: Rc, profile: string): Shown[] =>
  [...resolve(rc, profile)].map(([name, { value, from }]) => ({ name, value, from: sourceText(from) }));
