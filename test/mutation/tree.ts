import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { findMutants } from './find.js';
import { folderOf, type Mutant } from './mutant.js';
import { withMutants } from './schemata.js';

/** From `dist/test/mutation`. */
export const ROOT = new URL('../../../', import.meta.url).pathname;
/** Under `node_modules`, so that no other tool takes the copy for sources. */
export const CACHE = join(ROOT, 'node_modules/.cache/mutants');
export const TREE = join(CACHE, 'tree');

/** What is broken. */
export const FOLDERS = ['src/env', 'src/wire', 'src/transport', 'src/channel', 'src/kernel', 'src/network', 'src/database', 'src/federation', 'operators'];

const COPIED = ['src', 'operators', 'test', 'marbles', 'bench', 'examples'];
/** What looks at sources, types, processes and other builds, and the fuzz, which takes its time. */
const OTHERS = /^test\/(process|long|fuzz|types|browser\/entry|mutation|unit\/(house|bench|realms)|simulation\/(runs-|mutants\/))/;

const compilerOptions: ts.CompilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true };
const manifest = {
  name: 'rxmp',
  type: 'module',
  imports: { '#cbor-x': 'cbor-x' },
  exports: {
    '.': './src/index.js',
    './operators': './operators/index.js',
    './compat': './src/services/compat.js',
    './federation': './src/federation/index.js',
    './testing': './src/testing/index.js',
  },
};

/** Without the tool itself, which is no part of what it looks at, and without the example that is a project of its own. */
const sourcesIn = (folder: string): readonly string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => `${folder}/${file}`)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts') && !file.startsWith('test/mutation/') && !file.startsWith('examples/angular/'))
    .sort();

export const testFiles = (): readonly string[] =>
  ['test', 'marbles'].flatMap(sourcesIn).filter((file) => /\.(test|marbles)\.ts$/.test(file) && !OTHERS.test(file));

/** A copy of the package and its tests in JavaScript, with all mutants; their list. */
export function writeTree(): readonly Mutant[] {
  const mutants: Mutant[] = [];
  rmSync(TREE, { recursive: true, force: true });
  for (const file of COPIED.flatMap(sourcesIn)) {
    let source = readFileSync(join(ROOT, file), 'utf8');
    if (FOLDERS.includes(folderOf(file))) {
      const found = findMutants(file, source, mutants.length + 1);
      source = withMutants(source, found);
      mutants.push(...found);
    }
    const to = join(TREE, file.replace(/\.ts$/, '.js'));
    mkdirSync(dirname(to), { recursive: true });
    writeFileSync(to, inPlaceOf(file, ts.transpileModule(source, { compilerOptions }).outputText));
  }
  writeFileSync(join(TREE, 'package.json'), JSON.stringify(manifest));
  return mutants;
}

/** The copy finds files, such as recordings, where the original does. */
const inPlaceOf = (file: string, text: string): string =>
  text.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(join(ROOT, file)).href));

/** Of all that tests share: the package itself, and the files that help tests. */
export const sharedHash = (): string => {
  const tests = testFiles();
  return hashOf(COPIED.flatMap(sourcesIn).filter((file) => !tests.includes(file)).map((file) => readFileSync(join(ROOT, file), 'utf8')));
};

export const hashOf = (texts: readonly string[]): string => {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(text).update('\0');
  return hash.digest('hex');
};
