import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import type { createScopeCore } from '../../../src/federation/core/scope-core.js';

/** A way to be wrong that the system had from which the protocol comes. */
export interface Mutant {
  readonly defect: string;
  /** Texts that a file has exactly once, and what takes their place. */
  readonly changes: readonly (readonly [file: string, before: string, after: string])[];
}

const RELAY = 'federation/core/relay.ts';
const DATASPACE = 'federation/core/dataspace.ts';

export const mutants: readonly Mutant[] = [
  {
    defect: 'D1: a retraction is not told to the one who still asserts the same',
    changes: [[RELAY, 'if (only !== undefined) tell(only, sub, kind, captures);', "if (only !== undefined && kind === 'add') tell(only, sub, kind, captures);\n    else if (only !== undefined) return;"]],
  },
  {
    defect: 'D2: a snapshot gives back what the link itself has told of',
    changes: [[RELAY, 'if (asserters.size > 1 || !asserters.has(from)) send', 'send']],
  },
  {
    defect: 'D3: what a cleared subscription has told of stays',
    changes: [[RELAY, '    for (const key of out.told) {\n      const asserters', '    for (const key of out.told) {\n      if (link.matches >= 0) continue;\n      const asserters']],
  },
  {
    defect: 'D4: the end of a subscription is not acknowledged, and late matches are taken for errors',
    changes: [[RELAY, "    release(from, sub);\n    send(from, ['end', id]);", '    release(from, sub);'], [RELAY, '    link.retired.add(out.id);\n', '']],
  },
  {
    defect: 'D5: the same pattern subscribed to twice overwrites the id of the first',
    changes: [[RELAY, 'if (known?.holders.has(from) === true)', 'if (known === undefined && link.ins.size < 0)']],
  },
  {
    defect: 'D6: a match of another scope is seen a second time through what the own clients assert',
    changes: [[DATASPACE, '    match.remote = remote;\n    if (match.local > 0) return;\n', '    match.remote = remote;\n']],
  },
];

const SOURCE = new URL('../../../src/', import.meta.url).pathname;
/** Under `node_modules`, so that nothing transforms what is loaded from there. */
const OUTPUT = new URL('../../../node_modules/.cache/federation/', import.meta.url).pathname;
const options: ts.CompilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true };
/** What the core of a scope is made of. */
const FOLDERS = ['federation/core', 'database/core', 'kernel/core', 'wire'];

/** The core of a scope with one thing broken; throws when the product has no longer exactly that text. */
export async function brokenCore({ defect, changes }: Mutant): Promise<typeof createScopeCore> {
  const sources = new Map<string, string>();
  for (const [file, before, after] of changes) {
    const source = sources.get(file) ?? readFileSync(join(SOURCE, file), 'utf8');
    const found = source.split(before).length - 1;
    if (found !== 1) throw new Error(`"${defect}": ${file} has this text ${found} times, expected once: ${before}`);
    sources.set(file, source.replace(before, () => after));
  }
  const folder = join(OUTPUT, defect.slice(0, 2));
  for (const [file, source] of sources) emit(join(folder, file), source);
  const broken = (await import(/* @vite-ignore */ `file://${folder}/federation/core/scope-core.js`)) as { createScopeCore: typeof createScopeCore };
  return broken.createScopeCore;
}

/** Makes a copy of the product for each mutant, as JavaScript. */
export function prepare(): void {
  rmSync(OUTPUT, { recursive: true, force: true });
  const right = join(OUTPUT, 'right');
  for (const from of FOLDERS) {
    for (const file of readdirSync(join(SOURCE, from))) if (file.endsWith('.ts')) emit(join(right, from, file), readFileSync(join(SOURCE, from, file), 'utf8'));
  }
  for (const { defect } of mutants) cpSync(right, join(OUTPUT, defect.slice(0, 2)), { recursive: true });
}

export function tidy(): void {
  rmSync(OUTPUT, { recursive: true, force: true });
}

function emit(path: string, source: string): void {
  const { outputText } = ts.transpileModule(source, { compilerOptions: options });
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path.replace(/\.ts$/, '.js'), outputText);
}
