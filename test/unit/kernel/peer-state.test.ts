import { describe, expect, it } from 'vitest';
import { peerStep, type PeerEvent, type PeerState } from '../../../src/kernel/core/peer-state.js';
import type { Link } from '../../../src/transport/link.js';

const one = { node: 'one' } as Link;
const two = { node: 'two' } as Link;

const states: Readonly<Record<string, PeerState>> = {
  idle: { status: 'idle' },
  connecting: { status: 'connecting' },
  attaching: { status: 'attaching', link: one },
  'handing over': { status: 'handing over', link: one },
  up: { status: 'up', link: one },
};
const events: Readonly<Record<string, PeerEvent>> = {
  wanted: { kind: 'wanted' },
  'linked two': { kind: 'linked', link: two },
  'settled one': { kind: 'settled', link: one },
  'settled two': { kind: 'settled', link: two },
  'handed over one': { kind: 'handed over', link: one },
  'handed over two': { kind: 'handed over', link: two },
  'closed one': { kind: 'closed', link: one, reason: 'why' },
  'closed two': { kind: 'closed', link: two, reason: 'why' },
  unreachable: { kind: 'unreachable', reason: 'why' },
};

/** The state after it, then the effects, in words; what is not here stays as it is. */
const table: Readonly<Record<string, string>> = {
  'idle + wanted': 'connecting: connect',
  'idle + linked two': 'attaching two: settle two',
  'connecting + linked two': 'attaching two: stop, settle two',
  'connecting + unreachable': 'idle: stop, lose why',
  'attaching + linked two': 'attaching two: close one, settle two',
  'attaching + settled one': 'handing over one: hand over one',
  'handing over + linked two': 'attaching two: close one, settle two',
  'handing over + handed over one': 'up one: attach one',
  'up + linked two': 'attaching two: close one, lose replaced by a new connection (was up), settle two',
  'up + closed one': 'idle: lose why (was up)',
};

function inWords(state: PeerState, event: PeerEvent): string {
  const next = peerStep(state, event);
  const status = 'link' in next.state ? `${next.state.status} ${next.state.link.node}` : next.state.status;
  const effects = next.effects.map((effect) => {
    if (effect.kind === 'connect' || effect.kind === 'stop') return effect.kind;
    if (effect.kind === 'lose') return `lose ${effect.reason}${effect.wasUp ? ' (was up)' : ''}`;
    return `${effect.kind} ${effect.link.node}`;
  });
  return `${status}: ${effects.join(', ')}`;
}

describe('the life of a peer, every state and event', () => {
  const cases = Object.keys(states).flatMap((state) => Object.keys(events).map((event) => `${state} + ${event}`));

  it.each(cases)('%s', (name) => {
    const [state = '', event = ''] = name.split(' + ');
    const before = states[state]!;
    const expected = table[name];
    if (expected === undefined) expect(peerStep(before, events[event]!)).toEqual({ state: before, effects: [] });
    else expect(inWords(before, events[event]!)).toBe(expected);
  });

  it('S2: a loss is always told before the next connection is used', () => {
    const effects = peerStep(states['up']!, events['linked two']!).effects.map(({ kind }) => kind);
    expect(effects.indexOf('lose')).toBeLessThan(effects.indexOf('settle'));
    expect(effects).not.toContain('hand over');
  });
});
