import type { Observable } from 'rxjs';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { Guard } from '../../src/index.js';
import { $, _, capture, current, during, exactly, messages, type Scope, type ScopeEvent } from '../../src/federation/index.js';

type Fact =
  | { readonly type: 'says'; readonly who: string; readonly text: string; readonly lang?: 'en' | 'de' }
  | { readonly type: 'placed'; readonly who: string; readonly at: { readonly room: number; readonly spot: readonly [x: number, y: number] } }
  | { readonly type: 'tagged'; readonly tags: readonly string[]; readonly by: string | null };

// only types are looked at: nothing here runs
declare const scope: Scope<Fact>;
declare function keysOf<C>(events$: Observable<ScopeEvent<C>>): keyof C;

/** Type tests are for the compiler. */
const check = (name: string, code: () => void): void => {
  it(name, () => {
    expect(code).toBeTypeOf('function');
  });
};

describe('captures are known from the pattern', () => {
  check('flat: what is captured, and nothing else', () => {
    expectTypeOf(scope.observe({ type: 'says', who: 'a', text: $ })).toEqualTypeOf<Observable<ScopeEvent<{ readonly text: string }>>>();
    expectTypeOf(scope.observe({ type: 'says', who: $, text: $ })).toEqualTypeOf<Observable<ScopeEvent<{ readonly who: string; readonly text: string }>>>();
    expectTypeOf(scope.observe({ type: 'tagged', by: $ })).toEqualTypeOf<Observable<ScopeEvent<{ readonly by: string | null }>>>();
  });
  check('without captures there is nothing', () => {
    expectTypeOf(keysOf(scope.observe({ type: 'says', who: _ }))).toEqualTypeOf<never>();
    expectTypeOf(keysOf(scope.observe({ type: 'says', who: $ }))).toEqualTypeOf<'who'>();
  });
  check('optional fields: they are there where they are captured', () => {
    expectTypeOf(scope.observe({ type: 'says', lang: $ })).toEqualTypeOf<Observable<ScopeEvent<{ readonly lang: 'en' | 'de' }>>>();
  });
  check('nested', () => {
    expectTypeOf(scope.observe({ type: 'placed', at: { room: $ } })).toEqualTypeOf<Observable<ScopeEvent<{ readonly at: { readonly room: number } }>>>();
    expectTypeOf(scope.observe({ type: 'placed', who: $, at: { room: 7 } })).toEqualTypeOf<Observable<ScopeEvent<{ readonly who: string }>>>();
  });
  check('lists', () => {
    const spots = scope.observe({ type: 'placed', at: { spot: [1, $] } });
    expectTypeOf(spots).toEqualTypeOf<Observable<ScopeEvent<{ readonly at: { readonly spot: readonly [undefined, number] } }>>>();
    expectTypeOf(scope.observe({ type: 'tagged', tags: ['a', $] })).toEqualTypeOf<Observable<ScopeEvent<{ readonly tags: readonly [undefined, string] }>>>();
    expectTypeOf(scope.observe({ type: 'tagged', tags: $ })).toEqualTypeOf<Observable<ScopeEvent<{ readonly tags: readonly string[] }>>>();
  });
  check('capture(part) captures the whole of what fits', () => {
    const places = scope.observe({ type: 'placed', at: capture({ room: 7 }) });
    expectTypeOf(places).toEqualTypeOf<Observable<ScopeEvent<{ readonly at: { readonly room: number; readonly spot: readonly [x: number, y: number] } }>>>();
  });
  check('exactly(value) captures nothing', () => {
    expectTypeOf(scope.observe({ type: 'tagged', tags: exactly(['a']), by: $ })).toEqualTypeOf<Observable<ScopeEvent<{ readonly by: string | null }>>>();
  });
  check('turns and operators keep them', () => {
    expectTypeOf(scope.turns({ type: 'says', text: $ })).toEqualTypeOf<Observable<readonly ScopeEvent<{ readonly text: string }>[]>>();
    expectTypeOf(scope.turns({ type: 'says', text: $ }).pipe(current())).toEqualTypeOf<Observable<readonly { readonly text: string }[]>>();
    expectTypeOf(scope.observe({ type: 'says', text: $ }).pipe(current())).toEqualTypeOf<Observable<readonly { readonly text: string }[]>>();
    expectTypeOf(scope.observe({ type: 'says', text: $ }).pipe(messages())).toEqualTypeOf<Observable<{ readonly text: string }>>();
    expectTypeOf(scope.observe({ type: 'says', text: $ }).pipe(during(({ text }) => [text.length]))).toEqualTypeOf<Observable<number>>();
  });
});

describe('what is no pattern of the union does not compile', () => {
  check('types', () => {
    // @ts-expect-error there is no such type
    void scope.observe({ type: 'sings', who: $ });
    // @ts-expect-error the type is missing
    void scope.observe({ who: $ });
    // @ts-expect-error interest takes the same patterns
    void scope.interest({ type: 'sings' });
  });
  check('fields', () => {
    // @ts-expect-error a text has no colour
    void scope.observe({ type: 'says', colour: $ });
    // @ts-expect-error that field is of another type
    void scope.observe({ type: 'says', at: $ });
    // @ts-expect-error turns take the same patterns
    void scope.turns({ type: 'tagged', who: $ });
  });
  check('constants', () => {
    // @ts-expect-error a name is a text
    void scope.observe({ type: 'says', who: 1, text: $ });
    // @ts-expect-error there is no such language
    void scope.observe({ type: 'says', lang: 'fr' });
    // @ts-expect-error a room is a number
    void scope.observe({ type: 'placed', at: { room: 'seven' } });
    // @ts-expect-error tags are texts
    void scope.observe({ type: 'tagged', tags: [1, $] });
    // @ts-expect-error a room is a number, also inside what is captured
    void scope.observe({ type: 'placed', at: capture({ room: 'seven' }) });
    // @ts-expect-error and in exact values
    void scope.observe({ type: 'tagged', tags: exactly([1]) });
  });
});

describe('values', () => {
  check('are of the union', () => {
    expectTypeOf(scope.assert({ type: 'says', who: 'a', text: 'x' })).toEqualTypeOf<Guard>();
    expectTypeOf(scope.asserting({ type: 'tagged', tags: [], by: null })).toEqualTypeOf<Observable<never>>();
    // @ts-expect-error the text is missing
    scope.assert({ type: 'says', who: 'a' });
    // @ts-expect-error no such type
    scope.send({ type: 'sings' });
    // @ts-expect-error a pattern is no value
    scope.assert({ type: 'says', who: 'a', text: $ });
  });
});
