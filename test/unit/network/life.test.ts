import { describe, expect, it } from 'vitest';
import { BORN, live, type Deed, type LifeEvent } from '../../../src/network/life/core/life.js';

/** What is done for each of these events in a row. */
function lived(...events: readonly LifeEvent[]): readonly (readonly Deed[])[] {
  let life = BORN;
  return events.map((event) => {
    const next = live(life, event);
    ({ life } = next);
    return next.deeds;
  });
}

const WAKES: readonly Deed[] = ['redial', 'probe'];

describe('A3: what the events of a page mean', () => {
  it('a page that is seen again looks whether its links live, and tries at once', () => {
    expect(lived('visible', 'visible')).toEqual([['dial', 'probe'], ['dial', 'probe']]);
  });

  it('without a network it looks whether that is so; with another one all that was begun is begun anew', () => {
    expect(lived('offline', 'online')).toEqual([['probe'], WAKES]);
    expect(live(BORN, 'offline').life).toEqual({ isOnline: false, isAwake: true });
  });

  it('one that is frozen gives its connections up, and dials nobody until it goes on', () => {
    expect(lived('freeze', 'offline', 'online', 'resume', 'visible')).toEqual([['suspend', 'redial'], [], [], WAKES, ['dial', 'probe']]);
  });

  it('one that is left says goodbye, and is back when it is shown, once', () => {
    expect(lived('hide', 'freeze', 'resume', 'show', 'visible')).toEqual([['leave', 'redial'], [], WAKES, [], ['dial', 'probe']]);
  });

  it('one that is frozen and then closed says goodbye too', () => {
    expect(lived('freeze', 'hide', 'online')).toEqual([['suspend', 'redial'], ['leave', 'redial'], []]);
  });

  it('what may be reached again is tried at once, unless the page is asleep', () => {
    expect(lived('reachable', 'hide', 'reachable')).toEqual([['dial'], ['leave', 'redial'], []]);
  });

  it('one that is seen is awake, whatever was said before', () => {
    expect(lived('freeze', 'visible', 'resume')).toEqual([['suspend', 'redial'], WAKES, []]);
  });
});
