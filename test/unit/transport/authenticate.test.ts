import { EMPTY, NEVER, Observable, of, Subject, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { clockOf } from '../../../src/env/clock.js';
import { defaultLimits } from '../../../src/env/limits.js';
import { seededRandom, silentLog, VirtualClock } from '../../../src/testing/index.js';
import { authenticate, ConnectionFailed, type AuthenticateConfig, type Gate, type Refusal } from '../../../src/transport/authenticate.js';
import type { Chunk, Duplex } from '../../../src/transport/duplex.js';
import { greetingLines, handshakeStart, handshakeStep } from '../../../src/transport/handshake.js';
import type { Link } from '../../../src/transport/link.js';
import { endConfig, fakeTls } from '../../fixtures/two-ends.js';

const open: Gate = { greeted: () => 'admit', verified: (_peer, answer) => { answer('admit'); } };
const duplicate: Refusal = { code: 'duplicate', text: 'there is another one' };

/** One end of a handshake; the test is the other one. */
function begin(config: AuthenticateConfig, gate: Gate = open, more: Partial<Duplex> = {}) {
  const clock = new VirtualClock();
  const incoming$ = new Subject<Chunk>();
  const written: string[] = [];
  const told: string[] = [];
  const failures: ConnectionFailed[] = [];
  const links: Link[] = [];
  const duplex: Duplex = {
    ...{ incoming$, drained$: NEVER, remoteAddress: 'there' },
    write: (chunk) => { written.push(String(chunk)); return true; },
    // once more does nothing
    close: (error) => { if (!told.includes('closed')) told.push(error === undefined ? 'closed' : 'aborted'); },
    ...more,
  };
  const env = { clock: clockOf(clock), random: seededRandom(1), log: silentLog, limits: defaultLimits };
  const handshake = authenticate(duplex, config, env, gate).subscribe({
    next: (link) => { links.push(link); told.push('link'); },
    error: (error: unknown) => { failures.push(error as ConnectionFailed); told.push('failed'); },
    complete: () => told.push('over'),
  });
  return { clock, incoming$, written, told, failures, links, handshake };
}

/** The lines of a node that answers another. */
function linesOf(peer: AuthenticateConfig, other: AuthenticateConfig): readonly [greeting: string, nonce: string, proof: string] {
  let state = handshakeStart;
  let proof = '';
  for (const text of greetingLines(other)) state = handshakeStep(peer, state, { kind: 'line', text }).state;
  for (const effect of handshakeStep(peer, state, { kind: 'admit' }).effects) if (effect.kind === 'send') proof = effect.line;
  return [...greetingLines(peer), proof];
}

const own = endConfig('own');
const peer = endConfig('peer', { initiator: false });
const lines = linesOf(peer, own);
const all = lines.map((line) => `${line}\n`).join('');

describe('a handshake on a connection', () => {
  it('says its two lines before it reads, so that they come first, whatever has come already', () => {
    const order: string[] = [];
    const more: Partial<Duplex> = {
      incoming$: of(all),
      write: (chunk) => { order.push(String(chunk)); return true; },
    };
    const { told } = begin(own, open, more);
    expect(order.slice(0, 2)).toEqual(greetingLines(own).map((line) => `${line}\n`));
    expect(order).toHaveLength(3);
    expect(told).toEqual(['link', 'over']);
  });

  it('takes a text frame for a line though it has no end, and octets as they come', () => {
    const { incoming$, told, links } = begin(own);
    incoming$.next(lines[0]);
    incoming$.next(`${lines[1]}\n`);
    const octets = new TextEncoder().encode(`${lines[2]}\n["p","early"]\n`);
    incoming$.next(octets.slice(0, 10));
    expect(told).toEqual([]);
    incoming$.next(octets.slice(10));
    expect(told).toEqual(['link', 'over']);
    const heard: unknown[] = [];
    links[0]?.open({ message: (port, message) => heard.push([port, ...message]), takeIn: (decode) => { decode(); }, closed: () => undefined });
    expect(heard).toEqual([['p', 'early']]);
  });

  it('leaves the connection to the link, with nobody who reads and no time that runs', () => {
    const { clock, incoming$, told, handshake } = begin(own);
    incoming$.next(all);
    expect([incoming$.observed, clock.pending, handshake.closed]).toEqual([false, 0, true]);
    handshake.unsubscribe();
    clock.runFor(60_000);
    expect(told).toEqual(['link', 'over']);
  });

  it.each([[true, true], [false, false], [undefined, false]])('on a transport that is encrypted (%s) makes a link that is so: %s', (secure, expected) => {
    const { incoming$, links } = begin(own, open, { secure } as Partial<Duplex>);
    incoming$.next(all);
    expect(links.map((link) => [link.secure, link.initiator, link.node, link.remoteAddress])).toEqual([[expected, true, 'peer', 'there']]);
  });

  it('asks for a limit on what comes before its end', () => {
    const asked: number[] = [];
    let lifted = 0;
    const { incoming$ } = begin(own, open, { limit: (octets) => { asked.push(octets); return () => { lifted++; }; } });
    expect([asked, lifted]).toEqual([[defaultLimits.earlyData], 0]);
    incoming$.next(all);
    expect([asked.length, lifted]).toEqual([1, 1]);
  });
});

describe('a handshake that fails', () => {
  it.each([
    ['before anything was heard', [], true, undefined],
    ['in the middle of the first line', ['aemp'], false, undefined],
    ['after the nonce', [`${lines[0]}\n${lines[1]}\n`], false, 'peer'],
  ])('%s says so', (_, chunks: string[], silent, id) => {
    const { incoming$, told, failures, clock } = begin(own);
    for (const chunk of chunks) incoming$.next(new TextEncoder().encode(chunk));
    incoming$.complete();
    expect(told).toEqual(['closed', 'failed']);
    expect(failures).toEqual([expect.objectContaining({ silent, peer: id, failure: 'ended', message: 'the connection ended during the handshake: Unexpected end-of-file' })]);
    expect(failures[0]).toBeInstanceOf(ConnectionFailed);
    expect(clock.pending).toBe(0);
  });

  it.each([
    ['an error', new Error('cable pulled'), 'cable pulled'],
    ['what is no error', 'cable cut', 'cable cut'],
  ])('by %s of the connection says why', (_, cause, reason) => {
    const { failures } = begin(own, open, { incoming$: throwError(() => cause) });
    expect(failures.map(({ message }) => message)).toEqual([`the connection ended during the handshake: ${reason}`]);
  });

  it.each([
    ['none', new Map([['tls', '1.0']]), true],
    ['none', new Map(), false],
    ['outside', new Map([['tls', '1.0']]), false],
  ] as const)('names TLS as the reason where that may be it: own %s', (tls, keys: ReadonlyMap<string, string>, hint) => {
    const config = endConfig('own', { tls });
    const { incoming$, failures } = begin(config);
    incoming$.next(greetingLines(endConfig('peer', { keys })).map((line) => `${line}\n`).join(''));
    incoming$.complete();
    expect(failures[0]?.message.includes('; it offers TLS, and none is configured here')).toBe(hint);
  });

  it('is told from one that said nothing, which has to be said', () => {
    expect(new ConnectionFailed('why')).toMatchObject({ message: 'why', peer: undefined, failure: undefined, silent: false });
    expect(new ConnectionFailed('why', 'peer', 'self', true)).toMatchObject({ message: 'why', peer: 'peer', failure: 'self', silent: true });
  });

  it('by a line that is none, and hears nothing more', () => {
    const { incoming$, told, failures } = begin(own);
    incoming$.next('nonsense\n');
    incoming$.next(all);
    incoming$.complete();
    expect([told, failures.length]).toEqual([['closed', 'failed'], 1]);
  });

  it('with a fault of this node lets that fault through', () => {
    const gate: Gate = { greeted: () => { throw new TypeError('a fault of this node'); }, verified: () => undefined };
    const faults: unknown[] = [];
    let receive: ((chunk: Chunk) => void) | undefined;
    const incoming$ = { pipe: () => ({ subscribe: (observer: { next: (chunk: Chunk) => void }) => { receive = observer.next; } }) } as unknown as Duplex['incoming$'];
    const { failures } = begin(own, gate, { incoming$ });
    try {
      receive?.(all);
    } catch (error) {
      faults.push(error);
    }
    expect([faults, failures]).toEqual([[new TypeError('a fault of this node')], []]);
  });
});

describe('the gate', () => {
  it('that refuses a peer of rxmp says so to it, and fails with the reason', () => {
    const { incoming$, told, failures, written } = begin(own, { ...open, greeted: () => duplicate });
    incoming$.next(all);
    expect(written.slice(2)).toEqual([expect.stringMatching(/^refused;duplicate;.*\n$/)]);
    expect(told).toEqual(['closed', 'failed']);
    expect(failures).toEqual([expect.objectContaining({ message: 'there is another one', failure: 'duplicate', peer: 'peer', silent: false })]);
  });

  it('that holds a peer reads nothing after its proof, until it has answered', () => {
    for (const verdict of ['admit', duplicate] as const) {
      let answer: ((verdict: 'admit' | Refusal) => void) | undefined;
      const gate: Gate = { greeted: () => 'hold', verified: (_peer, given) => { answer = given; } };
      const { incoming$, told, written, links } = begin(own, gate);
      incoming$.next(`${lines[0]}\n${lines[1]}\n`);
      expect([incoming$.observed, written.length]).toEqual([true, 2]);
      incoming$.next(`${lines[2]}\n["p","early"]\n["p","second"]\n`);
      expect([incoming$.observed, told]).toEqual([false, []]);
      answer?.(verdict);
      expect(told).toEqual(verdict === 'admit' ? ['link', 'over'] : ['closed', 'failed']);
      // the proof, or the refusal
      expect(written).toHaveLength(3);
      answer?.(duplicate);
      answer?.('admit');
      expect([told.length, written.length]).toEqual([2, 3]);
      const heard: unknown[] = [];
      links[0]?.open({ message: (port, message) => heard.push([port, ...message]), takeIn: (decode) => { decode(); }, closed: () => undefined });
      expect(heard).toEqual(verdict === 'admit' ? [['p', 'early'], ['p', 'second']] : []);
    }
  });

  it('that answers too late, or to nobody any more, does nothing', () => {
    for (const end of ['too late', 'unsubscribed'] as const) {
      let answer: ((verdict: 'admit' | Refusal) => void) | undefined;
      const gate: Gate = { greeted: () => 'hold', verified: (_peer, given) => { answer = given; } };
      const { clock, incoming$, told, written, handshake } = begin(own, gate);
      incoming$.next(all);
      if (end === 'too late') clock.runFor(defaultLimits.handshakeTime);
      else handshake.unsubscribe();
      const before = [...told];
      expect(before).toEqual(end === 'too late' ? ['closed', 'failed'] : ['closed']);
      answer?.('admit');
      answer?.(duplicate);
      expect([told, written.length]).toEqual([before, 2]);
    }
  });
});

describe('TLS of a handshake', () => {
  const tls = { tls: 'required' } as const;
  const secure = endConfig('own', { ...tls, upgrade: fakeTls('session') });
  const hello = greetingLines(endConfig('peer', { ...tls, initiator: false })).map((line) => `${line}\n`).join('');

  it('needs something that makes it', () => {
    const { upgrade: _, ...without } = secure;
    let receive: ((chunk: Chunk) => void) | undefined;
    const incoming$ = { pipe: () => ({ subscribe: (observer: { next: (chunk: Chunk) => void }) => { receive = observer.next; } }) } as unknown as Duplex['incoming$'];
    begin(without, open, { incoming$ });
    expect(() => receive?.(hello)).toThrow(new TypeError('a handshake that announces TLS needs an upgrade'));
  });

  it.each([
    ['ends without a word', undefined, 'TLS failed: it ended without a word'],
    ['fails', new Error('bad certificate'), 'TLS failed: bad certificate'],
    ['fails with what is no error', 'bad', 'TLS failed: bad'],
  ])('that %s fails the handshake, with the id of the other end', (_, cause, message) => {
    const upgrade = () => (cause === undefined ? EMPTY : throwError(() => cause));
    const { incoming$, failures, told, clock } = begin({ ...secure, upgrade });
    incoming$.next(hello);
    expect([told, failures.map((failure) => [failure.message, failure.peer])]).toEqual([['closed', 'failed'], [[message, 'peer']]]);
    expect([clock.pending, incoming$.observed]).toEqual([0, false]);
  });

  it('is given what came after the two lines, and given up with the handshake', () => {
    const seen: string[] = [];
    let ended = 0;
    const upgrade: AuthenticateConfig['upgrade'] = (_duplex, early, role) => {
      seen.push(`${role}: ${new TextDecoder().decode(early)}`);
      return new Observable<never>(() => () => { ended++; });
    };
    const { incoming$, handshake, told } = begin({ ...secure, upgrade });
    incoming$.next(new TextEncoder().encode(`${hello}hello of TLS`));
    expect(seen).toEqual([expect.stringMatching(/^(client|server): hello of TLS$/)]);
    expect([incoming$.observed, ended]).toEqual([false, 0]);
    handshake.unsubscribe();
    expect([ended, told]).toEqual([1, ['closed']]);
  });

  it('is what is read from then on, unless the gate refuses the peer', () => {
    for (const verdict of ['admit', duplicate] as const) {
      const inside$ = new Subject<Chunk>();
      const closed: string[] = [];
      const inTls = { incoming$: inside$, drained$: NEVER, remoteAddress: 'there', binding: new Uint8Array(32), write: () => true, close: () => closed.push('inside') };
      const { incoming$, told, handshake } = begin({ ...secure, upgrade: () => of(inTls) }, { ...open, greeted: () => verdict });
      incoming$.next(hello);
      expect([incoming$.observed, inside$.observed, closed.length > 0]).toEqual([false, verdict === 'admit', verdict !== 'admit']);
      expect(told).toEqual(verdict === 'admit' ? [] : ['failed']);
      handshake.unsubscribe();
      expect([inside$.observed, closed.length > 0]).toEqual([false, true]);
    }
  });
});
