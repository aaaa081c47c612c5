import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createNode } from '../../../src/index.js';
import { defaultLimits, limitsWith, type Limits } from '../../../src/env/limits.js';

const names = Object.keys(defaultLimits) as (keyof Limits)[];
const table = readFileSync(new URL('../../../docs/limits.md', import.meta.url), 'utf8');
const tests = readdirSync(new URL('.', import.meta.url))
  .filter((file) => file.endsWith('.test.ts'))
  .map((file) => readFileSync(new URL(file, import.meta.url), 'utf8'))
  .join('\n');

describe('every limit', () => {
  it.each(names)('%s: has a row in docs/limits.md, with its default, its unit and what happens beyond it', (name) => {
    const rows = table.split('\n').filter((row) => row.startsWith(`| \`${name}\` |`));
    expect(rows).toHaveLength(1);
    const [, , value, ...cells] = rows[0]?.split('|').map((cell) => cell.trim()) ?? [];
    expect(value).toBe(String(defaultLimits[name]));
    expect(cells.slice(0, 3).every((cell) => cell.length > 1)).toBe(true);
  });

  it.each(names)('%s: has a test of its own in this folder', (name) => {
    // in a title, or in the list of cases of one
    expect(tests).toMatch(new RegExp(`['; ]${name}: |\\['${name}', [{'\\d]|BOTH\\('${name}', `));
  });

  it.each(names)('%s: has to be an integer above 0', (name) => {
    for (const value of [0, -1, 1.5, NaN, Infinity, '5', null, 2 ** 53]) {
      expect(() => limitsWith({ [name]: value })).toThrow(RangeError);
      expect(() => limitsWith({ [name]: value })).toThrow(`limits.${name} is ${typeof value === 'string' ? '"5"' : String(value)}: expected an integer above 0`);
    }
    expect(limitsWith({ [name]: 1 })).toEqual({ ...defaultLimits, [name]: 1 });
    expect(limitsWith({ [name]: undefined })).toEqual(defaultLimits);
  });
});

describe('limits of a node', () => {
  it('that are unknown are errors that name the known ones', async () => {
    for (const name of ['messageSiz', '__proto__', 'constructor', 'toString']) {
      const limits = JSON.parse(`{"${name}":1}`) as Partial<Limits>;
      await expect(createNode({ limits })).rejects.toThrow(`the limit "${name}" is unknown: expected ${names.join(', ')}`);
    }
  });

  it('that are no numbers are errors', async () => {
    await expect(createNode({ limits: { messageSize: 0 } })).rejects.toThrow('limits.messageSize is 0: expected an integer above 0');
  });
});
