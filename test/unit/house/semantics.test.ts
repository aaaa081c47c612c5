import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = new URL('../../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');
const filesIn = (folder: string, ending: string): readonly string[] =>
  readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => `${folder}/${name}`);

const document = read('docs/semantics.md');
const links = [...document.matchAll(/^- \[(.+)\]\((.+)\)$/gm)].map(([, title = '', path = '']) => ({ title, path }));
/** From the number of each rule to the next: what is said of it. */
const rules = new Map(document.split(/^(?=\*\*[SD]\d+\*\*)/m).slice(1).map((text) => [/[SD]\d+/.exec(text)?.[0] ?? '', text]));
/** How many rules of each letter there were once: a rule is never taken away. */
const LEAST = { S: 30, D: 9 } as const;
const numbersOf = (letter: 'S' | 'D'): readonly string[] => {
  const length = Math.max(LEAST[letter], ...[...rules.keys()].filter((rule) => rule.startsWith(letter)).map((rule) => Number(rule.slice(1))));
  return Array.from({ length }, (_, i) => `${letter}${i + 1}`);
};
const numbers = [...numbersOf('S'), ...numbersOf('D')];

interface Title {
  readonly kind: 'describe' | 'it';
  readonly text: string;
}

/** The titles in a test file, in their order. */
function titlesIn(source: string): readonly Title[] {
  const calls = /^\s*(describe|it|step)(?:\.each\((?:.*|\[[\s\S]*?\n\s*\])\))?\(\s*(['`])(.+?)\2,/gm;
  return [...source.matchAll(calls)].map(([, kind, , text = '']) => ({ kind: kind === 'describe' ? 'describe' : 'it', text }));
}

const isRule = /\b[SD]\d+\b/;
const marbles = filesIn('marbles', '.marbles.ts');
const tests = [...marbles, ...filesIn('test', '.test.ts')];

describe('docs/semantics.md', () => {
  it('has every rule once, in order, with a link at least', () => {
    expect([...rules.keys()]).toEqual(numbers);
    for (const [number, text] of rules) expect(text.includes('\n- ['), number).toBe(true);
  });

  it.each(links)('links to a test that is there: $title', ({ title, path }) => {
    const file = fileURLToPath(new URL(path, new URL('docs/', root))).slice(fileURLToPath(root).length);
    expect(titlesIn(read(file)).map(({ text }) => text)).toContain(title);
  });

  it('has all rules that tests cite', () => {
    const cited = tests.flatMap((file) => titlesIn(read(file)).flatMap(({ text }) => text.match(/\b[SD]\d+\b/g) ?? []));
    expect(cited.length).toBeGreaterThan(numbers.length);
    expect([...new Set(cited)].filter((number) => !rules.has(number))).toEqual([]);
  });
});

describe('marbles', () => {
  it.each(marbles.filter((file) => !file.startsWith('marbles/operators/')))('%s: every test cites its rule, or stands under one', (file) => {
    let above = '';
    const titles = titlesIn(read(file));
    expect(titles.length).toBeGreaterThan(1);
    for (const { kind, text } of titles) {
      if (kind === 'describe') above = text;
      else expect(`${above} > ${text}`).toMatch(isRule);
    }
  });
});
