import { describe, expect, it } from 'vitest';
import { hmacProof } from '../../../src/wire/proof.js';
import {
  greetingLines,
  handshakeStart,
  handshakeStep,
  RUN_KEY,
  type HandshakeConfig,
  type HandshakeEffect,
  type HandshakeEvent,
} from '../../../src/transport/handshake.js';

function config(node: string, options: Partial<HandshakeConfig> = {}): HandshakeConfig {
  return {
    node,
    framings: ['json', 'cbor'],
    secret: 'secret',
    acceptCleartext: false,
    acceptCertificate: false,
    acceptAnonymous: false,
    tls: 'none',
    initiator: node === 'a',
    nonce: `nonce of ${node}`,
    issued: (nonce) => nonce === `other nonce of ${node}`,
    keys: new Map([
      ['provider', 'rxmp-test'],
      [RUN_KEY, `run of ${node}`],
    ]),
    ...options,
  };
}

const line = (text: string): HandshakeEvent => ({ kind: 'line', text });
const admit: HandshakeEvent = { kind: 'admit' };

/** Everything that comes of some events. */
function play(own: HandshakeConfig, ...events: HandshakeEvent[]): HandshakeEffect[] {
  let state = handshakeStart;
  return events.flatMap((event) => {
    const step = handshakeStep(own, state, event);
    state = step.state;
    return step.effects;
  });
}

/** The proof that a node sends to another. */
function proofOf(from: HandshakeConfig, to: HandshakeConfig): string {
  const sent = play(from, ...greetingLines(to).map(line), admit).find(({ kind }) => kind === 'send');
  return sent?.kind === 'send' ? sent.line : 'none';
}

const reasonOf = (effects: readonly HandshakeEffect[]): unknown => {
  const failed = effects.find(({ kind }) => kind === 'failed');
  return failed?.kind === 'failed' ? failed.reason : effects.map(({ kind }) => kind);
};

const a = config('a');
const b = config('b');
const hello = greetingLines(b).map(line);
const [greeting, nonce] = greetingLines(b);
/** A peer that does not know rxmp. */
const perlLines = ['aemp;1;perl;hmac_sha3_512;json', 'nonce of perl'] as const;
const perlHello = perlLines.map(line);
const perlProof = (framing: string): string => `hmac_sha3_512;${hmacProof('secret', perlLines, greetingLines(a))};${framing}`;

describe('a handshake that succeeds', () => {
  it('in either order of the gate’s word and the other end’s proof', () => {
    const proof = line(proofOf(b, a));
    const agreement = expect.objectContaining({ method: 'rxmp_sha3_512', trusted: true, secure: false, sendFraming: 'json', receiveFraming: 'json' });
    expect(play(a, ...hello, admit, proof)).toEqual([
      { kind: 'greeted', peer: expect.objectContaining({ node: 'b' }) },
      { kind: 'send', line: proofOf(a, b) },
      { kind: 'done', agreement },
    ]);
    expect(play(a, ...hello, proof, admit).map(({ kind }) => kind)).toEqual(['greeted', 'verified', 'send', 'done']);
  });

  it('each end sends in the framing that the other likes best', () => {
    const cbor = config('b', { framings: ['cbor', 'json'] });
    const effects = play(a, ...greetingLines(cbor).map(line), admit, line(proofOf(cbor, a)));
    expect(effects.at(-1)).toMatchObject({ kind: 'done', agreement: { sendFraming: 'cbor', receiveFraming: 'json' } });
  });

  it('after it, nothing happens any more', () => {
    const proof = line(proofOf(b, a));
    const over = play(a, ...hello, admit, proof);
    expect(play(a, ...hello, admit, proof, proof, admit, { kind: 'refuse', code: 'duplicate', text: 'x' })).toEqual(over);
  });

  it('cleartext is accepted only when told to, and never sent', () => {
    const trusting = config('a', { acceptCleartext: true });
    const cleartext = greeting.replace('rxmp_sha3_512,hmac_sha3_512', 'cleartext');
    expect(reasonOf(play(a, line(cleartext), line(nonce), admit))).toContain('no common authentication method');
    expect(reasonOf(play(trusting, line(cleartext), line(nonce), admit))).toContain('no common authentication method');
    expect(greetingLines(trusting)[0]).toContain(';rxmp_sha3_512,hmac_sha3_512,cleartext;');
    expect(greetingLines(a)[0]).not.toContain('cleartext');
  });
});

