import { cpSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import type { Mutant } from './mutants.js';

const ROOT = new URL('../../../', import.meta.url).pathname;
/** Under `node_modules`, so that nothing transforms what is loaded from there; `rxmp` names each copy itself. */
const OUTPUT = join(ROOT, 'node_modules/.cache/simulation');
/** The product and its simulator, compiled. */
const FOLDERS = ['src', 'test/simulation'];

const options: ts.CompilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true };
const manifest = {
  name: 'rxmp',
  type: 'module',
  exports: { '.': './src/index.js', './guests': './src/guests/index.js', './testing': './src/testing/index.js' },
};

/** A copy of the product and of its simulator with one thing broken; throws when the product has no longer exactly that text. */
export function mutate({ name, changes }: Mutant): string {
  const sources = new Map<string, string>();
  for (const [file, before, after] of changes) {
    const source = sources.get(file) ?? readFileSync(join(ROOT, file), 'utf8');
    const found = source.split(before).length - 1;
    if (found !== 1) throw new Error(`mutant "${name}": ${file} has this text ${found} times, expected once: ${before}`);
    sources.set(file, source.replace(before, () => after));
  }
  const folder = join(OUTPUT, name.replace(/[^a-z0-9]+/gi, '-'));
  rmSync(folder, { recursive: true, force: true });
  for (const from of FOLDERS) {
    const filter = (path: string): boolean => path.endsWith('.js') || statSync(path).isDirectory();
    cpSync(join(ROOT, 'dist', from), join(folder, from), { recursive: true, filter });
  }
  for (const [file, source] of sources) {
    const { outputText } = ts.transpileModule(source, { compilerOptions: options });
    writeFileSync(join(folder, file.replace(/\.ts$/, '.js')), outputText);
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  return folder;
}
