import { EMPTY, NEVER, concat, debounceTime, delay, interval, map, merge, of, take, throwError } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import { parseMarbles, parseSubscription, parseTime } from '../../../src/testing/marble-syntax.js';
import { marbles, runMarbles } from '../../../src/testing/marbles.js';
import { VirtualClock } from '../../../src/testing/virtual-clock.js';

/** RxJS in run mode, where a mark is 1 ms. */
const asRxjs = <T>(parse: () => T): T => new TestScheduler(() => true).run(parse);

describe('marble syntax', () => {
  it.each([
    '',
    '-',
    '---',
    '|',
    '#',
    'a',
    '--a--b--c--|',
    '-a-b-#',
    '(ab|)',
    '--(ab)--c(d#)',
    '(a)(b)',
    '  --a -  b |',
    'a 9ms b',
    '10ms a',
    '1.5s a|',
    'a 2m (bc) 30ms |',
    'a 3s  4ms b',
    '12a',
    '-1ms-',
    'a10ms b',
    '3 3ms 3',
    '--a--^--b--|',
    '---^|',
    '^a',
    '😀-😎|',
  ])('reads %j as RxJS does', (diagram) => {
    const theirs = asRxjs(() => TestScheduler.parseMarbles(diagram, undefined, undefined, undefined, true));
    expect(parseMarbles(diagram)).toEqual(theirs);
  });

  it.each(['^', '--^--!', '^!', '-(^!)-', ' 10ms ^ 20ms !', '---', ''])('reads the subscription %j as RxJS does', (diagram) => {
    const theirs = asRxjs(() => TestScheduler.parseMarblesAsSubscriptions(diagram, true));
    expect(parseSubscription(diagram)).toEqual({
      subscribed: theirs.subscribedFrame,
      unsubscribed: theirs.unsubscribedFrame,
    });
  });

  it('takes values and error', () => {
    expect(parseMarbles('a(b#)', { a: [1], b: null }, new Error('x'))).toEqual([
      { frame: 0, notification: { kind: 'N', value: [1] } },
      { frame: 1, notification: { kind: 'N', value: null } },
      { frame: 1, notification: { kind: 'E', error: new Error('x') } },
    ]);
  });

  it('counts the frames before ^ in ms, also with time progression', () => {
    expect(parseMarbles('a 10ms ^b').map(({ frame }) => frame)).toEqual([-11, 1]);
  });

  it('reads times', () => {
    expect([parseTime('|'), parseTime('  ---|'), parseTime('1s |'), parseTime('a 5ms -|')]).toEqual([0, 3, 1000, 7]);
  });

  it.each([
    [() => parseMarbles('--!'), '"--!" has a "!"'],
    [() => parseMarbles('(a(b))'), 'a group inside a group'],
    [() => parseMarbles('(ab'), '"(ab" has a "(" without ")"'],
    [() => parseMarbles('ab)'), '"ab)" has a ")" without "("'],
    [() => parseMarbles('ab', { a: 1 }), '"ab" has a "b", but values has only a'],
    [() => parseMarbles('a__proto__', { a: 1 }), 'has a "_"'],
    [() => parseSubscription('-a-'), '"-a-" has a "a"'],
    [() => parseSubscription('^^'), 'more than one "^"'],
    [() => parseSubscription('!!'), 'more than one "!"'],
    [() => parseTime('---'), '"---" has no "|"'],
  ])('refuses what makes no sense (%#)', (parse, message) => {
    expect(parse).toThrow(message);
  });
});

