import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { deviations } from './deviations.js';

const here = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

describe('docs/aemp-compatibility.md', () => {
  const rows = here('../../docs/aemp-compatibility.md')
    .split('\n')
    .filter((line) => line.startsWith('| `'));

  it('lists the deviations that the tests expect, in the same words, and no others', () => {
    const expected = Object.entries(deviations).map(([id, { perl, rxmp, why }]) => `| \`${id}\` | ${perl} | ${rxmp} | ${why} |`);
    expect([...rows].sort()).toStrictEqual(expected.sort());
  });

  it('lists nothing that no test shows', () => {
    const tests = readdirSync(new URL('.', import.meta.url))
      .filter((name) => name.endsWith('.test.ts'))
      .map((name) => here(name))
      .join('\n');
    expect(Object.keys(deviations).filter((id) => !tests.includes(id))).toStrictEqual([]);
  });
});
