import { describe, expect, it, vi } from 'vitest';
import { config, Subject, take, takeUntil } from 'rxjs';
import { _, $, capture, exactly } from '../../../src/federation/pattern.js';
import { current, during, messages } from '../../../src/federation/operators.js';
import type { ScopeEvent } from '../../../src/federation/scope-types.js';
import { createScope } from '../../../src/federation/scope.js';
import { BadValue } from '../../../src/wire/errors.js';
import { watch, type Fact } from './network.js';

const says = (who: string, text: string): Fact => ({ type: 'says', who, text });
const note = (about: unknown): Fact => ({ type: 'note', about });
const texts = { type: 'says', who: _, text: $ } as const;
const start = () => createScope<Fact>('scope');

describe('what a scope of its own does', () => {
  it('late observers are given what is there, at once and before subscribe returns', () => {
    const scope = start();
    scope.assert(says('a', 'x'));
    scope.assert(says('b', 'x'));
    scope.assert(says('b', 'y'));
    expect(watch(scope.observe(texts)).seen()).toEqual(['add x', 'add y']);
  });

  it('also inside a callback, and inside a transaction', () => {
    const scope = start();
    scope.assert(says('a', 'x'));
    const log: string[][] = [];
    scope.observe({ type: 'note', about: $ }).subscribe(() => { log.push(watch(scope.observe(texts)).seen()); });
    scope.assert(note(1));
    scope.transact(() => {
      scope.assert(says('a', 'y'));
      log.push(watch(scope.observe(texts)).seen());
    });
    expect(log).toEqual([['add x'], ['add x', 'add y']]);
  });

  it('assertions are a bag: what is asserted twice has to be taken back twice', () => {
    const scope = start();
    const seen = watch(scope.observe(texts));
    const [first, second] = [scope.assert(says('a', 'x')), scope.assert({ text: 'x', who: 'a', type: 'says' })];
    first.unsubscribe();
    first.unsubscribe();
    expect(seen.seen()).toEqual(['add x']);
    second.unsubscribe();
    expect(seen.seen()).toEqual(['del x']);
  });

  it('a guard takes its assertion back at the end of its block', () => {
    const scope = start();
    const seen = watch(scope.observe(texts));
    {
      using held = scope.assert(says('a', 'x'));
      expect(held.closed).toBe(false);
    }
    expect(seen.seen()).toEqual(['add x', 'del x']);
  });

  it('runs to completion: what callbacks do is seen after it, by all in the same order', () => {
    const scope = start();
    const order: string[] = [];
    const see = (name: string) => ({ kind, captures }: ScopeEvent<{ readonly text: string }>): void => void order.push(`${name} ${kind} ${captures.text}`);
    scope.observe(texts).subscribe(({ kind, captures: { text } }) => {
      order.push(`first ${kind} ${text}`);
      if (text !== 'x' || kind !== 'add') return;
      scope.assert(says('a', 'y'));
      scope.send(says('a', 'z'));
      scope.observe({ type: 'says', who: 'a', text: $ }).pipe(take(1)).subscribe(see('inner'));
      order.push('first is done');
    });
    scope.observe(texts).subscribe(see('second'));
    const held = scope.assert(says('a', 'x'));
    held.unsubscribe();
    expect(order).toEqual([
      ...['first add x', 'inner add x', 'first is done', 'second add x'],
      ...['first add y', 'second add y', 'first msg z', 'second msg z', 'first del x', 'second del x'],
    ]);
  });

  it('an observer that unsubscribes another one inside a callback is the last to see the event', () => {
    const scope = start();
    const second: string[] = [];
    scope.observe(texts).subscribe(() => { subscription.unsubscribe(); });
    const subscription = scope.observe(texts).subscribe(({ captures }) => second.push(captures.text));
    scope.assert(says('a', 'x'));
    expect(second).toEqual([]);
  });

  it('an observer that throws disturbs nobody', () => {
    const scope = start();
    const thrown: unknown[] = [];
    config.onUnhandledError = (error) => void thrown.push(error);
    vi.useFakeTimers();
    try {
      scope.observe(texts).subscribe(() => { throw new Error('on purpose'); });
      const seen = watch(scope.observe(texts));
      const held = scope.assert(says('a', 'x'));
      held.unsubscribe();
      vi.runAllTimers();
      expect(seen.seen()).toEqual(['add x', 'del x']);
      expect(thrown).toHaveLength(2);
    } finally {
      vi.useRealTimers();
      config.onUnhandledError = null;
    }
  });

  it('one subscription for equal patterns, whatever the order of their fields', () => {
    const scope = start();
    const subscriptions = [scope.observe({ type: 'says', who: 'a', text: $ }), scope.observe({ text: $, type: 'says', who: 'a' })].map((one) => one.subscribe());
    scope.observe({ type: 'says', who: $, text: 'a' }).subscribe().unsubscribe();
    expect(scope.inspect().subscriptions).toMatchObject([{ holders: [0], subscribedAt: [], matches: [] }]);
    for (const one of subscriptions) one.unsubscribe();
    expect(scope.inspect().subscriptions).toEqual([]);
  });

  it('a match that goes because of what an observer does is told after it has come', () => {
    const scope = start();
    let held = scope.assert(says('a', 'x'));
    scope.interest({ type: 'says' }).subscribe((isWanted) => { if (isWanted) held.unsubscribe(); });
    const seen = watch(scope.observe(texts));
    expect(seen.seen()).toEqual(['add x', 'del x']);
    held = scope.assert(says('a', 'y'));
    expect(seen.seen()).toEqual(['add y']);
  });
});

