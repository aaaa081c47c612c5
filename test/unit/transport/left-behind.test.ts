import { Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { clockOf } from '../../../src/env/clock.js';
import { defaultLimits } from '../../../src/env/limits.js';
import { seededRandom, silentLog, VirtualClock } from '../../../src/testing/index.js';
import { authenticate } from '../../../src/transport/authenticate.js';
import { destroyWhenStuck } from '../../../src/transport/backpressure.js';
import type { Chunk, Duplex } from '../../../src/transport/duplex.js';
import { createLink } from '../../../src/transport/link.js';
import { createOutbox } from '../../../src/transport/outbox.js';
import { jsonFraming } from '../../../src/wire/json.js';
import { createStage, endConfig, fakeTls } from '../../fixtures/two-ends.js';

/** A connection to nobody, which tells what becomes of it. */
function deaf(room = Infinity) {
  const incoming$ = new Subject<Chunk>();
  const drained$ = new Subject<undefined>();
  const written: Chunk[] = [];
  let closed = 0;
  let limited = 0;
  const duplex: Duplex = {
    incoming$,
    drained$,
    remoteAddress: 'nowhere',
    limit: () => {
      limited++;
      return () => { limited--; };
    },
    write(chunk) {
      if (closed === 0) written.push(chunk);
      return written.length < room;
    },
    close: () => { closed++; },
  };
  return { duplex, incoming$, drained$, written, isClosed: () => closed > 0, limited: () => limited };
}

function environment() {
  const clock = new VirtualClock();
  return { clock, env: { clock: clockOf(clock), random: seededRandom(1), log: silentLog, limits: defaultLimits } };
}

describe('a handshake leaves nothing behind', () => {
  const gate = { greeted: () => 'admit' as const, verified: () => undefined };

  it('when nobody wants it any more', () => {
    const { clock, env } = environment();
    const { duplex, incoming$, isClosed } = deaf();
    const handshake = authenticate(duplex, endConfig('a'), env, gate).subscribe();
    expect([clock.pending, incoming$.observed]).toEqual([1, true]);
    handshake.unsubscribe();
    expect([clock.pending, incoming$.observed, isClosed()]).toEqual([0, false, true]);
    clock.runFor(60_000);
    expect(isClosed()).toBe(true);
  });

  it('when it has failed', () => {
    const { clock, env } = environment();
    const { duplex, incoming$, isClosed } = deaf();
    const errors: unknown[] = [];
    authenticate(duplex, endConfig('a'), env, gate).subscribe({ error: (error: unknown) => errors.push(error) });
    incoming$.next('nonsense\n');
    expect([errors.length, clock.pending, incoming$.observed, isClosed()]).toEqual([1, 0, false, true]);
    incoming$.next('more\n');
    expect(errors).toHaveLength(1);
  });

  it('when it was too slow', () => {
    const { clock, env } = environment();
    const { duplex, incoming$, isClosed } = deaf();
    const errors: string[] = [];
    authenticate(duplex, endConfig('a'), env, gate).subscribe({ error: (error: unknown) => errors.push(String(error)) });
    clock.runFor(defaultLimits.handshakeTime - 1);
    expect(errors).toEqual([]);
    clock.runFor(1);
    expect(errors).toEqual([`HandshakeFailed: no complete handshake within ${defaultLimits.handshakeTime} ms`]);
    expect([clock.pending, incoming$.observed, isClosed()]).toEqual([0, false, true]);
  });

  it.each([['in clear', {}], ['in TLS', { tls: 'required' as const, upgrade: fakeTls('session') }]])('when it is done, %s', (_, options) => {
    const stage = createStage();
    const [left, right] = stage.wire();
    let lifted = 0;
    const limiting: Duplex = { ...left, limit: () => () => { lifted++; } };
    const outcomes = [stage.run(limiting, endConfig('left', options)), stage.run(right, endConfig('right', { initiator: false, ...options }))];
    stage.clock.runFor(10);
    expect(outcomes.map(([outcome]) => outcome !== undefined && 'node' in outcome && outcome.node)).toEqual(['right', 'left']);
    expect([stage.clock.pending, lifted]).toEqual([0, 1]);
  });
});

describe('a link that has ended', () => {
  const agreement = { peer: { protocol: 'aemp', version: '1', node: 'b', auth: [], framings: [], keys: new Map() }, method: 'rxmp_sha3_512', sendFraming: 'json', receiveFraming: 'json', trusted: true, secure: false } as never;

  it.each([
    [undefined, 'closed here', false, ['["p","x"]\n']],
    // a fault: what waits is lost
    ['a fault', 'a fault', true, []],
  ])('completes writable$ and closed$, and reads and writes no more: %s', (reason, shown, fault, rest) => {
    const { clock, env } = environment();
    const { duplex, incoming$, drained$, isClosed, written } = deaf();
    const link = createLink({ duplex, early: new Uint8Array(0), agreement, initiator: true }, env);
    const told: string[] = [];
    link.writable$.subscribe({ next: (on) => told.push(`writable ${on}`), complete: () => told.push('no more') });
    link.closed$.subscribe({ next: (end) => told.push(`${end.reason} ${end.fault}`), complete: () => told.push('over') });
    link.open({ message: () => undefined, takeIn: (code) => { code(); }, closed: (why) => told.push(`closed: ${why}`) });
    link.send('p', ['x']);
    if (reason === undefined) link.leave(5_000);
    else link.close(reason);
    link.close('again');
    expect(told).toEqual(['writable true', `closed: ${shown}`, 'no more', `${shown} ${fault}`, 'over']);
    expect([isClosed(), incoming$.observed, drained$.observed, written]).toEqual([true, false, false, rest]);
    expect(link.send('p', ['late'])).toBe(false);
    clock.runFor(60_000);
    expect([written, clock.pending]).toEqual([rest, 0]);
  });
});

describe('the high-water mark', () => {
  const octets = JSON.stringify(['p', 'x'.repeat(5_000)]).length + 1;
  const build = (highWaterMark: number, room = Infinity) => {
    const { clock, env } = environment();
    const { duplex } = deaf(room);
    const flushed: string[] = [];
    const events = { flushed: () => flushed.push('room'), overflow: (queued: number) => flushed.push(`overflow ${queued}`) };
    const outbox = createOutbox(duplex, jsonFraming, { clock: env.clock, limits: { ...env.limits, highWaterMark, queueSize: 3 * octets } }, events);
    return { clock, outbox, flushed, push: () => outbox.push('p', ['x'.repeat(5_000)]) };
  };

  it.each([
    [octets, [true, false]],
    [octets - 1, [false, false]],
    [2 * octets, [true, true]],
    [2 * octets - 1, [true, false]],
  ])('%i octets of it let each message in that ends below or at it', (mark, answers) => {
    const { push } = build(mark);
    expect([push(), push()]).toEqual(answers);
  });

  it.each([[octets, ['room']], [octets - 1, []]])('is reached again when no more than %i octets wait', (mark, told) => {
    const { clock, push, flushed } = build(mark, 1);
    push();
    clock.run();
    flushed.length = 0;
    push();
    clock.run();
    expect(flushed).toEqual(told);
  });

  it('comes before the end of the queue, which is overrun by one octet', () => {
    const { push, flushed } = build(octets);
    for (let i = 0; i < 3; i++) push();
    expect(flushed).toEqual([]);
    push();
    expect(flushed).toEqual([`overflow ${4 * octets}`]);
  });
});

describe('a closing connection', () => {
  it('is destroyed when its backlog does not get less for a while, and has no timer any more', () => {
    const { clock, env } = environment();
    let backlog = 10;
    let destroyed = 0;
    destroyWhenStuck(env.clock, 100, { backlog: () => backlog, destroy: () => { destroyed++; } });
    backlog = 9;
    clock.runFor(100);
    clock.runFor(99);
    expect([destroyed, clock.pending]).toEqual([0, 1]);
    clock.runFor(1);
    expect([destroyed, clock.pending]).toEqual([1, 0]);
  });

  it('is left alone when it is gone', () => {
    const { clock, env } = environment();
    let destroyed = 0;
    let backlog = 10;
    const cancel = destroyWhenStuck(env.clock, 100, { backlog: () => backlog--, destroy: () => { destroyed++; } });
    clock.runFor(250);
    cancel();
    expect(clock.pending).toBe(0);
    clock.runFor(1_000);
    expect(destroyed).toBe(0);
  });
});
