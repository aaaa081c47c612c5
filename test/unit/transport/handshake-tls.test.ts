import { describe, expect, it } from 'vitest';
import type { AuthenticateConfig } from '../../../src/transport/authenticate.js';
import { greetingLines, handshakeStart, handshakeStep, type HandshakeEffect, type HandshakeEvent } from '../../../src/transport/handshake.js';
import { checkProof, proofLine } from '../../../src/transport/methods.js';
import { parseAuth, parseGreeting } from '../../../src/wire/greeting.js';
import { createStage, endConfig, fakeTls } from '../../fixtures/two-ends.js';

const inTls = (session = 'session', options: Partial<AuthenticateConfig> = {}): Partial<AuthenticateConfig> => ({
  tls: 'required',
  upgrade: fakeTls(session),
  ...options,
});
const left = (options: Partial<AuthenticateConfig>): AuthenticateConfig => endConfig('left', options);
const right = (options: Partial<AuthenticateConfig>): AuthenticateConfig => endConfig('right', { initiator: false, ...options });
const one = (reason: string | RegExp): unknown => [{ reason: expect.stringMatching(reason) }];
const over = (expected: object): unknown => [expect.objectContaining(expected)];

/** Two ends on a wire. */
function meet(here: Partial<AuthenticateConfig>, there: Partial<AuthenticateConfig>) {
  const stage = createStage();
  const [leftEnd, rightEnd] = stage.wire();
  const outcomes = { left: stage.run(leftEnd, left(here)), right: stage.run(rightEnd, right(there)) };
  stage.settle();
  expect(stage.clock.pending).toBe(0);
  return outcomes;
}

/** The effects of some events on the pure machine. */
function play(config: AuthenticateConfig, ...events: HandshakeEvent[]): HandshakeEffect[] {
  let state = handshakeStart;
  return events.flatMap((event) => {
    const next = handshakeStep(config, state, event);
    state = next.state;
    return next.effects;
  });
}
const line = (text: string): HandshakeEvent => ({ kind: 'line', text });

describe('TLS after both greeting lines (wire.md 1.3)', () => {
  it('is announced as tls=1.0, before the other keys, as AnyEvent::MP does', () => {
    expect(greetingLines(left({ tls: 'required' }))[0]).toMatch(/^aemp;1;left;[^;]*;json,cbor;tls=1\.0;provider=/);
    for (const tls of ['none', 'outside'] as const) expect(greetingLines(left({ tls }))[0]).not.toContain('tls');
  });

  it.each([
    ['a', 'b', 'client'],
    ['b', 'a', 'server'],
    ['a', 'aa', 'client'],
    ['aa', 'a', 'server'],
    ['', 'a', 'client'],
    ['Z', 'a', 'client'],
    ['~', '\u00e4', 'client'],
    // UTF-16 orders these two the other way round
    ['\uffee', '\u{10000}', 'client'],
    ['\u{10000}', '\uffee', 'server'],
  ] as const)('nonce %j against %j: TLS %s, by octets', (own, other, role) => {
    for (const initiator of [true, false]) {
      const config = left({ tls: 'required', nonce: own, initiator });
      const effects = play(config, ...greetingLines(right({ tls: 'required', nonce: other })).map(line));
      expect(effects).toEqual([{ kind: 'secure', role, peer: expect.objectContaining({ node: 'right' }) }]);
    }
  });

  it('comes before the gate is asked and before any proof; lines in clear are refused then', () => {
    const greeting = greetingLines(right({ tls: 'required' })).map(line);
    const config = left({ tls: 'required' });
    expect(play(config, ...greeting, { kind: 'admit' }).map(({ kind }) => kind)).toEqual(['secure']);
    const binding = new Uint8Array(32);
    expect(play(config, ...greeting, { kind: 'secured', binding }, { kind: 'admit' }).map(({ kind }) => kind)).toEqual(['secure', 'greeted', 'send']);
    expect(play(config, ...greeting, line('more')).at(-1)).toEqual({ kind: 'failed', reason: 'the other end goes on in clear where TLS has to begin' });
    // at any other time it means nothing
    expect(play(config, { kind: 'secured', binding })).toEqual([]);
  });

  it.each(['1.0', '1.1', '1.23'])('tls=%s is TLS', (version) => {
    const peer = right({ keys: new Map([['tls', version]]) });
    expect(play(left({ tls: 'required' }), ...greetingLines(peer).map(line))[0]).toMatchObject({ kind: 'secure' });
  });

  it.each(['', '0.9', '2.0', '10.0', 'yes'])('tls=%s is none that is known', (version) => {
    const peer = right({ keys: new Map([['tls', version]]) });
    expect(play(left({ tls: 'required' }), ...greetingLines(peer).map(line))).toEqual([
      { kind: 'failed', reason: 'the other end has no TLS, and without it nobody is let in here', code: 'tls' },
    ]);
  });
});

