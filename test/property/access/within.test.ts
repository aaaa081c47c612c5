import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { told, within } from '../../../src/access/core/within.js';
import { canonical } from '../../../src/federation/core/canonical.js';
import { project, type Spec } from '../../../src/federation/core/spec.js';

/** All values of so many levels over a few atoms. */
function values(levels: number): unknown[] {
  const atoms: unknown[] = [0, 'a', null];
  if (levels === 0) return atoms;
  const inner: unknown[] = [...values(levels - 1), undefined];
  const objects = inner.flatMap((a) => inner.map((b) => Object.fromEntries([['a', a], ['b', b]].filter(([, value]) => value !== undefined))));
  const lists = [[], ...inner.slice(0, -1).map((a) => [a]), ...inner.slice(0, 3).flatMap((a) => inner.slice(0, 3).map((b) => [a, b]))];
  return [...atoms, ...objects, ...lists];
}

const all = values(2);
const small = values(1);

const { spec } = fc.letrec<{ spec: Spec }>((tie) => ({
  spec: fc.oneof(
    { depthSize: 'small', maxDepth: 3 },
    fc.constant<Spec>(['any']),
    fc.constantFrom(...small).map((value): Spec => ['is', value]),
    tie('spec').map((part): Spec => ['cap', part]),
    fc.dictionary(fc.constantFrom('a', 'b'), tie('spec'), { maxKeys: 2 }).map((fields): Spec => ['obj', fields]),
    fc.array(tie('spec'), { maxLength: 2 }).map((elements): Spec => ['arr', elements]),
  ),
}));
const fits = (pattern: Spec, value: unknown): boolean => project(pattern, value) !== undefined;

describe('G3: patterns within others, against all small values', () => {
  it('what fits a pattern fits all that it is within', () => {
    let count = 0;
    fc.assert(fc.property(spec, spec, (inner, outer) => {
      if (!within(inner, outer)) return;
      count++;
      for (const value of all) if (fits(inner, value) && !fits(outer, value)) expect.fail(`${JSON.stringify(value)} fits ${JSON.stringify(inner)} only`);
    }), { numRuns: 2_000 });
    expect(count).toBeGreaterThan(200);
  });

  it('a value is within what it fits, and a pattern within itself', () => {
    fc.assert(fc.property(spec, fc.constantFrom(...all), (pattern, value) => {
      expect(within(['is', value], pattern)).toBe(fits(pattern, value));
      if (JSON.stringify(pattern).includes('"is"')) return;
      expect(within(pattern, pattern)).toBe(true);
    }), { numRuns: 2_000 });
  });

  it('what captures tell is what fits, and has these captures', () => {
    fc.assert(fc.property(spec, fc.constantFrom(...all), (pattern, value) => {
      const captures = project(pattern, value);
      if (captures === undefined) return;
      const known = told(pattern, captures) ?? expect.fail('a value that there is');
      for (const other of all) {
        const others = project(pattern, other);
        expect(fits(known, other)).toBe(others !== undefined && canonical(others) === canonical(captures));
      }
    }), { numRuns: 100 });
  });

  it('captures that no value has tell nothing, or what no value fits', () => {
    fc.assert(fc.property(spec, fc.array(fc.constantFrom(...small), { maxLength: 4 }), (pattern, captures) => {
      const known = told(pattern, captures);
      if (known === undefined) return;
      for (const value of all) if (fits(known, value)) expect(fits(pattern, value)).toBe(true);
    }), { numRuns: 150 });
  });

  it('who lies about what is captured inside is not believed', () => {
    const pattern: Spec = ['cap', ['obj', { who: ['cap', ['any']] }]];
    expect(told(pattern, [{ who: 'ada' }, 'ada'])).toEqual(['is', { who: 'ada' }]);
    expect(told(pattern, [{ who: 'ada' }, 'bob'])).toBeUndefined();
    expect(told(pattern, [{ other: 'ada' }, 'ada'])).toBeUndefined();
    expect(told(['obj', { a: ['cap', ['is', 1]] }], [2])).toBeUndefined();
  });
});
