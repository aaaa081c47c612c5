import { describe, expect, it } from 'vitest';
import type { AuthenticateConfig } from '../../../src/transport/authenticate.js';
import { hmacProof } from '../../../src/wire/proof.js';
import { createStage, endConfig, fakeTls } from '../../fixtures/two-ends.js';

const client = (options: Partial<AuthenticateConfig> = {}): AuthenticateConfig => endConfig('client', options);
const server = (options: Partial<AuthenticateConfig> = {}): AuthenticateConfig => endConfig('server', { initiator: false, ...options });

const CHANGED = 'wrong secret, or the handshake was changed on its way: the proof does not match';
const one = (reason: unknown): unknown => [{ reason }];
const match = (reason: RegExp | string): unknown => expect.stringMatching(reason);

describe('downgrade', () => {
  const inGreeting = (from: string | RegExp, to: string) => (line: string, index: number): string => {
    if (index !== 0) return line;
    expect(line.replace(from, to)).not.toBe(line);
    return line.replace(from, to);
  };

  it('by a stripped offer to one end: the other one has asked for more, and says so', () => {
    const outcomes = createStage().between(client(), server(), { toRight: inGreeting('rxmp_sha3_512,', '') });
    // the server has proved itself in the weaker way, the client in the better one, over lines that differ
    expect(outcomes.left).toEqual(one('a downgrade: the other end knows rxmp_sha3_512, but its proof is one by hmac_sha3_512'));
    expect(outcomes.right).toEqual(one(CHANGED));
  });

  it('by a stripped offer to both ends: hmac_sha3_512 covers both greetings', () => {
    const strip = inGreeting('rxmp_sha3_512,', '');
    expect(createStage().between(client(), server(), { toRight: strip, toLeft: strip })).toEqual({ left: one(CHANGED), right: one(CHANGED) });
  });

  it('by a reordered offer: rxmp_sha3_512 is taken wherever it stands, and covers the order', () => {
    const swap = inGreeting('rxmp_sha3_512,hmac_sha3_512', 'hmac_sha3_512,rxmp_sha3_512');
    expect(createStage().between(client(), server(), { toRight: swap, toLeft: swap })).toEqual({ left: one(CHANGED), right: one(CHANGED) });
  });

  it('by a right hmac_sha3_512 line of a node that knows rxmp_sha3_512', () => {
    const { outcomes, heard, say } = createStage().stranger(server());
    const own = ['aemp;1;weak;rxmp_sha3_512,hmac_sha3_512;json', 'a nonce'] as const;
    const [greeting = '', nonce = ''] = heard();
    say(...own, `hmac_sha3_512;${hmacProof('secret', own, [greeting, nonce])};json`);
    expect(outcomes).toEqual(one(match(/^a downgrade: the other end knows rxmp_sha3_512/)));
  });

  it('to hmac_sha3_512 is none for a node that knows nothing better', () => {
    const { outcomes, heard, say } = createStage().stranger(server());
    const own = ['aemp;1;perl;hmac_sha3_512;json', 'a nonce'] as const;
    const [greeting = '', nonce = ''] = heard();
    say(...own, `hmac_sha3_512;${hmacProof('secret', own, [greeting, nonce])};json`);
    expect(outcomes).toEqual([expect.objectContaining({ node: 'perl', method: 'hmac_sha3_512' })]);
  });

  it('by the secret in clear, from a node that knows rxmp_sha3_512', () => {
    const { outcomes, heard, say } = createStage().stranger(server({ acceptCleartext: true }));
    heard();
    say('aemp;1;weak;rxmp_sha3_512;json', 'a nonce', 'cleartext;736563726574;json');
    expect(outcomes).toEqual(one(match(/^a downgrade: .* by cleartext$/)));
  });

  it('by stripped framings', () => {
    const strip = inGreeting(';json,cbor;', ';cbor;');
    expect(createStage().between(client(), server(), { toRight: strip })).toEqual({ left: one(CHANGED), right: one(CHANGED) });
    expect(createStage().between(client(), server(), { toRight: strip, toLeft: strip })).toEqual({ left: one(CHANGED), right: one(CHANGED) });
  });

  it('by a stripped tls key, where TLS is required: no proof leaves', () => {
    const tls = { tls: 'required', upgrade: fakeTls('session') } as const;
    const strip = inGreeting('tls=1.0;', '');
    const stage = createStage();
    const said: string[] = [];
    const listen = (line: string, index: number): string => (said.push(line), strip(line, index));
    const outcomes = stage.between(client(tls), server(tls), { toRight: listen, toLeft: listen });
    const reason = 'the other end has no TLS, and without it nobody is let in here';
    expect(outcomes).toEqual({ left: one(reason), right: one(reason) });
    expect(said).toHaveLength(4);
  });

  it('by a stripped tls key, where connections without TLS are accepted: the greetings are covered', () => {
    const tls = { tls: 'offered', upgrade: fakeTls('session') } as const;
    const strip = inGreeting('tls=1.0;', '');
    expect(createStage().between(client(tls), server(tls), { toRight: strip, toLeft: strip })).toEqual({ left: one(CHANGED), right: one(CHANGED) });
  });

  it('by a tls key that neither end has written', () => {
    const add = inGreeting('provider=', 'tls=1.0;provider=');
    expect(createStage().between(client(), server(), { toRight: add, toLeft: add })).toEqual({ left: one(CHANGED), right: one(CHANGED) });
  });
});