describe('a handshake inside TLS', () => {
  it('proves by the secret, where both have it', () => {
    const outcomes = meet(inTls(), inTls());
    for (const outcome of [outcomes.left, outcomes.right]) expect(outcome).toEqual(over({ method: 'rxmp_sha3_512', trusted: true, secure: true }));
  });

  it('proves by the certificates, where there is no secret', () => {
    const outcomes = meet(inTls('session', { secret: undefined }), inTls('session', { secret: undefined }));
    for (const outcome of [outcomes.left, outcomes.right]) expect(outcome).toEqual(over({ method: 'tls_sha3_512', trusted: true, secure: true }));
  });

  it('a node with a secret asks others for it, unless it is told that a certificate is enough', () => {
    const without = inTls('session', { secret: undefined });
    const asking = meet(inTls(), without);
    expect(asking.right).toEqual(one(/^no common authentication method: the other end accepts rxmp_sha3_512, hmac_sha3_512, we offer tls_sha3_512: no secret is configured here$/));
    const outcomes = meet(inTls('session', { acceptCertificate: true }), without);
    for (const outcome of [outcomes.left, outcomes.right]) expect(outcome).toEqual(over({ method: 'tls_sha3_512', trusted: true }));
  });

  it('fails with what was wrong with TLS, once', () => {
    const outcomes = meet({ tls: 'required', upgrade: fakeTls('session', { fault: 'its certificate has expired' }) }, inTls());
    expect(outcomes.left).toEqual([{ reason: 'TLS failed: its certificate has expired' }]);
    expect(outcomes.right).toEqual(one('^TLS failed: it ended$'));
  });

  it('fails when the upgrade takes longer than the handshake may, and gives it up', () => {
    const stage = createStage();
    const { outcomes, say } = stage.stranger(left(inTls()));
    say(...greetingLines(right({ tls: 'required' })));
    stage.settle();
    expect(outcomes).toEqual([{ reason: 'no complete handshake within 10000 ms' }]);
    expect(stage.clock.pending).toBe(0);
  });

  it('takes what came along with the greeting for the beginning of TLS, cut in any way', () => {
    const role = (own: string, other: string): string => (own < other ? 'client' : 'server');
    for (let cut = 0; cut <= 12; cut++) {
      const stage = createStage();
      const config = left(inTls('session', { secret: undefined }));
      const [end, own] = stage.wire();
      const outcomes = stage.run(end, config);
      const peer = right({ tls: 'required', secret: undefined, initiator: false });
      const greeting = greetingLines(peer);
      const hello = `TLS ${role(peer.nonce, config.nonce)}!`;
      const transcript = { role: 'acceptor', sender: greeting, receiver: greetingLines(config), framing: 'json', keys: new Map(), binding: undefined } as const;
      const all = `${hello}${proofLine({ secret: undefined }, 'tls_sha3_512', transcript)}\n`;
      own.incoming$.subscribe();
      own.write(`${greeting.join('\n')}\n${all.slice(0, cut)}`);
      stage.clock.runFor(1);
      own.write(all.slice(cut));
      stage.clock.runFor(1);
      expect(outcomes, `cut at ${cut}`).toEqual(over({ method: 'tls_sha3_512', secure: true }));
    }
  });
});

describe('where only one end has TLS', () => {
  it('required: refused, and the other end is told why as far as its own log can know', () => {
    const outcomes = meet(inTls(), {});
    expect(outcomes.left).toEqual([{ reason: 'the other end has no TLS, and without it nobody is let in here' }]);
    expect(outcomes.right).toEqual(one(/^the connection ended during the handshake: .*; it offers TLS, and none is configured here$/));
  });

  it('offered: goes on in clear with the secret, marked as not secure', () => {
    const outcomes = meet(inTls('session', { tls: 'offered' }), {});
    for (const outcome of [outcomes.left, outcomes.right]) expect(outcome).toEqual(over({ method: 'rxmp_sha3_512', secure: false }));
  });

  it('a node without TLS says that it lacks it, when the other end accepts nothing else', () => {
    const { right: outcome } = meet({ ...inTls('s', { tls: 'offered', secret: undefined }) }, {});
    expect(outcome).toEqual(one(/accepts tls_sha3_512, we offer rxmp_sha3_512, hmac_sha3_512: no TLS is configured here$/));
  });

  it('a transport that is encrypted by itself needs none, and gets none', () => {
    const stage = createStage();
    const [leftEnd, rightEnd] = stage.wire();
    const outcomes = [stage.run({ ...leftEnd, secure: true }, left(inTls())), stage.run({ ...rightEnd, secure: true }, right(inTls()))];
    stage.settle();
    for (const outcome of outcomes) {
      expect(outcome).toEqual(over({ method: 'rxmp_sha3_512', secure: true }));
      expect(outcome).not.toEqual(over({ keys: expect.objectContaining({ tls: '1.0' }) }));
    }
  });
});