describe('every refusal', () => {
  const refusals: [string, HandshakeConfig, HandshakeEvent[], RegExp][] = [
    ['no greeting', a, [line('GET / HTTP/1.1')], /wanted the protocol aemp/],
    ['another protocol of the family', a, [line(greeting.replace('aemp', 'aemp-dataconn'))], /unknown protocol "aemp-dataconn": expected "aemp"/],
    ['another version', a, [line(greeting.replace(';1;', ';2;'))], /wanted version 1 of aemp, got "2"/],
    ['a bad node id', a, [line(greeting.replace(';b;', ';b#;'))], /bad node id/],
    ['an echo of our own lines', a, greetingLines(a).map(line), /our own greeting was echoed/],
    ['our own nonce', a, [line(greeting), line(a.nonce)], /sent our own nonce/],
    ['ourselves', a, greetingLines(config('a', { nonce: 'other nonce of a', keys: a.keys })).map(line), /talking to myself/],
    ['somebody who repeats our greeting', a, greetingLines(config('a', { nonce: 'other', keys: a.keys })).map(line), /another node has our/],
    ['another node with our id', a, greetingLines(config('a', { nonce: 'other', keys: new Map([[RUN_KEY, 'r']]) })).map(line), /another node has our node id "a"/],
    ['no secret here', config('a', { secret: undefined }), [...hello, admit], /no secret is configured here/],
    ['no secret there', a, [...greetingLines(config('b', { secret: undefined })).map(line), admit], /the other end accepts none/],
    ['no common framing', a, [...greetingLines(config('b', { framings: ['storable'] })).map(line), admit], /accepts storable, we have json, cbor/],
    ['another secret', a, [...hello, admit, line(proofOf(config('b', { secret: 'guess' }), a))], /wrong secret/],
    ['a proof for somebody else', a, [...hello, admit, line(proofOf(b, config('c')))], /wrong secret/],
    ['our own proof sent back', a, [...hello, admit, line(proofOf(a, b))], /wrong secret/],
    ['an unknown method', a, [...hello, admit, line('tls_anon;;json')], /"tls_anon" is not accepted here/],
    ['the secret in clear', a, [...hello, admit, line('cleartext;736563726574;json')], /"cleartext" is not accepted here/],
    ['another framing than the proof covers', a, [...hello, admit, line(proofOf(b, a).replace('json', 'cbor'))], /handshake was changed on its way/],
    ['an unknown framing', a, [...perlHello, admit, line(perlProof('storable'))], /"storable" is not known here/],
    ['no proof at all', a, [...hello, admit, line('')], /wanted <method>;<data>;<framing>/],
    ['being refused as a duplicate', a, [...hello, admit, line('refused;duplicate;')], /refused: another live node has our node id/],
    ['being refused as connected', a, [...hello, admit, line('refused;connected;')], /refused: the nodes are connected already/],
    ['being refused for an unknown reason', a, [...hello, admit, line('refused;__proto__;')], /^refused by the other end: "__proto__"$/],
  ];

  it.each(refusals)('%s', (_what, own, events, reason) => {
    const effects = play(own, ...events);
    expect(reasonOf(effects)).toMatch(reason);
    expect(effects.filter(({ kind }) => kind === 'done' || kind === 'verified')).toEqual([]);
    // whatever follows changes nothing
    expect(play(own, ...events, line(proofOf(b, a)), admit)).toEqual(effects);
  });

  it('rxmp peers are told why the gate refuses, others are not', () => {
    const refuse: HandshakeEvent = { kind: 'refuse', code: 'duplicate', text: 'why' };
    expect(play(a, ...hello, refuse).slice(1)).toEqual([
      { kind: 'send', line: 'refused;duplicate;' },
      { kind: 'failed', reason: 'why' },
    ]);
    const perl = greetingLines(config('b', { keys: new Map([['provider', 'AE-2.01']]) })).map(line);
    expect(play(a, ...perl, refuse).slice(1)).toEqual([{ kind: 'failed', reason: 'why' }]);
    // after our proof has left it is too late to say so
    expect(play(a, ...hello, admit, refuse).slice(2)).toEqual([{ kind: 'failed', reason: 'why' }]);
  });

  it('of a node with our id says what it is: S18 wants an error, S21 a dropped seed', () => {
    const codeOf = (peer: HandshakeConfig): unknown => play(a, ...greetingLines(peer).map(line)).at(-1);
    expect(codeOf(config('a', { nonce: 'other nonce of a', keys: a.keys }))).toMatchObject({ kind: 'failed', code: 'self' });
    expect(codeOf(config('a', { nonce: 'other', keys: new Map([[RUN_KEY, 'r']]) }))).toMatchObject({ code: 'duplicate' });
  });
});
