import { Subscription } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { clockOf } from '../../../src/env/clock.js';
import { defaultLimits } from '../../../src/env/limits.js';
import { createGates } from '../../../src/network/gate.js';
import { seededRandom, silentLog, VirtualClock } from '../../../src/testing/index.js';
import { RESUMES_KEY } from '../../../src/transport/resumption.js';
import { RUN_KEY } from '../../../src/transport/handshake.js';
import type { Link } from '../../../src/transport/link.js';
import type { Greeting } from '../../../src/wire/greeting.js';

/** The gates of node `a`, and links that it has by now. */
function make() {
  const clock = new VirtualClock();
  const links = new Map<string, Link>();
  const open = new Subscription();
  const env = { clock: clockOf(clock), random: seededRandom(1), log: silentLog, limits: defaultLimits };
  const gates = createGates({ env, own: 'a', peers: { linkTo: (node) => links.get(node) }, monitorTimeout: 40_000, open, resumable: (id) => (id === 'its link' ? links.get('b') : undefined) });
  /** Somebody who says that he is a run of node `b`, and perhaps that he goes on with a link. */
  const guest = (run: string, ...resumes: readonly string[]) => {
    const peer: Greeting = { protocol: 'aemp', version: '1', node: 'b', auth: [], framings: [], keys: new Map([[RUN_KEY, run], ...resumes.map((id) => [RESUMES_KEY, id] as const)]) };
    const answers: unknown[] = [];
    let gone = false;
    const { gate, leave } = gates.entrance(() => gone, false);
    return {
      answers,
      greeted: gate.greeted(peer),
      verify: () => { gate.verified(peer, (verdict) => answers.push(verdict === 'admit' ? verdict : verdict.code)); },
      leave: () => {
        gone = true;
        leave();
      },
    };
  };
  /** A connection of that run, with what was asked of it. */
  const connect = (run: string) => {
    const told: string[] = [];
    const link = { node: 'b', signs: 0, isRead: true, status: { status: 'up' }, peer: { node: 'b', keys: new Map([[RUN_KEY, run]]) }, send: () => told.push('echo?') > 0, close: () => { told.push('closed'); links.delete('b'); }, interrupt: () => told.push('interrupted') };
    links.set('b', link as unknown as Link);
    return { link, told };
  };
  return { clock, open, guest, connect };
}

describe('who comes while another connection of his node is in its handshake (S17, S18)', () => {
  it('waits until that is over, and is then the one who others wait for', () => {
    const { clock, guest } = make();
    const first = guest('1');
    const second = guest('2');
    expect([first.greeted, second.greeted]).toEqual(['admit', 'hold']);
    second.verify();
    clock.runFor(200);
    expect(second.answers).toEqual([]);
    first.leave();
    clock.runFor(60);
    expect(second.answers).toEqual(['admit']);
    const third = guest('3');
    expect(third.greeted).toBe('hold');
    third.leave();
    second.leave();
    expect(guest('4').greeted).toBe('admit');
    expect(clock.pending).toBe(0);
  });

  it('waits 5 s at most, and then counts too', () => {
    const { clock, guest } = make();
    const first = guest('1');
    const second = guest('2');
    second.verify();
    clock.runFor(4_990);
    expect(second.answers).toEqual([]);
    clock.runFor(60);
    expect(second.answers).toEqual(['admit']);
    first.leave();
    expect(guest('3').greeted).toBe('hold');
    second.leave();
    expect(guest('4').greeted).toBe('admit');
  });

  it('is refused when the other one has become a connection', () => {
    for (const [run, code] of [['1', 'duplicate'], ['2', 'connected']] as const) {
      const { clock, guest, connect } = make();
      const first = guest('1');
      const second = guest('2');
      second.verify();
      connect(run);
      first.leave();
      clock.runFor(60);
      expect([second.answers, clock.pending]).toEqual([[code], 0]);
    }
  });

  it('is forgotten when he gives up, and when the network ends', () => {
    const { clock, guest, open } = make();
    guest('1');
    const second = guest('2');
    second.verify();
    second.leave();
    clock.runFor(60);
    expect([second.answers, clock.pending]).toEqual([[], 0]);
    guest('3').verify();
    expect(clock.pending).toBe(1);
    open.unsubscribe();
    expect(clock.pending).toBe(0);
  });
});

describe('who comes while his node is connected (S18)', () => {
  it('takes the place of a connection that gives no sign for 5 s', () => {
    const { clock, guest, connect } = make();
    const { told } = connect('1');
    const second = guest('2');
    expect(second.greeted).toBe('hold');
    second.verify();
    clock.runFor(4_990);
    expect([told, second.answers]).toEqual([['echo?'], []]);
    clock.runFor(20);
    expect([told, second.answers, clock.pending]).toEqual([['echo?', 'closed'], ['admit'], 0]);
    expect(guest('3').greeted).toBe('hold');
  });

  it('is refused when it gives one', () => {
    const { clock, guest, connect } = make();
    const { link, told } = connect('1');
    const second = guest('2');
    second.verify();
    clock.runFor(1_000);
    link.signs++;
    clock.runFor(250);
    expect([told, second.answers, clock.pending]).toEqual([['echo?'], ['duplicate'], 0]);
  });

  it('has patience with one that is not read', () => {
    const { clock, guest, connect } = make();
    const { link } = connect('1');
    const second = guest('2');
    second.verify();
    link.isRead = false;
    clock.runFor(20_000);
    expect(second.answers).toEqual([]);
    link.isRead = true;
    clock.runFor(5_300);
    expect(second.answers).toEqual(['admit']);
  });

  it('is no more asked about when he gives up', () => {
    const { clock, guest, connect } = make();
    const { told } = connect('1');
    const second = guest('2');
    second.verify();
    second.leave();
    clock.runFor(20_000);
    expect([told, second.answers, clock.pending]).toEqual([['echo?'], [], 0]);
  });
});

describe('who goes on with a link (V10)', () => {
  it.each([
    ['is let in once he has proved himself, and its last connection is given up', '1', 'its link', ['interrupted'], ['admit']],
    ['is refused where nobody knows the link', '1', 'another link', [], ['forgotten']],
    ['is refused when he is another run of the node, and the link has no harm', '2', 'its link', [], ['forgotten']],
  ])('%s', (_, run, id, expectedOfLink, expectedOfGuest) => {
    const { guest, connect } = make();
    const { told } = connect('1');
    const second = guest(run, id);
    expect([second.greeted, told]).toEqual(['hold', []]);
    second.verify();
    expect([told, second.answers]).toEqual([expectedOfLink, expectedOfGuest]);
  });
});
