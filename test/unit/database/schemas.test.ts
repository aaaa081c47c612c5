import type { StandardSchemaV1 } from '@standard-schema/spec';
import { describe, expect, it } from 'vitest';
import { createValueCheck } from '../../../src/database/schemas.js';
import { BadValue } from '../../../src/wire/errors.js';

const schema = (validate: StandardSchemaV1['~standard']['validate']): StandardSchemaV1 => ({ '~standard': { version: 1, vendor: 'test', validate } });

function make() {
  const logged: unknown[] = [];
  const log = (level: string) => (details: object, text: string) => { logged.push([level, details, text]); };
  const check = createValueCheck(
    {
      sizes: schema((value) => {
        const size = Number((value as { readonly size?: unknown }).size);
        return size > 0 ? { value: { size } } : { issues: [{ message: 'too small', path: ['size'] }] };
      }),
      broken: schema(() => { throw new Error('broken'); }),
    },
    { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
  );
  return { check, logged };
}

describe('values of a family with a schema', () => {
  it('are refused where they are set, with what is wrong, when they do not fit', () => {
    const { check, logged } = make();
    check.own('sizes', 'k', { size: '5' });
    expect(() => { check.own('sizes', 'k "', { size: 0 }); }).toThrow(BadValue);
    expect(() => { check.own('sizes', 'k "', { size: 0 }); }).toThrow(/^sizes → "k \\"": .*too small/);
    expect(() => { check.own('broken', 'k', 1); }).toThrow(BadValue);
    expect(logged).toEqual([]);
  });

  it('are shown as the schema makes them, or hidden, and logged', () => {
    const { check, logged } = make();
    const entries = new Map<string, unknown>([['a', { size: '5', more: 1 }], ['b', { size: 0 }], ['c', { size: 1 }]]);
    expect(check.others('sizes', entries)).toEqual(new Map([['a', { size: 5 }], ['c', { size: 1 }]]));
    expect(logged).toEqual([['warn', { family: 'sizes', key: 'b', issues: [expect.stringContaining('size')] }, expect.stringMatching(/^hid a value of sizes that does not fit: .*size/)]]);
    expect(entries.size).toBe(3);
  });

  it('are hidden, and that is an error, when the schema is broken', () => {
    const { check, logged } = make();
    expect(check.others('broken', new Map([['a', 1]]))).toEqual(new Map());
    expect(logged).toEqual([['error', { family: 'broken', key: 'a', issues: [expect.stringContaining('broken')] }, expect.stringContaining('hid a value of broken')]]);
  });

  it('and those of others are what they are', () => {
    const { check, logged } = make();
    const entries = new Map<string, unknown>([['a', Symbol.iterator]]);
    for (const family of ['fam', 'toString', '__proto__']) {
      check.own(family, 'k', 'anything');
      expect(check.others(family, entries)).toBe(entries);
      expect(check.has(family)).toBe(false);
    }
    expect([check.has('sizes'), check.has('broken'), logged]).toEqual([true, true, []]);
  });
});
