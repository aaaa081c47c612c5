import { $, _, capture, compile, exactly } from '../../../src/federation/pattern.js';
import type { Spec } from '../../../src/federation/core/spec.js';

/** What random scopes assert: few values, so that they meet. */
export const values: readonly object[] = [
  ...['a', 'b', '__proto__'].flatMap((who) => ['x', 'y'].map((text) => ({ type: 'says', who, text }))),
  ...['a', 'b'].flatMap((who) => [[1, 1], [1, 2], [2, 2]].map((pos) => ({ type: 'at', who, pos }))),
  { type: 'note', body: { n: 1, tags: [] } },
  { type: 'note', body: { n: 1, tags: ['t'] } },
  { type: 'note', body: { n: 2, tags: ['t'] } },
];

/** A message that can be told from all others by `n`. */
export const messageOf = (n: number, who: string): object => ({ type: 'says', who, text: 'x', n });

/** Patterns that overlap. */
export const patterns: readonly unknown[] = [
  { type: 'says', who: $, text: $ },
  { type: 'says', who: $ },
  { type: 'says', who: _, text: $ },
  { type: 'says', who: 'a' },
  { type: 'says', who: 'a', text: $ },
  { type: 'says', who: '__proto__', text: $ },
  { type: 'says', who: $, text: 'x' },
  { type: 'says', who: $, n: $ },
  { type: 'says', n: $ },
  { type: 'says', who: 'b', n: $ },
  { type: 'says' },
  capture({ type: 'says', text: 'y' }),
  { type: 'says', who: capture('a'), text: $ },
  { type: 'at', pos: $ },
  { type: 'at', pos: [$, $] },
  { type: 'at', pos: [1, $] },
  { type: 'at', who: $, pos: [_, $] },
  { type: 'at', pos: capture([$, 2]) },
  { type: 'note', body: $ },
  { type: 'note', body: { n: $ } },
  { type: 'note', body: exactly({ tags: [], n: 1 }) },
  { type: 'note', body: { tags: [$] } },
  { type: $, who: $ },
  $,
];

/** The same as data. */
export const specs: readonly Spec[] = patterns.map((pattern) => compile(pattern, 100).spec);

/** One text for equal things; what is compared here always has its fields in the same order. */
export const textOf = (value: unknown): string => JSON.stringify(value);

/**
 * What a spec captures of a value, written from the rules and not from the product: undefined, it does not fit. Whatever
 * is captured stands in pre-order, outer before inner, the fields of objects sorted.
 */
export function captured(spec: Spec, value: unknown): readonly unknown[] | undefined {
  const [kind, inner] = spec;
  if (kind === 'any') return [];
  if (kind === 'is') return sameData(inner, value) ? [] : undefined;
  if (kind === 'cap') {
    const rest = captured(inner, value);
    return rest && [value, ...rest];
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value) !== (kind === 'arr')) return undefined;
  if (kind === 'arr' && (value as readonly unknown[]).length !== inner.length) return undefined;
  const parts = new Map(Object.entries(value));
  const found = Object.entries<Spec>(inner as Record<string, Spec>)
    .toSorted(([a], [b]) => (kind === 'arr' ? Number(a) - Number(b) : a < b ? -1 : 1))
    .map(([key, part]) => (parts.has(key) ? captured(part, parts.get(key)) : undefined));
  return found.some((part) => part === undefined) ? undefined : found.flatMap((part) => part ?? []);
}

function sameData(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  const [left, right] = [new Map(Object.entries(a)), new Map(Object.entries(b))];
  return Array.isArray(a) === Array.isArray(b) && left.size === right.size && [...left].every(([key, part]) => right.has(key) && sameData(part, right.get(key)));
}

const projections = new Map<Spec, WeakMap<object, string | false>>(specs.map((spec) => [spec, new WeakMap()]));

/** The text of what a spec captures of a value; false: it does not fit. */
export function projection(spec: Spec, value: object): string | false {
  const known = projections.get(spec)?.get(value);
  if (known !== undefined) return known;
  const captures = captured(spec, value);
  const text = captures !== undefined && textOf(captures);
  projections.get(spec)?.set(value, text);
  return text;
}