describe('marble tests', () => {
  it('plays cold observables for each subscriber', () => {
    runMarbles(({ cold, expectObservable, clock }) => {
      const source = cold('a-b|');
      expectObservable(source).toBe('a-b|');
      expectObservable(source, '---^').toBe('---a-b|');
      expectObservable(source.pipe(delay(2, clock))).toBe('--a-(b|)');
      expectObservable(cold('ab 10ms #', { a: 1, b: 2 }, 'bad')).toBe('xy 10ms #', { x: 1, y: 2 }, 'bad');
    });
  });

  it('plays hot observables once', () => {
    runMarbles(({ hot, expectObservable }) => {
      const source = hot('a-b^c-d-(e|)');
      expectObservable(source).toBe('-c-d-(e|)');
      expectObservable(source, '---^').toBe('---d-(e|)');
      expectObservable(source, '^--!').toBe('-c-');
      expectObservable(hot('a')).toBe('a');
    });
  });

  it('drives operators with time', () => {
    runMarbles(({ cold, expectObservable, time, clock }) => {
      expectObservable(cold('abc 20ms d|').pipe(debounceTime(time('-----|'), clock))).toBe('7ms c 16ms (d|)');
      expectObservable(interval(10, clock).pipe(take(2))).toBe('10ms a 9ms (b|)', { a: 0, b: 1 });
      expectObservable(merge(of(1), NEVER), '^-!').toBe('a', { a: 1 });
      expectObservable(EMPTY).toBe('|');
      expectObservable(concat(cold('-|'), throwError(() => new Error('x')))).toBe('-#', undefined, new Error('x'));
    });
  });

  it('unsubscribes before what happens in the same frame', () => {
    runMarbles(({ cold, hot, expectObservable, clock }) => {
      expectObservable(cold('-a-b-c'), '^--!').toBe('-a');
      expectObservable(hot('-a-b-c'), '^--!').toBe('-a');
      expectObservable(interval(1, clock), '---^--!').toBe('----ab', { a: 0, b: 1 });
    });
  });

  it('leaves no timer of an unsubscribed cold observable', () => {
    const clock = new VirtualClock();
    const { cold, flush } = marbles(clock);
    const subscription = cold('-a-b|').subscribe();
    expect(clock.pending).toBe(3);
    subscription.unsubscribe();
    expect(clock.pending).toBe(0);
    flush();
  });

  it('counts from when the helpers were made, and can flush more than once', () => {
    const clock = new VirtualClock({ epoch: 1000 });
    const { cold, expectObservable, flush } = marbles(clock);
    expectObservable(cold('-a|')).toBe('-a|');
    flush();
    const now = clock.now() - 1000;
    expectObservable(cold('b|')).toBe(`${now}ms b|`);
    flush();
  });

  it('draws both diagrams when they differ', () => {
    const test = (): void =>
      runMarbles(({ cold, expectObservable, clock }) => {
        const values = { a: { n: 1 }, b: { n: 2 } };
        expectObservable(cold('-a--(b|)', values).pipe(delay(1, clock))).toBe('-a--(b|)', values);
      });
    expect(test).toThrow(
      [
        'The stream is not as drawn:',
        '  expected  -a--(b|)',
        '  actual    --a--(b|)',
        '  event 1 should be { n: 1 } at 1 ms, but is { n: 1 } at 2 ms',
      ].join('\n'),
    );
  });

  it.each([
    ['ab|', 'a', 'event 2 should be nothing more, but is \'b\' at 1 ms'],
    ['a', 'a|', 'event 2 should be complete at 1 ms, but is nothing more'],
    ['#', '|', "event 1 should be complete at 0 ms, but is error 'error' at 0 ms"],
    ['', 'a', '  actual    (nothing)'],
    ['a 100ms b', 'ab', '  actual    a 100ms b'],
  ])('%j is not %j', (actual, expected, message) => {
    expect(() => runMarbles(({ cold, expectObservable }) => expectObservable(cold(actual)).toBe(expected))).toThrow(message);
  });

  it('values are compared by structure, also by kind', () => {
    const test = (value: unknown) => () =>
      runMarbles(({ cold, expectObservable }) => {
        expectObservable(cold('a').pipe(map(() => value))).toBe('a', { a: { deep: [1, undefined] } });
      });
    test({ deep: [1, undefined] })();
    expect(test({ deep: [1, null] })).toThrow('actual    ?');
    expect(test({ deep: [1] })).toThrow('not as drawn');
  });

  it('an expectation without toBe is a failure, and so is a cold observable with ^', () => {
    expect(() => runMarbles(({ expectObservable }) => void expectObservable(EMPTY))).toThrow('call toBe(diagram)');
    expect(() => runMarbles(({ cold }) => cold('-^-'))).toThrow('takes no "^"');
  });
});
