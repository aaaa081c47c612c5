import { readdirSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { clean, examplesIn, findExamples, isProgram, run, typeErrors, type DocExample } from './doc-examples.js';

const operators = findExamples('operators');
const programs = [...operators, ...findExamples('src').filter(isProgram)];

afterAll(clean);

describe('examples in doc comments', () => {
  it('every operator has one, a complete program', () => {
    const source = new URL('../../operators/index.ts', import.meta.url);
    const files = readdirSync(new URL('.', source)).filter((file) => file.endsWith('.ts'));
    const helpers = ['index.ts', 'backoff.ts', 'comings.ts', 'die-reason.ts', 'too-many-restarts.ts', 'call-queue.ts', 'dispatch-calls.ts', 'port-pool.ts', 'until-closed.ts'];
    const wanted = files.filter((file) => !helpers.includes(file)).map((file) => `operators/${file}`);
    expect(wanted.length).toBeGreaterThan(0);
    expect(operators.map(({ name }) => name.split(':')[0]).sort()).toEqual(wanted.sort());
    expect(operators.filter((example) => !isProgram(example))).toEqual([]);
    expect(operators.flatMap(promised).length).toBeGreaterThan(2);
  });

  it('have the types that they use', () => {
    // one that is wrong shows that types are checked at all
    const wrong: DocExample = { name: 'wrong', code: "import { createNode } from 'rxmp';\ncreateNode(1);\n" };
    expect(typeErrors([...programs, wrong])).toEqual([expect.stringMatching(/^wrong \+ 1: Type '1'/)]);
  }, 60_000);

  it.each(programs)('run: $name', async (example) => {
    const { code, stdout, stderr } = await run(example);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).not.toBe('');
    for (const line of promised(example)) expect(stdout).toContain(line);
  });
});

describe('the finder of examples', () => {
  it('takes fenced blocks of @example tags and nothing else', () => {
    const source = [
      '/**',
      ' * ```ts',
      ' * no example',
      ' * ```',
      ' * @example',
      ' * ```ts',
      " * import 'a';",
      ' *',
      ' *   indented();',
      ' * ```',
      ' * @returns',
      ' * ```ts',
      ' * none either',
      ' * ```',
      ' */',
      'const code = `',
      '```ts`;',
    ].join('\n');
    expect(examplesIn('x.ts', source)).toEqual([{ name: 'x.ts:7', code: "import 'a';\n\n  indented();\n" }]);
  });

  it('notices failing programs', async () => {
    const failing: DocExample = { name: 'failing', code: "import 'rxjs';\nthrow new Error('bad');\n" };
    expect(await run(failing)).toMatchObject({ code: 1, stderr: expect.stringContaining('bad') });
  });
});

/** What an example says it prints: `console.log(...); // [ 5 ]`, where that is literal output. */
function promised({ code }: DocExample): string[] {
  return [...code.matchAll(/console\.log\(.*\);?\)?;? \/\/ (\[ [^`]* \])$/gm)].flatMap(([, text]) => text ?? []);
}
