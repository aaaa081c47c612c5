import { createHash, createHmac } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { greetingLines } from '../../src/transport/handshake.js';
import type { AuthenticateConfig } from '../../src/transport/authenticate.js';
import { parseGreeting } from '../../src/wire/greeting.js';
import { tlsProof, type GreetingLines } from '../../src/wire/proof.js';
import { createStage, endConfig, fakeTls, type Outcome } from '../fixtures/two-ends.js';
import type { DeviationId } from './deviations.js';

/** What is recorded of a handshake with TLS: both greetings, and whether the Perl node `G` then hung up. Not what was said inside. */
interface TlsRecording {
  readonly file: string;
  /** The part that the hand-made peer `H` had in TLS. */
  readonly role: 'client' | 'server';
  /** How `H` proved itself, and what was special about it: `othercert`, `rev`, ... */
  readonly proof: string;
  readonly special: string;
  /** What `G` did not have. */
  readonly lacks: 'cert' | 'secret' | undefined;
  readonly peer: GreetingLines;
  readonly own: GreetingLines;
  readonly accepted: boolean;
}

/** `H` left after 600 ms by itself; `G` hung up sooner, if it did. Milliseconds. */
const PATIENCE = 500;
const SECRET = 'of these tests';
const folder = new URL('../fixtures/vectors/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.startsWith('i_tls_plain_'));

function read(name: string): TlsRecording {
  const content = JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as {
    readonly auth: string;
    readonly events: readonly { readonly t_ms: number }[];
    readonly chunks: readonly { readonly t_ms: number; readonly dir: string; readonly base64: string }[];
  };
  const said = (dir: string): GreetingLines => {
    const octets = content.chunks.filter((chunk) => chunk.dir === dir).map(({ base64 }) => Buffer.from(base64, 'base64'));
    const [greeting = '', nonce = ''] = Buffer.concat(octets).toString().split('\n');
    return [greeting, nonce];
  };
  const [, role, rest = ''] = /^i_tls_plain_(client|server)_(.*)_json\.json$/.exec(name) ?? [];
  const words = rest.slice(content.auth.length).split('_').filter((word) => word !== '');
  const lacks = words.includes('Gnocert') ? 'cert' : words.includes('Gnosecret') ? 'secret' : undefined;
  const end = (content.events[0]?.t_ms ?? 0) - (content.chunks.at(-1)?.t_ms ?? 0);
  return {
    file: name,
    role: role === 'server' ? 'server' : 'client',
    proof: content.auth,
    special: words.find((word) => !word.startsWith('G')) ?? '',
    lacks,
    peer: said('c>s'),
    own: said('s>c'),
    accepted: end > PATIENCE,
  };
}

const recordings = files.map(read);

/** G as an rxmp node, with what G had. */
function nodeG({ own: [greeting, nonce], lacks, special }: TlsRecording, options: Partial<AuthenticateConfig> = {}): AuthenticateConfig {
  const { keys, framings } = parseGreeting(greeting);
  const fault = { othercert: 'its certificate is signed by an unknown CA', nocert: 'it has sent no certificate' }[special];
  return endConfig('G', {
    initiator: false,
    nonce,
    framings,
    keys: new Map([...keys].filter(([key]) => key !== 'tls')),
    secret: lacks === 'secret' || special === 'only-hmac-accepted' ? undefined : SECRET,
    ...(lacks === 'cert' ? {} : { tls: 'required', upgrade: fakeTls('session', fault === undefined ? {} : { fault }) }),
    ...options,
  });
}

/** The proof of H as another implementation makes it, over H's recorded lines and those of the node. */
function proofOfH({ proof, special, peer }: TlsRecording, own: GreetingLines): string {
  const sender = peer.map((line) => `${line}\n`).join('');
  const receiver = own.map((line) => `${line}\n`).join('');
  const text = special === 'rev' ? receiver + sender : sender + receiver;
  switch (proof) {
    case 'hmac':
      return `hmac_sha3_512;${createHmac('sha3-512', SECRET).update(text).digest('hex')};json`;
    case 'tls_sha3_512':
      return `tls_sha3_512;${createHash('sha3-512').update(text).digest('hex')};json`;
    case 'tls_anon':
      return 'tls_anon;;json';
    default:
      return `cleartext;${Buffer.from(SECRET).toString('hex')};json`;
  }
}

/** Plays H as recorded against a node, inside TLS where both ends have announced it; what the node says last, and what comes of it. */
function play(recording: TlsRecording, options: Partial<AuthenticateConfig> = {}): { readonly line: string; readonly outcomes: readonly Outcome[] } {
  const stage = createStage();
  const config = nodeG(recording, options);
  const [end, own] = stage.wire();
  const outcomes = stage.run(end, config);
  let heard = '';
  own.incoming$.subscribe((chunk) => (heard += typeof chunk === 'string' ? chunk : new TextDecoder().decode(chunk)));
  const secured = config.tls !== 'none' && recording.peer[0].includes('tls=1.0');
  const hello = secured ? `TLS ${recording.role}!` : '';
  own.write(`${recording.peer.join('\n')}\n${hello}${proofOfH(recording, greetingLines(config))}\n`);
  stage.clock.runFor(100);
  const afterGreeting = heard.split('\n').slice(2).join('\n');
  return { line: afterGreeting.replace(/^TLS \w+!/, '').trim(), outcomes };
}

/** Recordings that Perl accepts and rxmp refuses, unless it is told to do as Perl does. */
const stricter: Readonly<Record<string, readonly [DeviationId, Partial<AuthenticateConfig>]>> = {
  'i_tls_plain_client_cleartext_json.json': ['cleartext-off', { acceptCleartext: true }],
  'i_tls_plain_client_hmac_notls_json.json': ['tls-required', { tls: 'offered' }],
  'i_tls_plain_client_tls_anon_Gnosecret_json.json': ['anonymous-off', { acceptAnonymous: true }],
};

describe('recorded handshakes with TLS (wire.md 1.3)', () => {
  it('are all of them, some accepted and some refused', () => {
    expect(recordings).toHaveLength(12);
    expect(recordings.filter(({ accepted }) => accepted).map(({ proof, role }) => `${proof} ${role}`)).toEqual(
      expect.arrayContaining(['hmac client', 'tls_sha3_512 client', 'tls_sha3_512 server', 'tls_anon client', 'cleartext client']),
    );
    expect(recordings.filter(({ accepted }) => !accepted).map(({ special }) => special).sort()).toEqual(
      ['nocert', 'only-hmac-accepted', 'othercert', 'othercert', 'rev'],
    );
  });

  it.each(recordings)('$file: the greeting to the octet, but for the methods', (recording) => {
    const methods = (line: string): string => line.replace(/^(aemp;1;G;)[^;]*/, '$1');
    const [greeting, nonce] = greetingLines(nodeG(recording));
    expect([methods(greeting), nonce]).toEqual([methods(recording.own[0]), recording.own[1]]);
  });

  it.each(recordings)('$file: the hash of the recorded lines, from both ends', ({ peer, own }) => {
    const text = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');
    expect(tlsProof(peer, own)).toBe(createHash('sha3-512').update(text([...peer, ...own])).digest('hex'));
    expect(tlsProof(own, peer)).toBe(createHash('sha3-512').update(text([...own, ...peer])).digest('hex'));
  });

  it.each(recordings)('$file: answered as recorded, or more strictly', (recording) => {
    const [deviation, asPerl] = stricter[recording.file] ?? [];
    const { outcomes } = play(recording);
    expect(outcomes).toHaveLength(1);
    expect('node' in outcomes[0]!).toBe(recording.accepted && deviation === undefined);
    if (asPerl === undefined) return;
    const { outcomes: tolerant } = play(recording, asPerl);
    expect(tolerant).toEqual([expect.objectContaining({ node: 'H', trusted: recording.proof !== 'tls_anon' })]);
  });

  it.each(recordings.filter(({ accepted }) => accepted))('$file: our own line is what Perl expects', (recording) => {
    const [, asPerl] = stricter[recording.file] ?? [];
    const { line } = play(recording, asPerl);
    const own = greetingLines(nodeG(recording, asPerl));
    const text = [...own, ...recording.peer].map((part) => `${part}\n`).join('');
    const hmac = (): string => createHmac('sha3-512', SECRET).update(text).digest('hex');
    // the first of the other end's list that we can offer: its list begins with tls_sha3_512, which needs TLS
    const inTls = recording.lacks !== 'cert' && recording.peer[0].includes('tls=1.0');
    expect(line).toBe(
      inTls ? `tls_sha3_512;${createHash('sha3-512').update(text).digest('hex')};json` : `hmac_sha3_512;${hmac()};json`,
    );
  });

  it.each([
    ['othercert', /^TLS failed: its certificate is signed by an unknown CA$/],
    ['nocert', /^TLS failed: it has sent no certificate$/],
    ['rev', /^the handshake was changed on its way: the other end has seen other greetings$/],
    ['only-hmac-accepted', /^no common authentication method: the other end accepts hmac_sha3_512, we offer tls_sha3_512: no secret is configured here$/],
  ])('%s: one reason that says why', (special, reason) => {
    const all = recordings.filter((recording) => recording.special === special);
    expect(all.length).toBeGreaterThan(0);
    for (const recording of all) expect(play(recording).outcomes).toEqual([{ reason: expect.stringMatching(reason) }]);
  });

  it('the greeting of a Perl node with TLS says it first among the keys', () => {
    for (const { own } of recordings.filter(({ lacks }) => lacks !== 'cert')) {
      expect([...parseGreeting(own[0]).keys][0]).toEqual(['tls', '1.0']);
    }
  });
});
