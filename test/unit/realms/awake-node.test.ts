// @vitest-environment node
import { expect, it } from 'vitest';
import { awake$ } from '../../../src/browser-awake.js';

it('V12: where there are no events of a page, nothing is listened to, and nothing fails', () => {
  const seen: unknown[] = [];
  awake$.subscribe({ next: (event) => seen.push(event), error: (error: unknown) => seen.push(error) });
  expect(seen).toEqual([]);
});
