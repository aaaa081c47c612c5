// @vitest-environment node
import { expect, it } from 'vitest';
import { life$ } from '../../../src/browser-life.js';

it('A3: where there are no events of a page, nothing is listened to, and nothing fails', () => {
  const seen: unknown[] = [];
  life$.subscribe({ next: (event) => seen.push(event), error: (error: unknown) => seen.push(error) });
  expect(seen).toEqual([]);
});
