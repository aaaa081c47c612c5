import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import * as native from '../../../src/wire/well-formed.js';

const toWellFormed = Object.getOwnPropertyDescriptor(String.prototype, 'toWellFormed') as PropertyDescriptor;

afterEach(() => {
  Object.defineProperty(String.prototype, 'toWellFormed', toWellFormed);
  vi.resetModules();
});

/** What a browser gets that has not got the methods of ES2024. */
async function inOlderBrowsers(): Promise<typeof native> {
  vi.resetModules();
  Reflect.deleteProperty(String.prototype, 'toWellFormed');
  return import('../../../src/wire/well-formed.js');
}

const unit = fc.constantFrom('a', 'é', '\ud800', '\udbff', '\udc00', '\udfff', '😀', '\ufffd');

describe('halves of surrogate pairs', () => {
  it('are found and replaced in browsers without String.prototype.toWellFormed too', async () => {
    const older = await inOlderBrowsers();
    expect(older.isWellFormed('\ud83d')).toBe(false);
    fc.assert(fc.property(fc.array(unit).map((units) => units.join('')), (text) => {
      const expected = new TextDecoder().decode(new TextEncoder().encode(text));
      for (const { isWellFormed, wellFormedText } of [native, older]) {
        expect(wellFormedText(text)).toBe(expected);
        expect(isWellFormed(text)).toBe(text === expected);
      }
    }));
  });
});