describe('methods that need TLS (wire.md 1.4)', () => {
  /** What a peer sends as its proof inside TLS. */
  const proving = (config: Partial<AuthenticateConfig>, proof: string): HandshakeEffect | undefined => {
    const binding = new Uint8Array(32);
    const peer = ['aemp;1;perl;tls_sha3_512,hmac_sha3_512;json;tls=1.0', 'nonce'].map(line);
    return play(left({ tls: 'required', ...config }), ...peer, { kind: 'secured', binding }, line(proof)).at(-1);
  };

  it('tls_sha3_512 is accepted only inside TLS, where it is offered', () => {
    const { outcomes, say } = createStage().stranger(left({ tls: 'offered', acceptCertificate: true }));
    say('aemp;1;perl;hmac_sha3_512;json', 'nonce', `tls_sha3_512;${'0'.repeat(128)};json`);
    expect(outcomes).toEqual(one('^authentication method "tls_sha3_512" is accepted only inside TLS$'));
  });

  it.each([
    ['none', {}, '"tls_anon" is not accepted here'],
    ['the option, without TLS', { tls: 'none', acceptAnonymous: true } as const, '"tls_anon" is not accepted here'],
  ])('tls_anon with %s is refused', (_what, options, reason) => {
    expect(proving(options, 'tls_anon;;json')).toMatchObject({ kind: 'failed', reason: expect.stringContaining(reason) });
  });

  it('tls_anon is accepted only with the option, and not trusted', () => {
    expect(proving({ acceptAnonymous: true }, 'tls_anon;;json')).toMatchObject({ kind: 'verified' });
    expect(proving({ acceptAnonymous: true }, 'tls_anon;x;json')).toMatchObject({ kind: 'failed' });
    const stage = createStage();
    const config = left({ tls: 'required', acceptAnonymous: true, upgrade: fakeTls('session'), nonce: '!lowest' });
    const [end, own] = stage.wire();
    const outcomes = stage.run(end, config);
    own.incoming$.subscribe();
    own.write('aemp;1;perl;tls_sha3_512;json;tls=1.0\nnonce\nTLS server!tls_anon;;json\n');
    stage.clock.runFor(1);
    expect(outcomes).toEqual(over({ node: 'perl', method: 'tls_anon', trusted: false, secure: true }));
  });

  it('tls_anon is accepted only inside TLS, where it is offered', () => {
    const { outcomes, say } = createStage().stranger(left({ tls: 'offered', acceptAnonymous: true }));
    say('aemp;1;perl;hmac_sha3_512;json', 'nonce', 'tls_anon;;json');
    expect(outcomes).toEqual(one('^authentication method "tls_anon" is accepted only inside TLS$'));
  });

  it.each([
    [{}, 'rxmp_sha3_512,hmac_sha3_512'],
    [{ acceptCertificate: true }, 'rxmp_sha3_512,hmac_sha3_512,tls_sha3_512'],
    [{ secret: undefined }, 'tls_sha3_512'],
    [{ secret: undefined, acceptAnonymous: true, acceptCleartext: true }, 'tls_sha3_512,tls_anon'],
    [{ tls: 'none' }, 'rxmp_sha3_512,hmac_sha3_512'],
    [{ tls: 'outside', acceptCertificate: true, acceptAnonymous: true }, 'rxmp_sha3_512,hmac_sha3_512'],
    [{ tls: 'none', secret: undefined, acceptCleartext: true }, ''],
    [{ acceptCertificate: true, acceptAnonymous: true, acceptCleartext: true }, 'rxmp_sha3_512,hmac_sha3_512,tls_sha3_512,tls_anon,cleartext'],
  ] as const)('%j greets with %s', (options, methods) => {
    expect(greetingLines(left({ tls: 'required', ...options }))[0]).toContain(`;left;${methods};`);
  });
});

it('an rxmp_sha3_512 line that means the same in other octets is refused', () => {
  const peer = right({});
  const transcript = {
    role: 'acceptor',
    sender: greetingLines(peer),
    receiver: greetingLines(left({})),
    framing: 'json',
    keys: new Map([['key', 'a;b']]),
    binding: undefined,
  } as const;
  const text = proofLine({ secret: 'secret' }, 'rxmp_sha3_512', transcript);
  const check = (changed: string): unknown =>
    checkProof(left({}), parseGreeting(transcript.sender[0]), { line: changed, auth: parseAuth(changed), transcript });
  expect(check(text)).toBe('rxmp_sha3_512');
  expect(() => check(text.replace('%3b', '%3B'))).toThrow('the authentication line was changed on its way: it is not as rxmp writes it');
});
