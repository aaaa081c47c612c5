import ts from 'typescript';
import { afterEach, describe, expect, it } from 'vitest';
import { createChooser } from './choose.js';
import { findMutants } from './find.js';
import { describeMutant } from './mutant.js';
import { SWITCH, withMutants } from './schemata.js';
import { describeScores } from './score.js';

const changes = (source: string): readonly string[] =>
  findMutants('src/a/b.ts', source, 1).map(({ operator, before, text }) => `${operator}: ${before} -> ${text === '' ? 'nothing' : text}`);

describe('mutants of a source', () => {
  it.each([
    ['if (a) b = 1;', ['negation: a -> !(a)', 'removal: b = 1; -> nothing', 'number: 1 -> 2']],
    ['if (!a) b();', ['negation: !a -> a', 'removal: b(); -> nothing']],
    ['const a = b < c;', ['negation: b < c -> b >= c', 'boundary: b < c -> b <= c']],
    ['const a = b === c && d;', ['logic: b === c && d -> (b === c) || (d)', 'equality: b === c -> (b) !== (c)']],
    ['const a = b + c * d;', ['arithmetic: b + c * d -> (b) - (c * d)', 'arithmetic: c * d -> (c) / (d)']],
    ['const a = b ?? true;', ['default: b ?? true -> b', 'default: b ?? true -> true', 'boolean: true -> false']],
    ['const a = b?.c?.(d).e;', ['chain: b?.c?.(d).e -> b?.c(d).e', 'chain: b?.c?.(d).e -> b.c?.(d).e']],
    ['delete a.b;', ['removal: delete a.b; -> nothing']],
    ['const f = (a: number): boolean => a > 0n;', ['negation: a > 0n -> a <= 0n', 'boundary: a > 0n -> a >= 0n', 'return: a > 0n -> true', 'return: a > 0n -> false', 'number: 0n -> 1n']],
    ['const f = () => map.delete(key);', ['return: map.delete(key) -> undefined']],
    ['function f() { a++; return a; }', ['removal: a++; -> nothing', 'arithmetic: a++ -> a--', 'return: a -> undefined']],
  ])('%s', (source, expected) => {
    expect([...changes(source)].sort()).toEqual([...expected].sort());
  });

  it.each([
    "const a = 'b' + c;",
    'const a = `${b + 1} of them`;',
    "log.warn({ a: 1 }, 'text');",
    "throw new Error(a ? 'b' : 'c');",
    'type A = 1 | 2;',
    'interface A { b: 1 }',
    "import { a } from './a.js';",
    'class A extends B { constructor() { super(); } }',
  ])('none in what is only said, or is a type: %s', (source) => {
    expect(changes(source)).toEqual([]);
  });

  it('are told by file, line and change', () => {
    const [mutant] = findMutants('src/a/b.ts', '\n\na = 1;\n', 1);
    expect(mutant && describeMutant(mutant)).toBe('src/a/b.ts:3 removal: a = 1; -> (nothing)');
  });
});

describe('a source with its mutants', () => {
  afterEach(() => { Reflect.deleteProperty(globalThis, SWITCH); });
  const source = `
    let calls = 0;
    const note = () => { calls++; return true; };
    function f(a, b) {
      if (a) note(); else calls = 10;
      for (let i = 0; i < 3; i++) if (b?.x.y === i || !a) note();
      return calls + (b?.x.y ?? 5) * 2;
    }
    const result = [f(true, { x: { y: 1 } }), f(false, undefined), calls];`;

  it('is the same program without one, and another with each', () => {
    const mutants = findMutants('a.ts', source, 1);
    const code = ts.transpileModule(withMutants(source, mutants), { compilerOptions: { target: ts.ScriptTarget.ES2022 } }).outputText;
    const run = (active: number): string => {
      Reflect.set(globalThis, SWITCH, (id: number) => id === active);
      try {
        return JSON.stringify((0, eval)(`(() => { ${code}; return result; })()`));
      } catch (error) {
        return String(error);
      }
    };
    expect(mutants.length).toBeGreaterThan(20);
    const original = run(0);
    expect(original).toBe('[4,23,13]');
    const same = mutants.filter(({ id, operator, text }) => operator !== 'number' && !text.endsWith('--') && run(id) === original).map(describeMutant);
    // nobody looks at what note() returns
    expect(same).toEqual(['a.ts:3 boolean: true -> false']);
  });
});

describe('the tests for a mutant', () => {
  const test = (ms: number, reaches: readonly number[], passed = true) => ({ name: 'x', passed, ms, reaches });
  const coverage = [
    { file: 'slow', loads: [], tests: [test(5_000, [1]), test(10, [1, 2])] },
    { file: 'fast', loads: [3], tests: [test(1, [1]), test(1, []), test(2, [1], false)] },
  ];
  const choose = (mutant: number, budget = 10_000) => createChooser(coverage, budget)(mutant).map(({ file, tests }) => [file, tests]);

  it('are those that reach it and pass without it, the quick ones first', () => {
    expect(choose(1)).toEqual([['fast', [0]], ['slow', [1, 0]]]);
    expect(choose(2)).toEqual([['slow', [1]]]);
    expect(choose(4)).toEqual([]);
  });

  it('are all of a file that runs it when it is loaded', () => {
    expect(choose(3)).toEqual([['fast', [0, 1]]]);
  });

  it('are no more than there is time for, but one at least', () => {
    expect(choose(1, 100)).toEqual([['fast', [0]], ['slow', [1]]].slice(0, 2));
    expect(choose(2, 1)).toEqual([['slow', [1]]]);
  });
});

describe('scores', () => {
  it('count what has survived, and what no test reaches, against what was killed', () => {
    const mutants = findMutants('src/wire/a.ts', 'a = b + c; d();', 1);
    const status = ['killed', 'survived', 'timed out', 'not covered'] as const;
    const results = mutants.map((mutant, i) => ({ mutant, status: status[i % 4] ?? 'killed' }));
    expect(describeScores(results, mutants)).toContain('| `src/wire` | 3 | 3 | 2 | 1 | 66.7 % |');
  });
});
