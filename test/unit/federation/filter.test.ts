import { describe, expect, it } from 'vitest';
import { Subject } from 'rxjs';
import { defaultLimits } from '../../../src/env/limits.js';
import { channelOf } from '../../../src/federation/channel.js';
import { createLinkFilter, type LinkFilter } from '../../../src/federation/core/filter.js';
import type { Packet } from '../../../src/federation/core/packets.js';
import { VirtualClock } from '../../../src/testing/virtual-clock.js';
import type { Chunk, Duplex } from '../../../src/transport/duplex.js';
import { MessageTooLarge } from '../../../src/wire/errors.js';

/** A filter of a link with so few subscriptions and matches. */
const make = (filter: LinkFilter, limits = {}) => createLinkFilter(filter, { ...defaultLimits, linkSubscriptions: 2, linkMatches: 2, ...limits });
const ASSERT: Packet = ['assert', 1, ['cap', ['any']]];
const on = (packet: Packet) => ({ on: [packet], back: [] });
const nothing = { on: [], back: [] };

describe('a filter that rewrites what comes', () => {
  /** Numbers pass as what they are modulo 10; others don't. */
  const build = () => {
    const filter = make({ incoming: { match: (_, [value]) => (typeof value === 'number' ? [value % 10] : undefined) } });
    expect(filter.outgoing(ASSERT)).toEqual(on(ASSERT));
    return filter;
  };

  it('lets matches pass that become the same once, until the last of them is gone', () => {
    const filter = build();
    expect(filter.incoming(['add', 1, [5]])).toEqual(on(['add', 1, [5]]));
    expect(filter.incoming(['add', 1, [15]])).toEqual(nothing);
    expect(filter.incoming(['del', 1, [5]])).toEqual(nothing);
    expect(filter.incoming(['add', 1, [5]])).toEqual(nothing);
    expect(filter.incoming(['del', 1, [15]])).toEqual(nothing);
    expect(filter.incoming(['del', 1, [5]])).toEqual(on(['del', 1, [5]]));
  });

  it('sees what comes twice, and what goes that never came', () => {
    const filter = build();
    filter.incoming(['add', 1, ['x']]);
    expect(() => filter.incoming(['add', 1, ['x']])).toThrow('added ["x"] twice to the id 1');
    expect(filter.incoming(['del', 1, ['x']])).toEqual(nothing);
    expect(() => filter.incoming(['del', 1, ['x']])).toThrow('deleted ["x"] from the id 1, where it is not');
    expect(filter.incoming(['add', 1, ['x']])).toEqual(nothing);
  });

  it('counts matches: what is deleted, and a subscription that ends, makes room', () => {
    const filter = build();
    filter.incoming(['add', 1, [1]]);
    filter.incoming(['add', 1, [2]]);
    expect(() => filter.incoming(['add', 1, [3]])).toThrow('limits.linkMatches');
    filter.incoming(['del', 1, [1]]);
    filter.incoming(['add', 1, [3]]);
    expect(() => filter.incoming(['add', 1, [4]])).toThrow('more than 2 matches over one link');
    filter.outgoing(['clear', 1]);
    expect(filter.incoming(['end', 1])).toEqual(on(['end', 1]));
    filter.outgoing(ASSERT);
    filter.incoming(['add', 1, [1]]);
    filter.incoming(['add', 1, [2]]);
    expect(() => filter.incoming(['add', 1, [3]])).toThrow('limits.linkMatches');
  });

  it('rewrites messages, and keeps the number of captures', () => {
    const filter = build();
    expect(filter.incoming(['msg', 1, [17], 3])).toEqual(on(['msg', 1, [7], 3]));
    expect(filter.incoming(['msg', 1, ['x'], 3])).toEqual(nothing);
    const wrong = make({ incoming: { match: () => [1, 2] } });
    wrong.outgoing(ASSERT);
    expect(() => wrong.incoming(['msg', 1, [1], 3])).toThrow('a filter makes 2 captures of 1');
  });
});

describe('a filter that refuses a subscription', () => {
  it('answers for the other end, which is not to speak of it', () => {
    const filter = make({ outgoing: { observe: () => false } });
    expect(filter.outgoing(ASSERT)).toEqual(nothing);
    expect(() => filter.incoming(['add', 1, [1]])).toThrow('spoke of the id 1, which is not in use');
    expect(filter.outgoing(['clear', 1])).toEqual({ on: [], back: [['end', 1]] });
    // it is free again
    expect(filter.outgoing(ASSERT)).toEqual(nothing);
  });

  it('has so many at most, and each id once', () => {
    const filter = make({ incoming: { observe: () => true } });
    filter.incoming(ASSERT);
    expect(() => filter.incoming(ASSERT)).toThrow('the id 1 is in use already');
    filter.incoming(['assert', 2, ['any']]);
    expect(() => filter.incoming(['assert', 3, ['any']])).toThrow('more than 2 subscriptions over one link');
    filter.incoming(['clear', 1]);
    expect(filter.outgoing(['end', 1])).toEqual(on(['end', 1]));
    expect(filter.incoming(['assert', 3, ['any']])).toEqual(on(['assert', 3, ['any']]));
  });

  it('whose code throws ends the link', () => {
    const filter = make({ incoming: { observe: () => { throw new Error('mine'); } } });
    expect(() => filter.incoming(ASSERT)).toThrow('a filter has thrown: mine');
  });
});

describe('a channel over a duplex', () => {
  /** One whose other end does not read, after the first write. */
  const build = (queueSize: number = defaultLimits.queueSize) => {
    const clock = new VirtualClock();
    const incoming$ = new Subject<Chunk>();
    const drained$ = new Subject<undefined>();
    const written: Chunk[] = [];
    let takesMore = false;
    const duplex: Duplex = {
      incoming$, drained$, remoteAddress: 'there', close: () => undefined,
      write: (chunk) => {
        written.push(chunk);
        return takesMore;
      },
    };
    const channel = channelOf(duplex, { clock, limits: { ...defaultLimits, queueSize } });
    const got: unknown[] = [];
    channel.incoming$.subscribe({ next: (message) => got.push(message), error: (error: unknown) => got.push(error), complete: () => got.push('over') });
    return { clock, channel, incoming$, drained$, written, got, take: () => { takesMore = true; } };
  };

  it('sends on when there is room again', () => {
    const { clock, channel, drained$, written, take } = build();
    channel.send(['one']);
    clock.run();
    channel.send(['two']);
    clock.run();
    expect(written).toEqual(['["","one"]\n']);
    take();
    drained$.next(undefined);
    expect(written).toEqual(['["","one"]\n', '["","two"]\n']);
  });

  it('gives messages, and ends when the duplex does', () => {
    const { incoming$, drained$, got } = build();
    incoming$.next('["","a"]\n["",');
    incoming$.next('1]\n');
    incoming$.complete();
    expect([got, drained$.observed]).toEqual([[['a'], [1], 'over'], false]);
  });

  it('fails when what comes is no message, and when too much waits', () => {
    const first = build();
    first.incoming$.next('nonsense\n');
    expect(first.got).toEqual([expect.any(Error)]);
    const second = build(10);
    second.channel.send(['x'.repeat(20)]);
    expect(second.got).toEqual([expect.any(MessageTooLarge)]);
  });
});
