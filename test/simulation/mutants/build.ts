import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import type { Mutant } from './mutants.js';

const ROOT = new URL('../../../', import.meta.url).pathname;
/** Under `node_modules`, so that nothing transforms what is loaded from there; `rxmp` names each copy itself. */
const OUTPUT = join(ROOT, 'node_modules/.cache/simulation');
const FOLDERS = ['src', 'test/simulation'];

const options: ts.CompilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true };
const manifest = {
  name: 'rxmp',
  type: 'module',
  exports: { '.': './src/index.js', './testing': './src/testing/index.js' },
};

/** A copy of the product and of its simulator, as JavaScript; gives the folder. */
export function compile(): string {
  const folder = join(OUTPUT, 'right');
  rmSync(folder, { recursive: true, force: true });
  for (const from of FOLDERS) {
    for (const file of readdirSync(join(ROOT, from), { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts') || file.endsWith('.test.ts') || file.startsWith('mutants')) continue;
      emit(join(folder, from, file), readFileSync(join(ROOT, from, file), 'utf8'));
    }
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  return folder;
}

/** A copy of a compiled folder with one thing broken; throws when the product has no longer exactly that text. */
export function mutate(right: string, { name, changes }: Mutant): string {
  const sources = new Map<string, string>();
  for (const [file, before, after] of changes) {
    const source = sources.get(file) ?? readFileSync(join(ROOT, file), 'utf8');
    const found = source.split(before).length - 1;
    if (found !== 1) throw new Error(`mutant "${name}": ${file} has this text ${found} times, expected once: ${before}`);
    sources.set(file, source.replace(before, () => after));
  }
  const folder = join(OUTPUT, name.replace(/[^a-z0-9]+/gi, '-'));
  rmSync(folder, { recursive: true, force: true });
  cpSync(right, folder, { recursive: true });
  for (const [file, source] of sources) emit(join(folder, file), source);
  return folder;
}

function emit(path: string, source: string): void {
  const { outputText } = ts.transpileModule(source, { compilerOptions: options });
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path.replace(/\.ts$/, '.js'), outputText);
}