describe('turns', () => {
  it('a transaction is one turn, also when it throws or is inside another', () => {
    const scope = start();
    const batches: string[] = [];
    scope.turns(texts).subscribe((events) => batches.push(events.map(({ kind, captures }) => `${kind} ${captures.text}`).join()));
    scope.transact(() => {
      scope.assert(says('a', 'x'));
      scope.transact(() => scope.assert(says('a', 'y')));
      scope.send(says('a', 'z'));
      expect(batches).toEqual([]);
    });
    expect(() => { scope.transact(() => { scope.assert(says('b', 'v')); throw new Error('on purpose'); }); }).toThrow('on purpose');
    scope.assert(says('a', 'w'));
    expect(batches).toEqual(['add x,add y,msg z', 'add v', 'add w']);
  });

  it('what is there already is one turn', () => {
    const scope = start();
    scope.assert(says('a', 'x'));
    scope.assert(says('a', 'y'));
    const batches: number[] = [];
    scope.turns(texts).subscribe((events) => batches.push(events.length));
    scope.turns({ type: 'note' }).subscribe(() => batches.push(-1));
    expect(batches).toEqual([2]);
  });
});

describe('asserting', () => {
  it('asserts while it is subscribed', () => {
    const scope = start();
    const seen = watch(scope.observe(texts));
    const subscription = scope.asserting(says('a', 'x')).subscribe();
    subscription.unsubscribe();
    expect(seen.seen()).toEqual(['add x', 'del x']);
  });

  it('of a stream makes before it breaks, and keeps the last value when the stream completes', () => {
    const scope = start();
    const seen = watch(scope.observe(texts));
    const values$ = new Subject<Fact>();
    const subscription = scope.asserting(values$).subscribe();
    for (const text of ['x', 'x', 'y']) values$.next(says('a', text));
    values$.complete();
    expect(seen.seen()).toEqual(['add x', 'add y', 'del x']);
    subscription.unsubscribe();
    expect(seen.seen()).toEqual(['del y']);
  });

  it.each([['an error of the stream', (values$: Subject<Fact>) => { values$.error(new Error('on purpose')); }], ['a value that JSON does not carry', (values$: Subject<Fact>) => { values$.next(note(1n)); }]])(
    '%s is an error of the result, and takes the value back', (_name, fail) => {
      const scope = start();
      const seen = watch(scope.observe(texts));
      const values$ = new Subject<Fact>();
      const errors: unknown[] = [];
      scope.asserting(values$).subscribe({ error: (error: unknown) => errors.push(error) });
      values$.next(says('a', 'x'));
      fail(values$);
      expect(errors).toHaveLength(1);
      expect(seen.seen()).toEqual(['add x', 'del x']);
    });

  it('nothing stays when somebody who sees the value ends it', () => {
    const scope = start();
    const seen = watch(scope.observe(texts));
    scope.asserting(says('a', 'x')).pipe(takeUntil(scope.observe(texts))).subscribe();
    expect(seen.seen()).toEqual(['add x', 'del x']);
  });
});

describe('interest', () => {
  it('tells whether anybody observes what fits, once for each change', () => {
    const scope = start();
    const log: boolean[] = [];
    scope.interest({ type: 'says', who: 'a' }).subscribe((isWanted) => log.push(isWanted));
    scope.observe({ type: 'says', who: 'b', text: $ }).subscribe();
    scope.observe({ type: 'note' }).subscribe();
    expect(log).toEqual([false]);
    const first = scope.observe({ type: 'says', who: $ }).subscribe();
    const second = scope.observe({ type: 'says', text: $ }).subscribe();
    first.unsubscribe();
    expect(log).toEqual([false, true]);
    second.unsubscribe();
    expect(log).toEqual([false, true, false]);
  });
});

