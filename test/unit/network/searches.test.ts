import { describe, expect, it } from 'vitest';
import { defaultLimits } from '../../../src/env/limits.js';
import { createSearches } from '../../../src/network/searches.js';
import { silentLog, VirtualClock } from '../../../src/testing/index.js';
import { always } from './searcher.js';

/** Searches whose database, seeds and addresses the test plays. */
function make() {
  const clock = new VirtualClock();
  const told: string[] = [];
  const seeds = new Set<string>();
  const answers: ((addresses: readonly string[] | null) => void)[] = [];
  const failures: ((reason: string) => void)[] = [];
  const searches = createSearches({
    env: { clock, random: always(0), log: silentLog, limits: defaultLimits },
    find: (node, found) => {
      told.push(`find ${node}`);
      answers.push(found);
      return () => told.push(`found ${node}`);
    },
    seeds: { mayReach: (node) => seeds.has(node), hurry: (node) => { told.push(`hurry ${node}`); } },
    tryAddresses: (node, addresses, failed) => {
      told.push(`try ${node} ${addresses.join()}`);
      failures.push(failed);
      return () => told.push(`tried ${node}`);
    },
    giveUp: (node, reason) => { told.push(`give up ${node}: ${reason}`); },
  });
  return { clock, searches, seeds, answers, failures, since: () => told.splice(0) };
}
const UNKNOWN = 'no known address: it is not there, or it listens nowhere (it has no binds)';

describe('S14, S19: a search', () => {
  it('starts after the running call, with seeds that may be the node and the database', () => {
    const { clock, searches, since } = make();
    searches.connect('b');
    expect(since()).toEqual([]);
    clock.runFor(0);
    expect(since()).toEqual(['hurry b', 'find b']);
  });

  it('that is over before it starts does nothing', () => {
    const { clock, searches, since } = make();
    searches.connect('b')();
    clock.runFor(0);
    expect(since()).toEqual([]);
  });

  it('takes the first answer only', () => {
    const { clock, searches, answers, since } = make();
    searches.connect('b');
    clock.runFor(0);
    answers[0]?.(['x', 'y']);
    answers[0]?.(['z']);
    answers[0]?.(null);
    expect(since().slice(2)).toEqual(['try b x,y']);
  });

  it.each([['no addresses', null, UNKNOWN], ['addresses that fail', ['x'], 'broken']])('with %s waits for a seed that may be the node, and not longer', (_what, found, reason) => {
    const { clock, searches, seeds, answers, failures, since } = make();
    seeds.add('b');
    searches.connect('b');
    clock.runFor(0);
    answers[0]?.(found);
    failures[0]?.('broken');
    searches.seedsChanged();
    since();
    seeds.clear();
    searches.seedsChanged();
    searches.seedsChanged();
    expect(since().filter((line) => line.startsWith('give up'))).toEqual([`give up b: ${reason}`]);
  });

  it('is not given up because of seeds while nobody knows yet whether there are addresses', () => {
    const { clock, searches, answers, since } = make();
    searches.connect('b');
    clock.runFor(0);
    searches.seedsChanged();
    answers[0]?.(['x']);
    searches.seedsChanged();
    expect(since()).toEqual(['hurry b', 'find b', 'try b x']);
  });

  it.each(['given up', 'over', 'closed'])('that is %s leaves nothing behind', (how) => {
    const { clock, searches, answers, failures, since } = make();
    const cancel = searches.connect('b');
    clock.runFor(0);
    answers[0]?.(['x']);
    since();
    if (how === 'given up') failures[0]?.('broken');
    if (how === 'over') cancel();
    if (how === 'closed') searches.close();
    expect(since().sort()).toEqual(['found b', ...(how === 'given up' ? ['give up b: broken'] : []), 'tried b']);
    failures[0]?.('late');
    searches.seedsChanged();
    answers[0]?.(null);
    expect(since()).toEqual([]);
  });

  it('that fails for another one is no matter', () => {
    const { clock, searches, answers, since } = make();
    searches.connect('b');
    searches.connect('c');
    clock.runFor(0);
    answers[0]?.(null);
    expect(since().slice(4)).toEqual(['found b', `give up b: ${UNKNOWN}`]);
    answers[1]?.(['x']);
    expect(since()).toEqual(['try c x']);
  });

  it.each(['when they are closed', 'later'])('does not start %s', (when) => {
    const { clock, searches, since } = make();
    if (when === 'when they are closed') searches.connect('b');
    searches.close();
    if (when === 'later') searches.connect('b')();
    if (when === 'later') searches.connect('c');
    clock.runFor(0);
    expect(since()).toEqual([]);
  });
});
