import { BehaviorSubject, map, NEVER, of, type Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { clockOf } from '../../../src/env/clock.js';
import { defaultLimits } from '../../../src/env/limits.js';
import { createDial, createResolve, transportFor } from '../../../src/network/dial.js';
import { seededRandom, silentLog, VirtualClock } from '../../../src/testing/index.js';
import { parseAddress } from '../../../src/transport/address.js';
import type { Duplex, Transport } from '../../../src/transport/duplex.js';
import type { Link } from '../../../src/transport/link.js';
import { BadAddress } from '../../../src/wire/errors.js';

const duplex = { remoteAddress: 'x' } as Duplex;
const link = { node: 'b' } as Link;

function make(connected$: Observable<Duplex>, authenticated: (duplex: Duplex) => Observable<Link> = () => of(link)) {
  const clock = new VirtualClock();
  const transport: Transport = { schemes: ['one', 'two'], connect: () => connected$, listen: () => NEVER };
  const via = { connect: ({ host, path }: { readonly host: string; readonly path: string }) => of({ remoteAddress: `${host} ${path}` } as Duplex) };
  const dial = createDial({ clock: clockOf(clock), random: seededRandom(1), log: silentLog, limits: defaultLimits }, [transport], via, authenticated);
  const told: string[] = [];
  const attempt = (text: string) => dial(parseAddress(text)).subscribe({
    next: ({ node }) => told.push(node),
    error: (error: unknown) => told.push(error instanceof Error ? error.message : ''),
    complete: () => told.push('over'),
  });
  return { clock, attempt, told };
}

describe('to dial an address', () => {
  it('takes no longer than a handshake may, until there is a connection', () => {
    const { clock, attempt, told } = make(NEVER);
    attempt('two://h');
    clock.runFor(defaultLimits.handshakeTime - 1);
    expect(told).toEqual([]);
    clock.runFor(1);
    expect([told, clock.pending]).toEqual([[`two://h did not answer within ${defaultLimits.handshakeTime} ms`], 0]);
  });

  it('has no time of its own after that, and connects once', () => {
    const connected$ = new BehaviorSubject(duplex);
    const { clock, attempt, told } = make(connected$, () => NEVER);
    attempt('one://h');
    expect([clock.pending, connected$.observed]).toEqual([0, false]);
    clock.run();
    expect(told).toEqual([]);
  });

  it('gives the link', () => {
    const { attempt, told } = make(of(duplex, duplex));
    attempt('one://h');
    expect(told).toEqual(['b', 'over']);
  });

  it('leaves nothing when nobody wants it any more', () => {
    const { clock, attempt, told } = make(NEVER);
    const dialing = attempt('one://h');
    expect(clock.pending).toBe(1);
    dialing.unsubscribe();
    clock.run();
    expect([clock.pending, told]).toEqual([0, []]);
  });

  it('needs a transport, and says which there are', () => {
    const text = '"three://h": no transport for "three" here, only for one, two';
    const { attempt, told } = make(NEVER);
    attempt('three://h');
    expect(told).toEqual([text]);
    expect(() => transportFor([{ schemes: ['one', 'two'], connect: () => NEVER, listen: () => NEVER }], parseAddress('three://h'))).toThrow(BadAddress);
  });
});

describe('to look up a name', () => {
  const clock = new VirtualClock();
  const looked = (found$?: Observable<readonly string[]>) => {
    const told: string[] = [];
    const resolve = found$ && (() => found$.pipe(map((found) => found.map(parseAddress))));
    const transport: Transport = { schemes: ['one'], connect: () => NEVER, listen: () => NEVER, ...(resolve && { resolve }) };
    const resolved$ = createResolve({ clock: clockOf(clock), random: seededRandom(1), log: silentLog, limits: defaultLimits }, [transport])(parseAddress('one://h'));
    resolved$?.subscribe({ next: (found) => told.push(found.map(({ text }) => text).join()), error: (error: unknown) => told.push(error instanceof Error ? error.message : ''), complete: () => told.push('over') });
    return { told, isName: resolved$ !== undefined };
  };

  it('takes the first answer', () => {
    expect(looked(of(['one://a', 'one://b'], ['one://c'])).told).toEqual(['one://a,one://b', 'over']);
    expect(clock.pending).toBe(0);
  });

  it('takes no longer than a handshake may', () => {
    const { told } = looked(NEVER);
    clock.runFor(defaultLimits.handshakeTime - 1);
    expect(told).toEqual([]);
    clock.runFor(1);
    expect([told, clock.pending]).toEqual([[`cannot look up h: no answer within ${defaultLimits.handshakeTime} ms`], 0]);
  });

  it('is for transports that can', () => {
    expect(looked().isName).toBe(false);
  });
});
