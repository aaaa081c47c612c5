import { describe, expect, it } from 'vitest';
import type { AuthenticateConfig } from '../../../src/transport/authenticate.js';
import { END } from '../../../src/transport/pair.js';
import { createStage, endConfig, fakeTls, refused, type Outcome } from '../../fixtures/two-ends.js';

const client = (options: Partial<AuthenticateConfig> = {}): AuthenticateConfig => endConfig('client', options);
const server = (options: Partial<AuthenticateConfig> = {}): AuthenticateConfig => endConfig('server', { initiator: false, ...options });

const CHANGED = 'wrong secret, or the handshake was changed on its way: the proof does not match';
const HUNG_UP = /^the connection ended during the handshake: /;
const TOO_LATE = /^no complete handshake within 10000 ms$/;
const one = (reason: unknown): unknown => [{ reason }];
const match = (reason: RegExp | string): unknown => expect.stringMatching(reason);

/** What both ends believe after a handshake that nobody has disturbed. */
const agreed = (node: string): unknown => [expect.objectContaining({ node, method: 'rxmp_sha3_512', sent: 'json', received: 'json' })];

describe('somebody in the middle who changes nothing', () => {
  it('is not noticed, with or without TLS: the tests below fail for what is changed', () => {
    expect(createStage().between(client(), server())).toEqual({ left: agreed('server'), right: agreed('client') });
    const tls = { tls: 'required', upgrade: fakeTls('session') } as const;
    expect(createStage().between(client(tls), server(tls), { lines: 2 })).toEqual({ left: agreed('server'), right: agreed('client') });
  });
});

describe('relay', () => {
  it('between two connections that the attacker has opened: each end expects the other role', () => {
    expect(createStage().between(server(), endConfig('other', { initiator: false }))).toEqual({ left: one(CHANGED), right: one(CHANGED) });
  });

  it('between two connections that the attacker has accepted', () => {
    expect(createStage().between(client(), endConfig('other'))).toEqual({ left: one(CHANGED), right: one(CHANGED) });
  });

  it('from one TLS session to another: what they export differs', () => {
    const end = (session: string) => ({ tls: 'required', upgrade: fakeTls(session) }) as const;
    const outcomes = createStage().between(client(end('with the client')), server(end('with the server')), { lines: 2 });
    expect(outcomes).toEqual({ left: one(CHANGED), right: one(CHANGED) });
  });

  it('of a proof inside TLS to a connection without: the proof covers that there is none', () => {
    const stage = createStage();
    const mixed = { tls: 'offered', upgrade: fakeTls('session') } as const;
    // both announce TLS in the greetings that are covered, one end is made to go on without
    const outcomes = stage.between(client(mixed), server(mixed), {
      toLeft: (line, index) => (index === 0 ? line.replace('tls=1.0;', '') : line),
    });
    expect(refused(outcomes.left) && refused(outcomes.right)).toBe(true);
  });
});

describe('reflection', () => {
  it('of the whole greeting', () => {
    const stage = createStage();
    const { outcomes, heard, say } = stage.stranger(server());
    say(...heard());
    expect(outcomes).toEqual(one('our own greeting was echoed'));
  });

  it('of the nonce under another name', () => {
    const { outcomes, heard, say } = createStage().stranger(server());
    const [greeting = '', nonce = ''] = heard();
    say(greeting.replace('server', 'mirror'), nonce);
    expect(outcomes).toEqual(one('the other end sent our own nonce'));
  });

  it('of the proof on the same connection', () => {
    const { outcomes, heard, say } = createStage().stranger(server());
    say(heard()[0]?.replace('server', 'mirror') ?? '', 'a nonce');
    say(heard()[2] ?? '');
    expect(outcomes).toEqual(one(CHANGED));
  });

  it('of the lines of one connection on another one of the same node, which knows its nonces', () => {
    const stage = createStage();
    const first = server();
    const nonces = new Set([first.nonce]);
    const mirror = stage.stranger(first);
    const reflected = stage.stranger(client({ node: 'server', issued: (nonce) => nonces.has(nonce) }));
    const [greeting = '', nonce = ''] = mirror.heard();
    reflected.say(greeting, nonce);
    expect(reflected.outcomes).toEqual(one('talking to myself: I am "server" too'));
  });

  it('of a proof of one connection on another one of the same node, under another name', () => {
    const stage = createStage();
    const first = stage.stranger(server());
    const second = stage.stranger(server());
    const [greeting = '', nonce = ''] = first.heard();
    const renamed = greeting.replace('server', 'mirror');
    // each is told the other's lines, and gets the proof that the other has made for it
    second.say(renamed, nonce);
    const [secondGreeting = '', secondNonce = '', proof = ''] = second.heard();
    first.say(secondGreeting.replace('server', 'mirror'), secondNonce, proof);
    expect(first.outcomes).toEqual(one(CHANGED));
    second.say(first.heard()[2] ?? '');
    expect(second.outcomes).toEqual(one(CHANGED));
  });
});

