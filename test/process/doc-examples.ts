import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** A program in a doc comment. */
export interface DocExample {
  /** The file and the line of its first line. */
  readonly name: string;
  readonly code: string;
}

const ROOT = new URL('../../', import.meta.url).pathname;
/**
 * Inside the package, where `rxmp` names the package itself; folders under `node_modules` are outside of it. Each test file has its
 * own, since another one may be cleaning up.
 */
const OUTPUT = join(ROOT, `dist/test/doc-examples-${randomUUID()}`);

/** Every fenced `ts` block under an `@example` tag in the TypeScript files of a folder. */
export function findExamples(folder: string): DocExample[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .sort()
    .flatMap((file) => examplesIn(join(folder, file), readFileSync(join(ROOT, folder, file), 'utf8')));
}

/** The examples in one source text. */
export function examplesIn(file: string, source: string): DocExample[] {
  const examples: DocExample[] = [];
  let inExample = false;
  let code: string[] | undefined;
  let begin = 0;
  for (const [index, line] of source.split('\n').entries()) {
    const text = /^\s*\* ?(?!\/)(.*)$/.exec(line)?.[1];
    if (text === undefined) {
      inExample = false;
      code = undefined;
    } else if (code !== undefined && text.startsWith('```')) {
      examples.push({ name: `${file}:${begin}`, code: `${code.join('\n')}\n` });
      code = undefined;
    } else if (code !== undefined) {
      code.push(text);
    } else if (text.startsWith('@')) {
      inExample = text.startsWith('@example');
    } else if (inExample && /^```ts\b/.test(text)) {
      code = [];
      begin = index + 2;
    }
  }
  return examples;
}

/** A complete program begins with an import. */
export const isProgram = ({ code }: DocExample): boolean => code.startsWith('import ');

/** What is wrong with the types of the examples, against the package as it was built; one line each. Those whose names end with `.tsx` may have JSX. */
export function typeErrors(examples: readonly DocExample[], others: Readonly<Record<string, unknown>> = {}): string[] {
  const names = new Map(examples.map((example) => [write(example, example.name.endsWith('.tsx') ? '.tsx' : '.mts', example.code), example.name]));
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), (path) => ts.sys.readFile(path)) as {
    config: { compilerOptions: Record<string, unknown> };
  };
  const { paths: _, ...compilerOptions } = config.compilerOptions;
  const { options } = ts.convertCompilerOptionsFromJson({ ...compilerOptions, noEmit: true, noUnusedLocals: false, ...others }, ROOT);
  const program = ts.createProgram([...names.keys()], options);
  return ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
    const { line } = file?.getLineAndCharacterOfPosition(start ?? 0) ?? { line: 0 };
    const place = `${names.get(file?.fileName ?? '') ?? file?.fileName ?? ''} + ${line}`;
    return `${place}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
  });
}

/** How a program ended. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs an example with Node.js, as a user would who has copied it. */
export function run(example: DocExample): Promise<Outcome> {
  const { outputText } = ts.transpileModule(example.code, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  });
  const path = write(example, '.mjs', outputText);
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [path], { cwd: ROOT, timeout: 15_000, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

export function clean(): void {
  rmSync(OUTPUT, { recursive: true, force: true });
}

function write({ name }: DocExample, suffix: string, text: string): string {
  mkdirSync(OUTPUT, { recursive: true });
  const path = join(OUTPUT, name.replace(/[^A-Za-z0-9-]+/g, '_') + suffix);
  writeFileSync(path, text);
  return path;
}
