import { canonical } from './canonical.js';
import { isOctets } from '../../wire/octets.js';

/**
 * What a pattern says, as data. Every part is tagged, so that no value can be taken for a mark. It is what travels over
 * links, and its text is its identity: two observers with equal specs share one subscription.
 */
export type Spec =
  /** Anything, not captured. */
  | readonly ['any']
  /** Captures what fits the part. */
  | readonly ['cap', Spec]
  /** Exactly this value. */
  | readonly ['is', unknown]
  /** An object with at least these fields. */
  | readonly ['obj', Readonly<Record<string, Spec>>]
  /** A list of so many elements. */
  | readonly ['arr', readonly Spec[]];

/** What a spec captures of a value: in pre-order, outer before inner, the fields of objects in the order of their keys. */
export type Captures = readonly unknown[];

/** The identity of a spec. */
export const keyOf = (spec: Spec): string => canonical(spec);

type Fields = readonly (readonly [key: string, field: Spec])[];

/** Sorted once: every match needs them. */
const sorted = new WeakMap<Readonly<Record<string, Spec>>, Fields>();

/** The fields of a spec for objects, in the order in which they capture. */
export function fieldsOf(fields: Readonly<Record<string, Spec>>): Fields {
  const known = sorted.get(fields);
  if (known !== undefined) return known;
  const made = Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1));
  sorted.set(fields, made);
  return made;
}

/** How many values a spec captures. */
export function arityOf(spec: Spec): number {
  switch (spec[0]) {
    case 'cap':
      return 1 + arityOf(spec[1]);
    case 'obj':
      return Object.values(spec[1]).reduce((sum, field) => sum + arityOf(field), 0);
    case 'arr':
      return spec[1].reduce((sum, element) => sum + arityOf(element), 0);
    default:
      return 0;
  }
}

/** What a spec captures of a value; undefined: it does not fit. */
export function project(spec: Spec, value: unknown): Captures | undefined {
  const captures: unknown[] = [];
  return match(spec, value, captures) ? captures : undefined;
}

function match(spec: Spec, value: unknown, captures: unknown[]): boolean {
  switch (spec[0]) {
    case 'any':
      return true;
    case 'cap':
      captures.push(value);
      return match(spec[1], value, captures);
    case 'is':
      return typeof spec[1] === 'object' ? canonical(spec[1]) === canonical(value) : spec[1] === value;
    case 'obj':
      return isRecord(value) && fieldsOf(spec[1]).every(([key, field]) => Object.hasOwn(value, key) && match(field, value[key], captures));
    case 'arr':
      return Array.isArray(value) && value.length === spec[1].length && spec[1].every((element, i) => match(element, value[i], captures));
  }
}

/** Whether some value may fit both specs. */
export function overlaps(a: Spec, b: Spec): boolean {
  if (a[0] === 'any' || b[0] === 'any') return true;
  if (a[0] === 'cap') return overlaps(a[1], b);
  if (b[0] === 'cap') return overlaps(a, b[1]);
  if (a[0] === 'is') return project(b, a[1]) !== undefined;
  if (b[0] === 'is') return project(a, b[1]) !== undefined;
  if (a[0] === 'obj' && b[0] === 'obj') {
    const other = b[1];
    return Object.entries(a[1]).every(([key, field]) => {
      const counterpart = Object.hasOwn(other, key) ? other[key] : undefined;
      return counterpart === undefined || overlaps(field, counterpart);
    });
  }
  if (a[0] !== 'arr' || b[0] !== 'arr') return false;
  const elements = b[1];
  return a[1].length === elements.length && a[1].every((element, i) => overlaps(element, elements[i] ?? ANY));
}

export const ANY: Spec = ['any'];

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(isOctets(value));
}
