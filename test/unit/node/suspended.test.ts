import { AsyncSubject, BehaviorSubject } from 'rxjs';
import { silentLog, VirtualClock } from 'rxmp/testing';
import { describe, expect, it } from 'vitest';
import { connectionOf } from '../../../src/connection.js';
import type { Trial } from '../../../src/network/trouble.js';
import { createNodeStatus } from '../../../src/node-status.js';
import type { Link, LinkEnd, LinkStatus } from '../../../src/transport/link.js';

const UP: LinkStatus = { status: 'up' };
/** Broken at a time; given up 5 s later. */
const broken = (since: number, nextTry?: number): LinkStatus => ({ status: 'suspended', reason: `it broke at ${since}`, since, until: since + 5_000, nextTry });
/** The same, as it is shown some ms later. */
const shown = (since: number, elapsed: number, nextIn?: number) => ({ status: 'suspended', reason: `it broke at ${since}`, elapsed, endsIn: 5_000 - elapsed, nextIn });

/** A link that is as the test says. */
function fakeLink() {
  const status$ = new BehaviorSubject<LinkStatus>(UP);
  const closed$ = new AsyncSubject<LinkEnd>();
  const link = { status$, closed$, writable$: new BehaviorSubject(true), peer: { keys: new Map() } } as unknown as Link;
  return { link, status$, close: (reason: string) => { closed$.next({ reason, fault: false }); closed$.complete(); } };
}

describe('V12: a suspended link', () => {
  it('shows in the status of its connection: for how long, and in how many ms the next try is', () => {
    const clock = new VirtualClock();
    const { link, status$, close } = fakeLink();
    const seen: unknown[] = [];
    const watch = (): void => { connectionOf(link, { clock, log: silentLog }).status$.subscribe({ next: (now) => seen.push(now), complete: () => seen.push('complete') }); };
    watch();
    expect(seen.splice(0), 'what is there is told at once').toEqual([UP]);
    clock.runFor(1_000);
    const since = clock.monotonic();
    status$.next(broken(since, since + 500));
    expect(seen, 'never in the middle of something (S31)').toEqual([]);
    clock.runFor(0);
    expect(seen.splice(0)).toEqual([shown(since, 0, 500)]);
    clock.runFor(200);
    watch();
    expect(seen.splice(0)).toEqual([shown(since, 200, 300)]);
    status$.next(broken(since));
    status$.next(UP);
    close('gone');
    clock.runFor(0);
    const rest = [shown(since, 200), UP, { status: 'closed', reason: 'gone' }, 'complete'];
    expect(seen).toHaveLength(2 * rest.length);
    expect(seen.map((one) => JSON.stringify(one)).sort()).toEqual([...rest, ...rest].map((one) => JSON.stringify(one)).sort());
  });

  it('suspends the node when all of them are: since the last was, and until the next try of any', () => {
    const clock = new VirtualClock();
    const trial: Trial = { attempt: 1, nextTry: undefined, why: undefined };
    const status = createNodeStatus({ clock, log: silentLog }, () => [trial]);
    const [one, two] = [fakeLink(), fakeLink()];
    const seen: unknown[] = [];
    status.status$.subscribe((now) => seen.push(now));
    const take = (): unknown[] => {
      clock.runFor(0);
      return seen.splice(0);
    };
    expect(take()).toEqual([{ status: 'connecting', attempt: 1, nextIn: undefined, why: undefined }]);
    status.linkState(one.link, UP);
    status.linkState(two.link, UP);
    expect(take()).toEqual([{ status: 'connected' }]);
    clock.runFor(1_000);
    status.linkState(one.link, broken(700, 1_900));
    expect(take()).toEqual([]);
    status.linkState(two.link, broken(950, 1_500));
    expect(take()).toEqual([shown(950, 50, 500)]);
    status.linkState(two.link, broken(950));
    expect(take()).toEqual([shown(950, 50, 900)]);
    status.linkState(one.link, broken(700));
    expect(take()).toEqual([shown(950, 50)]);
    status.linkState(one.link, UP);
    expect(take()).toEqual([{ status: 'connected' }]);
    status.linkClosed(one.link);
    expect(take()).toEqual([shown(950, 50)]);
    status.linkClosed(two.link);
    expect(take()).toEqual([{ status: 'connecting', attempt: 1, nextIn: undefined, why: undefined }]);
  });

  it('costs nothing where nobody asks', () => {
    const clock = new VirtualClock();
    let looks = 0;
    const status = createNodeStatus({ clock, log: silentLog }, () => {
      looks++;
      return [];
    });
    const { link } = fakeLink();
    status.linkState(link, UP);
    status.linkClosed(link);
    status.stirred();
    expect([clock.pending, looks]).toEqual([0, 0]);
    status.status$.subscribe().unsubscribe();
    status.stirred();
    expect([clock.pending, looks]).toEqual([0, 1]);
  });
});
