import { BadValue } from '../wire/errors.js';
import { stored } from '../database/core/stored.js';
import { ANY, arityOf, fieldsOf, type Captures, type Spec } from './core/spec.js';

/** What scopes hold: a union of objects that are told apart by `type`. */
export interface Tagged {
  readonly type: string;
}

/** Marks are known by this symbol, which no value from JSON can have. */
const MARK: unique symbol = Symbol('rxmp pattern');

/** Fits anything. */
export interface Discard {
  readonly [MARK]: 'any';
}
/** Captures what fits `part`. */
export interface Capture<P = Discard> {
  readonly [MARK]: 'cap';
  readonly part: P;
}
/** Fits this value and nothing else; without it, an object in a pattern fits every object with at least its fields. */
export interface Exactly<T> {
  readonly [MARK]: 'is';
  readonly value: T;
}

/** Fits anything. A field that is left out of a pattern means the same. */
export const _: Discard = Object.freeze<Discard>({ [MARK]: 'any' });

/** Captures anything: `{ type: 'says', who: $, text: $ }`. */
export const $: Capture = Object.freeze<Capture>({ [MARK]: 'cap', part: _ });

/**
 * Captures what fits a part.
 *
 * @example
 * scope.observe({ type: 'placed', at: capture({ room: 7 }) }); // captures the whole of `at`, in room 7 only
 */
export function capture<const P>(part: P): Capture<P> {
  return Object.freeze<Capture<P>>({ [MARK]: 'cap', part });
}

/** Fits this value only: `exactly({})` fits an empty object, `{}` any object. */
export function exactly<const T>(value: T): Exactly<T> {
  return Object.freeze<Exactly<T>>({ [MARK]: 'is', value });
}

type Primitive = string | number | boolean | null;

/** What may stand in a pattern for a value of type `T`. */
export type PartOf<T> =
  | Discard
  | Capture
  | Capture<PlainPartOf<T>>
  | Exactly<T>
  | PlainPartOf<T>;

type PlainPartOf<T> = T extends Primitive
  ? T
  : T extends readonly unknown[]
    ? { readonly [K in keyof T]: PartOf<T[K]> }
    : T extends object
      ? { readonly [K in keyof T]?: PartOf<T[K]> }
      : never;

/** A pattern for one of the types in the union `A`. */
export type PatternOf<A extends Tagged> = A extends Tagged
  ? { readonly type: A['type'] } & { readonly [K in Exclude<keyof A, 'type'>]?: PartOf<A[K]> }
  : never;

/** The type in `A` that a pattern is for. */
type TargetOf<A extends Tagged, P> = P extends { readonly type: infer T } ? Extract<A, { readonly type: T }> : never;

/** A pattern without fields that its type does not have. */
export type Checked<A extends Tagged, P> = {
  readonly [K in keyof P]: K extends keyof TargetOf<A, P> ? P[K] : never;
};

type HasCapture<P> = P extends Capture<unknown>
  ? true
  : P extends Primitive | Discard | Exactly<unknown>
    ? false
    : P extends object
      ? true extends { [K in keyof P]: HasCapture<P[K]> }[keyof P & (P extends readonly unknown[] ? number : keyof P)]
        ? true
        : false
      : false;

type ElementOf<T, K> = K extends keyof T ? T[K] : T extends readonly (infer E)[] ? E : never;

type ShapeOf<T, P> = P extends Capture<unknown>
  ? Exclude<T, undefined>
  : P extends readonly unknown[]
    ? { readonly [K in keyof P]: HasCapture<P[K]> extends true ? ShapeOf<ElementOf<Exclude<T, undefined>, K>, P[K]> : undefined }
    : { readonly [K in keyof P as HasCapture<P[K]> extends true ? K : never]: ShapeOf<ElementOf<Exclude<T, undefined>, K>, P[K]> };

/** What a pattern captures: its own shape, with the captured values and nothing else. */
export type CapturesOf<A extends Tagged, P> = ShapeOf<TargetOf<A, P>, P>;

/** A pattern as data, and how its captures look to users. */
export interface Compiled {
  readonly spec: Spec;
  shape(captures: Captures): unknown;
}

/**
 * A pattern whose spec has at most `depth` levels. Throws TypeError for what is no pattern: a function, a symbol, a number
 * that JSON does not have; {@link BadValue} for what nests too deep.
 */
export function compile(pattern: unknown, depth: number): Compiled {
  const spec = specOf(pattern, 'the pattern', depth);
  const shape = shapeOf(spec);
  return { spec, shape: (captures) => shape(captures, 0) };
}

type Mark = Discard | Capture<unknown> | Exactly<unknown>;

const isMark = (value: unknown): value is Mark => typeof value === 'object' && value !== null && Object.hasOwn(value, MARK);

function specOf(part: unknown, where: string, depth: number): Spec {
  // a list of elements or fields stands inside the spec that it belongs to
  const levels = typeof part === 'object' && part !== null && !isMark(part) ? 2 : 1;
  if (depth < levels) throw new BadValue('a pattern nests too deep: see limits.messageDepth');
  const inside = depth - levels;
  if (isMark(part)) {
    if (part[MARK] === 'cap') return ['cap', specOf(part.part, where, inside)];
    return part[MARK] === 'any' ? ANY : ['is', stored(part.value, inside)];
  }
  if (Array.isArray(part)) return ['arr', part.map((element: unknown, i) => specOf(element, `${where}[${i}]`, inside))];
  if (typeof part === 'object' && part !== null) {
    const fields = Object.entries(part)
      .filter(([, field]) => field !== undefined)
      .map(([key, field]) => [key, specOf(field, `${where}.${key}`, inside)] as const);
    return ['obj', Object.fromEntries(fields.filter(([, field]) => field[0] !== 'any'))];
  }
  if (part === null || typeof part === 'string' || typeof part === 'boolean' || (typeof part === 'number' && Number.isFinite(part))) return ['is', part];
  throw new TypeError(`${where} is a ${typeof part}: expected a value as JSON has them, _, $, capture(...) or exactly(...)`);
}

/** Makes of captures, from one on, what users see. */
type Shape = (captures: Captures, from: number) => unknown;

function shapeOf(spec: Spec): Shape {
  switch (spec[0]) {
    case 'cap':
      return (captures, from) => captures[from];
    case 'obj': {
      const parts = shapesOf(fieldsOf(spec[1]));
      return (captures, from) => Object.freeze(Object.fromEntries(parts.map(([key, at, shape]) => [key, shape?.(captures, from + at)])));
    }
    case 'arr': {
      const parts = shapesOf([...spec[1].entries()], true);
      return (captures, from) => Object.freeze(parts.map(([, at, shape]) => shape?.(captures, from + at)));
    }
    default:
      return () => undefined;
  }
}

/** Parts that capture something, with where their captures begin; of the others, if they are wanted, only the keys. */
function shapesOf<K>(parts: readonly (readonly [K, Spec])[], all = false): readonly (readonly [K, number, Shape | undefined])[] {
  let at = 0;
  const shapes = parts.map(([key, part]) => {
    const begin = at;
    at += arityOf(part);
    return [key, begin, at > begin ? shapeOf(part) : undefined] as const;
  });
  return all ? shapes : shapes.filter(([, , shape]) => shape !== undefined);
}