describe('close', () => {
  it('takes back what was asserted, completes what was observed, and refuses more', () => {
    const scope = start();
    const log: string[] = [];
    scope.observe(texts).subscribe({ next: ({ kind }) => log.push(kind), complete: () => log.push('complete') });
    scope.interest(texts).subscribe({ complete: () => log.push('no more interest') });
    const held = scope.assert(says('a', 'x'));
    const values$ = new Subject<Fact>();
    const errors: unknown[] = [];
    scope.asserting(values$).subscribe({ error: (error: unknown) => errors.push(error) });
    scope.close();
    scope.close();
    expect(log).toEqual(['add', 'complete', 'no more interest']);
    expect(held.closed).toBe(true);
    expect(scope.inspect()).toMatchObject({ links: [], subscriptions: [], retired: 0 });
    expect(() => scope.assert(says('a', 'x'))).toThrow('the scope scope is closed');
    expect(() => { scope.send(says('a', 'x')); }).toThrow('the scope scope is closed');
    values$.next(says('a', 'x'));
    expect(errors).toMatchObject([{ code: 'closed' }]);
    let completed = false;
    scope.observe(texts).subscribe({ complete: () => { completed = true; } });
    expect(completed).toBe(true);
  });

  it('inside a callback leaves nothing behind', () => {
    const scope = start();
    scope.observe(texts).subscribe(() => { scope.close(); });
    const held = scope.assert(says('a', 'x'));
    expect(held.closed).toBe(true);
  });

  it('lets settled() resolve', async () => {
    const scope = start();
    scope.close();
    await expect(scope.settled()).resolves.toBeUndefined();
  });
});

describe('operators', () => {
  it('during: one inner stream for each match, as long as it is there', () => {
    const scope = start();
    const seen = watch(scope.observe({ type: 'note', about: $ }));
    const subscription = scope.observe(texts).pipe(during(({ text }) => scope.asserting(note(text)))).subscribe();
    const held = scope.assert(says('a', 'x'));
    scope.assert(says('a', 'y'));
    held.unsubscribe();
    expect(seen.seen()).toEqual(['add x', 'add y', 'del x']);
    subscription.unsubscribe();
    expect(seen.seen()).toEqual(['del y']);
  });

  it('during: an error of one inner stream ends all', () => {
    const scope = start();
    const running$ = new Subject<never>();
    const errors: unknown[] = [];
    scope.observe(texts).pipe(during(({ text }) => {
      if (text === 'y') throw new Error('on purpose');
      return running$;
    })).subscribe({ error: (error: unknown) => errors.push(error) });
    scope.assert(says('a', 'x'));
    expect(running$.observed).toBe(true);
    scope.assert(says('a', 'y'));
    expect([errors.length, running$.observed]).toEqual([1, false]);
  });

  it('during: begins nothing for matches that are there when the first has ended it', () => {
    const scope = start();
    scope.assert(says('a', 'x'));
    scope.assert(says('a', 'y'));
    const begun: string[] = [];
    scope.observe(texts).pipe(during(({ text }) => {
      begun.push(text);
      return [text];
    }), take(1)).subscribe();
    expect(begun).toEqual(['x']);
  });

  it('current: what is there after each change; of turns, after each turn', () => {
    const scope = start();
    scope.assert(says('a', 'x'));
    scope.assert(says('a', 'y'));
    const log: string[] = [];
    scope.turns(texts).pipe(current()).subscribe((present) => log.push(present.map(({ text }) => text).join()));
    const single: number[] = [];
    scope.observe(texts).pipe(current()).subscribe((present) => single.push(present.length));
    scope.transact(() => {
      scope.send(says('a', 'msg'));
      scope.assert(says('a', 'z')).unsubscribe();
      scope.assert(says('a', 'v'));
    });
    scope.send(says('a', 'only a message'));
    expect(log).toEqual(['x,y', 'x,y,v']);
    expect(single).toEqual([1, 2, 3, 2, 3]);
  });

  it('messages: only those', () => {
    const scope = start();
    scope.assert(says('a', 'there'));
    const log: string[] = [];
    scope.observe(texts).pipe(messages()).subscribe(({ text }) => log.push(text));
    scope.send(says('a', 'sent'));
    expect(log).toEqual(['sent']);
  });
});

