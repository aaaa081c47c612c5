import { isDeepStrictEqual } from 'node:util';
import { greetingLines, handshakeStart, handshakeStep, type HandshakeConfig, type HandshakeState } from '../../src/transport/handshake.js';
import { HandshakeFailed } from '../../src/wire/errors.js';
import { formatGreeting, parseGreeting } from '../../src/wire/greeting.js';
import { isNodeId } from '../../src/wire/node-id.js';
import { createLineReader } from '../../src/wire/lines.js';
import { textOf } from '../../src/wire/octets.js';
import { hmacProof } from '../../src/wire/proof.js';
import { cut } from '../fixtures/chunking.js';
import { directions, recordings } from '../fixtures/recordings.js';
import { corpusOf, octetsOf } from './corpus.js';
import { shown, type Surface } from './fuzz.js';
import { mutated } from './mutate.js';
import { testSurface } from './surface-tests.js';

const MAX_LINE = 4096;

const own: HandshakeConfig = {
  ...{ node: 'own', framings: ['json', 'cbor'], secret: 'secret', nonce: 'our nonce', initiator: false, tls: 'none' },
  ...{ acceptCleartext: false, acceptCertificate: false, acceptAnonymous: false, issued: () => false, keys: new Map([['run', 'r']]) },
};

/** The lines of recorded handshakes: greetings, nonces, proofs. */
const recorded = (index: number): Uint8Array[] =>
  recordings.flatMap(({ lines }) => directions.flatMap((direction) => lines[direction][index] ?? [])).map((line) => new TextEncoder().encode(line));

const words = [
  ...['aemp', 'aemp-dataconn', ';', ';;', ',', '=', '%25', '%253b', '%2525', '1', '1.0', '2', 'hmac_sha3_512', 'cleartext', 'tls_sha3_512', 'tls_anon'],
  ...['json', 'cbor', 'storable', 'run=', 'tls=1.0', 'provider=rxmp-', 'peeraddr=', 'mproto=1', '__proto__', '__proto__=1', 'constructor', 'own', 'refused', 'duplicate', 'connected'],
  ...['%00', '%0a', '%0d', '%0d%0a', '%ff', '%c3%28', '%ed%a0%80', '%ef%bb%bf', 'our nonce'],
].map(octetsOf);

function lineSurface(name: string, corpus: readonly Uint8Array[], take: (line: string) => boolean): Surface<Uint8Array> {
  const material = { corpus, words, longest: MAX_LINE };
  return {
    name,
    corpus,
    make: (chance) => mutated(chance, material),
    take(octets) {
      const text = textOf(octets);
      return text !== undefined && take(text);
    },
    show: shown,
  };
}

testSurface('greeting', {
  word: '%00',
  surface: () =>
    lineSurface('greeting', [...corpusOf('greeting'), ...recorded(0)], (line) => {
      const { state, effects } = handshakeStep(own, handshakeStart, { kind: 'line', text: line });
      if (state.phase === 'over') {
        if (effects.length !== 1 || effects[0]?.kind !== 'failed') throw new Error(`ended with ${JSON.stringify(effects)}`);
        return false;
      }
      const greeting = parseGreeting(line);
      if (!isNodeId(greeting.node)) throw new Error(`"${greeting.node}" is taken for a node id`);
      if (!/[\r\n]/.test(line) && !isDeepStrictEqual(parseGreeting(formatGreeting(greeting)), greeting)) throw new Error('is read in two ways');
      return true;
    }),
});

const peerLine = formatGreeting({ protocol: 'aemp', version: '1', node: 'peer', auth: ['hmac_sha3_512'], framings: ['json'], keys: new Map() });
const proof = hmacProof('secret', [peerLine, 'their nonce'], greetingLines(own));

/** Greetings are exchanged, and the gate has let the peer in. */
function introduced(): HandshakeState {
  let state = handshakeStart;
  for (const text of [peerLine, 'their nonce']) ({ state } = handshakeStep(own, state, { kind: 'line', text }));
  return handshakeStep(own, state, { kind: 'admit' }).state;
}

testSurface('authentication line', {
  word: 'cleartext',
  surface: () => {
    const begun = introduced();
    const right = `hmac_sha3_512;${proof};json`;
    const corpus = [right, right.replace('json', 'cbor'), `${right};key=value`].map(octetsOf);
    const often = Array.from({ length: 8 }, () => corpus).flat();
    return lineSurface('authentication', [...often, ...corpusOf('authentication'), ...recorded(2)], (line) => {
      const { effects } = handshakeStep(own, begun, { kind: 'line', text: line });
      const done = effects.some(({ kind }) => kind === 'done');
      if (effects.length !== 1 || (!done && effects[0]?.kind !== 'failed')) throw new Error(`ended with ${JSON.stringify(effects)}`);
      // nobody comes in without the proof, whatever else is in the line
      if (done && !line.startsWith(`hmac_sha3_512;${proof};`)) throw new Error('let in without a proof');
      return done;
    });
  },
});

testSurface('line reader', {
  word: '%0d%0a',
  surface: () => {
    const whole = recordings.flatMap(({ lines }) => directions.map((direction) => new TextEncoder().encode(lines[direction].join('\r\n') + '\n["data"]')));
    const material = { corpus: [...corpusOf('lines'), ...whole], words: [...words, octetsOf('x'.repeat(2_000)), octetsOf('%0a'.repeat(50))], longest: 3 * MAX_LINE };
    const read = (chunks: readonly Uint8Array[]): { readonly lines: string[]; readonly rest: Uint8Array | string } => {
      const reader = createLineReader(MAX_LINE);
      const lines: string[] = [];
      try {
        for (const chunk of chunks) {
          reader.push(chunk);
          for (let line = lines.length < 3 ? reader.next() : undefined; line !== undefined; line = lines.length < 3 ? reader.next() : undefined) lines.push(line);
        }
        return { lines, rest: reader.rest() };
      } catch (error) {
        if (!(error instanceof HandshakeFailed)) throw error;
        return { lines, rest: error.message };
      }
    };
    return {
      name: 'lines',
      corpus: material.corpus,
      make: (chance) => mutated(chance, material),
      take(octets, chance) {
        const all = read([octets]);
        const inPieces = read(cut(octets, 1 + chance.below(500), () => chance.fraction()));
        if (all.lines.join('\n') !== inPieces.lines.join('\n') || Buffer.compare(Buffer.from(all.rest), Buffer.from(inPieces.rest)) !== 0) {
          throw new Error('what is read depends on how it was cut');
        }
        if (all.lines.some((line) => line.length >= MAX_LINE)) throw new Error('a line is too long');
        return typeof all.rest !== 'string';
      },
      show: shown,
    };
  },
});