describe('replay', () => {
  it.each(['client', 'server'] as const)('of the lines of the %s in a later handshake', (played) => {
    const stage = createStage();
    const lines: string[] = [];
    const record = (line: string): string => (lines.push(line), line);
    const attack = played === 'client' ? { toRight: record } : { toLeft: record };
    expect(refused(stage.between(client(), server(), attack).left)).toBe(false);
    expect(lines).toHaveLength(3);
    const { outcomes, say } = stage.stranger(played === 'client' ? server() : client());
    say(...lines);
    expect(outcomes).toEqual(one(CHANGED));
  });

  it('of a proof in another connection of the same two nodes', () => {
    const stage = createStage();
    let proof = '';
    stage.between(client(), server(), { toRight: (line, index) => (index === 2 ? (proof = line) : line) });
    const outcomes = stage.between(client(), server(), { toRight: (line, index) => (index === 2 ? proof : line) });
    expect(outcomes.right).toEqual(one(CHANGED));
  });
});

describe('lines that are missing, repeated or in another order', () => {
  const refusedBy = (change: (line: string, index: number) => string | readonly string[]): readonly Outcome[] =>
    createStage().between(client(), server(), { toRight: change }).right;

  it('truncated after every octet', () => {
    const nonce = 'the nonce of the client';
    const length = lengthOf({ nonce });
    expect(length).toBeGreaterThan(200);
    for (let kept = 0; kept < length; kept++) {
      const stage = createStage();
      let left = kept;
      const [leftEnd, rightEnd] = stage.wire((octets) => {
        const part = octets.subarray(0, left);
        left -= part.length;
        return left > 0 ? [part] : [part, END];
      });
      const outcomes = [stage.run(leftEnd, client({ nonce })), stage.run(rightEnd, server())];
      stage.settle();
      expect(outcomes[1], `${kept} octets`).toEqual(one(match(HUNG_UP)));
      expect(outcomes[0], `${kept} octets`).toHaveLength(1);
    }
  });

  it.each([0, 1, 2])('silence from line %i on: the time is over', (last) => {
    // where both wait, the one whose time is over first hangs up on the other
    expect(refusedBy((line, index) => (index < last ? line : []))).toEqual(one(match(last === 2 ? TOO_LATE : HUNG_UP)));
    const { left } = createStage().between(client(), server(), { toRight: (line, index) => (index < last ? line : []) });
    expect(left).toEqual(last === 2 ? agreed('server') : one(match(TOO_LATE)));
  });

  it.each([
    ['without the greeting', /^wanted the protocol aemp, got "nonce/, (line: string, index: number) => (index === 0 ? [] : line)],
    ['without the nonce', HUNG_UP, (line: string, index: number) => (index === 1 ? [] : line)],
    ['the greeting twice', /^wanted <method>;<data>;<framing>, got "nonce/, (line: string, index: number) => (index === 0 ? [line, line] : line)],
    ['the nonce twice', /^wanted <method>;<data>;<framing>, got "nonce/, (line: string, index: number) => (index === 1 ? [line, line] : line)],
  ])('%s', (_what, reason, change) => {
    expect(refusedBy(change)).toEqual(one(match(reason)));
  });

  it('the proof first', () => {
    const { outcomes, heard, say } = createStage().stranger(server());
    heard();
    say(`rxmp_sha3_512;${'0'.repeat(128)};json`);
    expect(outcomes).toEqual(one(match(/^wanted the protocol aemp, got "rxmp_sha3_512/)));
  });

  it('the nonce before the greeting', () => {
    let greeting = '';
    expect(refusedBy((line, index) => (index === 0 ? ((greeting = line), []) : index === 1 ? [line, greeting] : line))).toEqual(
      one(match(/^wanted the protocol aemp, got "nonce/)),
    );
  });

  it('the proof twice: the second is data, and no message', () => {
    const stage = createStage();
    const { right } = stage.between(client(), server(), { toRight: (line, index) => (index === 2 ? [line, line] : line) });
    expect(right).toEqual(agreed('client'));
    const closed: string[] = [];
    stage.linkOf(right)?.open({ message: () => expect.unreachable(), takeIn: (decode) => { decode(); }, closed: (reason) => closed.push(reason) });
    expect(closed).toEqual([match(/^a message is an array/)]);
  });
});

/** The octets of an undisturbed handshake, from the client. */
function lengthOf(options: Partial<AuthenticateConfig>): number {
  let octets = 0;
  createStage().between(client(options), server(), { toRight: (line) => ((octets += line.length + 1), line) });
  return octets;
}
