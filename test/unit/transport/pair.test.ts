import { describe, expect, it } from 'vitest';
import { clockOf } from '../../../src/env/clock.js';
import { VirtualClock } from '../../../src/testing/index.js';
import { duplexPair, type Carry } from '../../../src/transport/pair.js';
import { listenTo } from '../../fixtures/fake-sockets.js';

const MARK = 10;

function build(leftToRight?: Carry) {
  const clock = new VirtualClock();
  const ends = duplexPair({ clock: clockOf(clock), addresses: ['left', 'right'], highWaterMark: MARK, ...(leftToRight === undefined ? {} : { leftToRight }) });
  return { clock, ...ends };
}

describe('a connection in memory', () => {
  it('has enough above its high-water mark, until no more than half of it waits, and tells that in a turn of its own', () => {
    const held: (() => void)[] = [];
    const { clock, left, right } = build((parcel, deliver) => { held.push(() => { deliver(parcel); }); });
    const told: string[] = [];
    left.drained$.subscribe(() => told.push('drained'));
    right.incoming$.subscribe();
    // what is exactly the mark may wait
    expect([left.write('1234'), left.write('567890'), left.write('1')]).toEqual([true, true, false]);
    held.shift()?.();
    clock.run();
    // 7 wait: less than the mark, and more than half of it
    expect([told, left.write('')]).toEqual([[], false]);
    held.shift()?.();
    expect(told).toEqual([]);
    clock.run();
    expect([told, left.write('2345')]).toEqual([['drained'], true]);
    for (const arrive of held.splice(0)) arrive();
    clock.run();
    expect([told, left.write('x'.repeat(MARK)), left.write('x')]).toEqual([['drained'], true, false]);
  });

  it('takes more again when exactly half of the mark waits', () => {
    const held: (() => void)[] = [];
    const { clock, left, right } = build((parcel, deliver) => { held.push(() => { deliver(parcel); }); });
    right.incoming$.subscribe();
    left.write('123456');
    expect(left.write('12345')).toBe(false);
    held.shift()?.();
    clock.run();
    expect(left.write('')).toBe(true);
  });

  it('that one end has closed takes nothing more there, and brings the other end what was written before', () => {
    const { clock, left, right } = build();
    const [atLeft, atRight] = [listenTo(left), listenTo(right)];
    right.write('crossing');
    left.write('last');
    left.close();
    expect(atLeft.toSorted()).toEqual(['drained over', 'incoming over']);
    expect(left.write('x'.repeat(2 * MARK))).toBe(true);
    left.close();
    left.close(new Error('again'));
    clock.run();
    expect(atRight).toEqual(['last', 'incoming over', 'drained over']);
    expect(atLeft).toHaveLength(2);
    expect(right.write('x'.repeat(2 * MARK))).toBe(true);
    clock.run();
    expect([atLeft.length, atRight.length]).toEqual([2, 3]);
  });

  it('stays open for who has not read the end of the other one', () => {
    const { clock, left, right } = build();
    left.write('last');
    left.close();
    clock.run();
    const told: string[] = [];
    right.drained$.subscribe({ complete: () => told.push('drained over') });
    expect([told, right.write('x'.repeat(2 * MARK))]).toEqual([[], false]);
    listenTo(right);
    expect([told, right.write('x')]).toEqual([['drained over'], true]);
  });

  it('that was aborted gives the other end an error, though it has written before', () => {
    const { clock, left, right } = build();
    left.write('before');
    left.close(new Error('fault'));
    clock.run();
    expect(listenTo(right)).toEqual(['TransportError: connection with left failed: reset by the other end', 'drained over']);
    expect(right.write('x'.repeat(2 * MARK))).toBe(true);
  });

  it.each([
    ['left', [1, 0]],
    ['right', [0, 1]],
    [undefined, [1, 1]],
  ] as const)('cut at the end %s fails there, for who waits, reads and writes', (end, failed) => {
    const { clock, left, right, cut } = build();
    const told = [listenTo(left), listenTo(right)];
    left.write('x'.repeat(2 * MARK));
    right.write('x'.repeat(2 * MARK));
    cut('cable pulled', end);
    expect(told.map((one) => one.filter((text) => text.includes('failed: cable pulled')).length)).toEqual(failed);
    expect(told.map((one) => Number(one.includes('drained over')))).toEqual(failed);
    expect([left, right].map((one) => Number(one.write('x')))).toEqual(failed);
    clock.run();
    // what was under way does not come after the end
    for (const [at, one] of told.entries()) if (failed[at] === 1) expect(one).toHaveLength(2);
  });
});
