import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const ROOT = new URL('../../', import.meta.url);

interface Manifest {
  readonly imports: Readonly<Record<string, { readonly browser: string; readonly default: string }>>;
  readonly exports: Readonly<Record<string, { readonly browser?: { readonly default: string }; readonly default?: string }>>;
}

const manifest = JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8')) as Manifest;

/** What the files of the entries are made of. */
const SOURCES: Readonly<Record<string, string>> = {
  './dist/bundle/index.js': 'src/index.ts',
  './dist/bundle/browser.js': 'src/browser.ts',
  './dist/bundle/operators.js': 'operators/index.ts',
  './dist/bundle/compat.js': 'src/services/compat.ts',
  './dist/bundle/federation.js': 'src/federation/index.ts',
  './dist/bundle/shared.js': 'src/shared/index.ts',
};
const sourceOf = (built: string): URL => new URL(SOURCES[built] ?? built, ROOT);

/** What a module loads when it runs, types left out. */
function importsOf(file: URL): readonly string[] {
  const { outputText } = ts.transpileModule(readFileSync(file, 'utf8'), {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true, removeComments: true },
  });
  return ts.preProcessFile(outputText, true, true).importedFiles.map(({ fileName }) => fileName);
}

/** Each module that is loaded with an entry, by the file that asks for it first. */
function loadedBy(entry: URL): ReadonlyMap<string, string> {
  const loaded = new Map<string, string>();
  const seen = new Set<string>();
  const visit = (file: URL): void => {
    if (seen.has(file.href)) return;
    seen.add(file.href);
    for (const name of importsOf(file)) {
      if (name.startsWith('.')) visit(new URL(name.replace(/\.js$/, '.ts'), file));
      else if (!loaded.has(name)) loaded.set(name, fileURLToPath(file));
    }
  };
  visit(entry);
  return loaded;
}

describe('what browsers load', () => {
  it.each(['.', './operators', './compat', './federation', './shared'])('of %s needs no module that only Node.js has', (entry) => {
    const { browser, default: any = '' } = manifest.exports[entry] ?? {};
    const loaded = loadedBy(sourceOf(browser?.default ?? any));
    const allowed = /^(rxjs|immer|cbor-x|@noble\/hashes\/\w+\.js|@standard-schema\/spec)$/;
    expect([...loaded].filter(([name]) => !allowed.test(name))).toEqual([]);
    expect(loaded.size).toBeGreaterThan(0);
  });

  it('of ./angular is Angular, and the entries of rxmp by their names, so that a page gets its own (A6)', () => {
    const loaded = loadedBy(new URL('src/angular/index.ts', ROOT));
    expect([...loaded.keys()].sort()).toEqual(['@angular/core', '@angular/core/rxjs-interop', 'rxjs', 'rxmp', 'rxmp/federation', 'rxmp/operators']);
  });

  it('has all that Node.js has', async () => {
    const [browser, nodeJs] = await Promise.all([import('../../src/browser.js'), import('../../src/index.js')]);
    expect(Object.keys(browser).sort()).toEqual(Object.keys(nodeJs).sort());
  });

  it.each([
    ['browsers nothing that', 'browser', false],
    ['Node.js one thing that', 'node', true],
  ])('has for %s makes code of text, which content security policies forbid', async (_, condition, expected) => {
    // the bundle has the package's own name for it, which package.json maps
    expect(readFileSync(new URL('../../bundle.js', import.meta.url), 'utf8')).toContain("paths: { 'cbor-x': '#cbor-x' }");
    const builds = manifest.imports['#cbor-x'];
    const build = (condition === 'browser' ? builds?.browser : builds?.default) ?? '';
    const bundle = await rolldown({
      input: fileURLToPath(sourceOf('./dist/bundle/browser.js')),
      platform: 'neutral',
      plugins: [{ name: 'cbor-x', resolveId(id, importer) { return id === 'cbor-x' ? this.resolve(build, importer) : null; } }],
      resolve: { conditionNames: [condition, 'import', 'default'] },
      logLevel: 'silent',
    });
    const { output } = await bundle.generate({ comments: false, codeSplitting: false });
    await bundle.close();
    expect(/\bnew Function\b|[^.\w]eval\(/.test(output[0].code)).toBe(expected);
  });

  it('uses nothing of the language that is newer than ES2022', () => {
    const names = ['./dist/bundle/browser.js', './dist/bundle/operators.js', './dist/bundle/compat.js', './dist/bundle/federation.js'];
    const program = ts.createProgram(names.map((name) => fileURLToPath(sourceOf(name))), {
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      target: ts.ScriptTarget.ES2022,
      lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'],
      types: ['node'],
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
    });
    expect(ts.getPreEmitDiagnostics(program).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))).toEqual([]);
  }, 60_000);

  it('the check sees what Node.js loads', () => {
    expect([...loadedBy(sourceOf('./dist/bundle/index.js')).keys()]).toEqual(expect.arrayContaining(['node:net', 'node:tls', 'ws', 'pino']));
  });
});