describe('values and patterns', () => {
  it('nested captures, lists, exact values', () => {
    const scope = start();
    scope.assert(note({ room: 7, at: [1, [2, 3]], tags: [] }));
    scope.assert(note({ room: 8, at: [1, [2, 3]], tags: ['x'] }));
    const first = (pattern: unknown): unknown[] => {
      const found: unknown[] = [];
      scope.observe({ type: 'note', about: pattern } as { type: 'note'; about: typeof $ }).subscribe(({ captures }) => found.push((captures as { about?: unknown }).about));
      return found;
    };
    expect(first({ room: 7, at: [_, [$, $]] })).toEqual([{ at: [undefined, [2, 3]] }]);
    expect(first(capture({ room: 8 }))).toEqual([{ room: 8, at: [1, [2, 3]], tags: ['x'] }]);
    expect(first({ at: capture([$, capture([_, 3])]), room: $ })).toEqual([{ at: [1, [2, 3]], room: 7 }, { at: [1, [2, 3]], room: 8 }]);
    expect(first({ tags: exactly([]), room: $ })).toEqual([{ room: 7 }]);
    expect(first({ tags: [] , room: $ })).toEqual([{ room: 7 }]);
    expect(first({ tags: [$] })).toEqual([{ tags: ['x'] }]);
    expect(first(exactly({}))).toEqual([]);
    expect(first({})).toEqual([undefined]);
    expect(first([$])).toEqual([]);
    expect(first(null)).toEqual([]);
  });

  it('__proto__, constructor and toString are fields and values like any other', () => {
    const scope = start();
    const evil = JSON.parse('{"__proto__":{"admin":true},"constructor":"c","toString":null}') as object;
    scope.assert(note(evil));
    scope.assert(says('__proto__', 'constructor'));
    const seen: unknown[] = [];
    scope.observe({ type: 'note', about: capture(JSON.parse('{"__proto__":{"admin":true}}') as never) }).subscribe(({ captures }) => seen.push(captures));
    expect(JSON.stringify(seen)).toBe(`[{"about":${JSON.stringify(evil)}}]`);
    const fields: unknown[] = [];
    const pattern = Object.fromEntries([['__proto__', $], ['constructor', $]]) as never;
    scope.observe({ type: 'note', about: pattern }).subscribe(({ captures }) => fields.push(captures));
    expect(JSON.stringify(fields)).toBe('[{"about":{"__proto__":{"admin":true},"constructor":"c"}}]');
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
    const missing: unknown[] = [];
    scope.observe({ type: 'says', who: '__proto__', hasOwnProperty: $ } as never).subscribe((event) => missing.push(event));
    expect(missing).toEqual([]);
    expect(watch(scope.observe({ type: 'says', who: '__proto__', text: $ })).seen()).toEqual(['add constructor']);
  });

  it('values are copies that nobody can change, of what JSON carries', () => {
    const scope = start();
    const about = { list: [1] };
    const seen: { about: { list: number[] } }[] = [];
    const held = scope.assert(note(about));
    about.list.push(2);
    scope.observe({ type: 'note', about: $ }).subscribe(({ captures }) => seen.push(captures as { about: { list: number[] } }));
    expect(seen).toEqual([{ about: { list: [1] } }]);
    expect(() => seen[0]!.about.list.push(3)).toThrow(TypeError);
    expect(() => { seen[0]!.about = { list: [] }; }).toThrow(TypeError);
    held.unsubscribe();
    expect(scope.inspect().subscriptions).toMatchObject([{ matches: [] }]);
    expect(seen).toHaveLength(2);
    for (const bad of [1n, new Uint8Array(2), '\ud800']) expect(() => scope.assert(note(bad))).toThrow(BadValue);
    expect(() => scope.assert({ who: 'a' } as never)).toThrow(TypeError);
    expect(() => scope.assert(null as never)).toThrow(TypeError);
  });

  it('a pattern does not change with the value that it was made of', () => {
    const scope = start();
    const about = { list: [1] };
    const subscription = scope.observe({ type: 'note', about: exactly(about) });
    about.list.push(2);
    let count = 0;
    const observing = subscription.subscribe(() => count++);
    scope.assert(note({ list: [1] }));
    about.list.push(3);
    observing.unsubscribe();
    expect([count, scope.inspect().subscriptions]).toEqual([1, []]);
  });

  it.each([['a function', () => 1], ['undefined in a list', [undefined]], ['NaN', Number.NaN], ['a symbol', Symbol('s')], ['a big integer', 1n]])('%s is no pattern', (_name, part) => {
    expect(() => start().observe({ type: 'note', about: part } as never)).toThrow(TypeError);
  });
});