describe('a relay that knows no secret, between rxmp and AnyEvent::MP', () => {
  const perl = (): AuthenticateConfig => endConfig('perl', { initiator: false, methods: ['hmac_sha3_512'], keys: new Map() });
  const strict = { methods: ['rxmp_sha3_512', 'tls_sha3_512'] } as const;
  const isIn = (node: string): unknown => [expect.objectContaining({ node, method: 'hmac_sha3_512' })];

  it('that dials both and passes all on is let in by both, each time as the other: hmac_sha3_512 has no roles', () => {
    expect(createStage().between(server(), perl())).toEqual({ left: isIn('perl'), right: isIn('server') });
  });

  it('is refused where "methods" leaves hmac_sha3_512 out, and gets no proof to pass on', () => {
    const said: string[] = [];
    const listen = (line: string): string => (said.push(line), line);
    const outcomes = createStage().between(server(strict), perl(), { toRight: listen });
    const reason = 'no common authentication method: the other end accepts hmac_sha3_512, we offer rxmp_sha3_512';
    expect(outcomes.left).toEqual(one(reason));
    expect(outcomes.right).toEqual([{ reason: expect.any(String) as unknown }]);
    expect(said.filter((line) => line.startsWith('hmac_sha3_512;'))).toEqual([]);
  });

  it('is refused with a proof that was right', () => {
    const { outcomes, heard, say } = createStage().stranger(server({ methods: ['rxmp_sha3_512'] }));
    const own = ['aemp;1;perl;rxmp_sha3_512;json', 'a nonce'] as const;
    const [greeting = '', nonce = ''] = heard();
    say(...own, `hmac_sha3_512;${hmacProof('secret', own, [greeting, nonce])};json`);
    expect(outcomes).toEqual(one('authentication method "hmac_sha3_512" is not accepted here'));
  });

  it('changes nothing between nodes that both know rxmp_sha3_512', () => {
    const { left, right } = createStage().between(client(strict), server(strict));
    expect([left, right]).toEqual([[expect.objectContaining({ method: 'rxmp_sha3_512' })], [expect.objectContaining({ method: 'rxmp_sha3_512' })]]);
  });
});

describe('changed values', () => {
  it.each([
    ['the node id', /;client;/, ';mallet;'],
    ['the version', 'aemp;1;', 'aemp;1.1;'],
    ['the implementation', 'rxmp-test', 'rxmp-tesz'],
    ['the address', 'where client', 'where nobody'],
    ['the run', 'run=run of', 'run=ran of'],
    ['a key more', 'provider=', 'gproto=1;provider='],
    ['a key less', /;run=.*/, ''],
    ['an escape that means the same', 'where client', '%77here client'],
  ])('%s', (_what, from, to) => {
    const change = (line: string, index: number): string => (index === 0 ? line.replace(from, to) : line);
    expect(createStage().between(client(), server(), { toRight: change })).toEqual({ left: one(CHANGED), right: one(CHANGED) });
  });

  it('the nonce', () => {
    const change = (line: string, index: number): string => (index === 1 ? `${line}!` : line);
    expect(createStage().between(client(), server(), { toRight: change })).toEqual({ left: one(CHANGED), right: one(CHANGED) });
  });

  it.each([
    ['the framing', ';json', ';cbor', CHANGED],
    ['a key more', ';json', ';json;x=y', CHANGED],
    ['upper case', /[a-f](?=[0-9a-f]*;json)/, 'A', CHANGED],
    ['the method', 'rxmp_', 'hmac_', /^a downgrade/],
    ['an unknown method', 'rxmp_', 'none_', /^authentication method "none_sha3_512" is not accepted here/],
    ['a method that needs TLS', 'rxmp_sha3_512', 'tls_sha3_512', /is not accepted here/],
  ])('in the authentication line: %s', (_what, from, to, reason) => {
    const change = (line: string, index: number): string => (index === 2 ? line.replace(from, to) : line);
    expect(createStage().between(client(), server(), { toRight: change }).right).toEqual(one(match(reason)));
  });

  it('hmac_sha3_512, which Perl nodes speak, does not cover the framing of the authentication line', () => {
    const { outcomes, heard, say } = createStage().stranger(server());
    const own = ['aemp;1;perl;hmac_sha3_512;json,cbor', 'a nonce'] as const;
    const [greeting = '', nonce = ''] = heard();
    const line = `hmac_sha3_512;${hmacProof('secret', own, [greeting, nonce])};json`;
    say(...own, line.replace(';json', ';cbor'));
    expect(outcomes).toEqual([expect.objectContaining({ received: 'cbor' })]);
  });
});
