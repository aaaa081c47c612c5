import { describe, expect, it } from 'vitest';
import { createBroadcast } from '../../../src/env/broadcast.js';

/** A broadcast, and subscribers that tell what they get. */
function make() {
  const broadcast = createBroadcast<number>();
  const got: string[] = [];
  const listen = (name: string) => broadcast.stream$.subscribe({ next: (value) => got.push(`${name} ${value}`), complete: () => got.push(`${name} over`) });
  return { broadcast, got, listen };
}

describe('a broadcast', () => {
  it('tells all who subscribe, as long as they do', () => {
    const { broadcast, got, listen } = make();
    expect(broadcast.observed).toBe(false);
    broadcast.next(0);
    const a = listen('a');
    broadcast.next(1);
    const b = listen('b');
    broadcast.next(2);
    a.unsubscribe();
    expect(broadcast.observed).toBe(true);
    broadcast.next(3);
    b.unsubscribe();
    expect(broadcast.observed).toBe(false);
    broadcast.next(4);
    expect(got).toEqual(['a 1', 'a 2', 'b 2', 'b 3']);
  });

  it('completes for all, and at once for who comes later', () => {
    const { broadcast, got, listen } = make();
    listen('a');
    listen('b');
    broadcast.complete();
    expect([broadcast.observed, got]).toEqual([false, ['a over', 'b over']]);
    listen('c');
    broadcast.next(1);
    broadcast.complete();
    expect([broadcast.observed, got.slice(2)]).toEqual([false, ['c over']]);
  });

  it('who is told that it is over, and comes again then, is told so once more and nothing else', () => {
    const { broadcast, got, listen } = make();
    broadcast.stream$.subscribe({ complete: () => { listen('again'); } });
    listen('b');
    broadcast.next(1);
    broadcast.complete();
    expect([broadcast.observed, got]).toEqual([false, ['b 1', 'again over', 'b over']]);
    broadcast.next(2);
    broadcast.complete();
    expect(got).toHaveLength(3);
  });

  it('who goes while a value goes out does not keep others from it', () => {
    const { broadcast, got, listen } = make();
    const first = broadcast.stream$.subscribe(() => { first.unsubscribe(); });
    listen('b');
    listen('c');
    broadcast.next(1);
    broadcast.next(2);
    expect(got).toEqual(['b 1', 'c 1', 'b 2', 'c 2']);
  });

  it('who comes while a value goes out gets the next; who goes gets none', () => {
    const { broadcast, got, listen } = make();
    broadcast.stream$.subscribe((value) => {
      if (value !== 1) return;
      listen('new');
      late.unsubscribe();
    });
    const late = listen('late');
    broadcast.next(1);
    expect(got).toEqual([]);
    broadcast.next(2);
    expect(got).toEqual(['new 2']);
  });
});
