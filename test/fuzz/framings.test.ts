import { isDeepStrictEqual } from 'node:util';
import { RxmpError } from '../../src/wire/errors.js';
import { countItems } from '../../src/wire/items.js';
import { cut, joined } from '../fixtures/chunking.js';
import { decodeAll } from '../fixtures/decode.js';
import { recordings } from '../fixtures/recordings.js';
import type { Chance } from './chance.js';
import { corpusOf, octetsOf, pieces } from './corpus.js';
import { shown, type Surface } from './fuzz.js';
import { cborStream } from './generate-cbor.js';
import { jsonLinesStream, jsonStream } from './generate-json.js';
import { mutated } from './mutate.js';
import { testSurface } from './surface-tests.js';

const LIMITS = { messageSize: 4_000, messageDepth: 100, messageItems: 300 };
const LONGEST = 6_000;
/** Recordings are cut into pieces of this, so that mutations are not lost in what is right. */
const PIECE = 300;

interface Outcome {
  readonly messages: readonly unknown[];
  readonly error?: unknown;
}

function framingSurface(framing: string, words: readonly Uint8Array[], generated: (chance: Chance) => Uint8Array): Surface<Uint8Array> {
  const streams = recordings.flatMap((recording) => recording.streams.filter((stream) => stream.framing === framing));
  const recorded = streams.flatMap(({ chunks }) => pieces(joined(chunks).subarray(0, 3_000), PIECE));
  const corpus = [...corpusOf(framing), ...recorded];
  const material = { corpus, words, longest: LONGEST };
  const decoded = (chunks: readonly Uint8Array[]): Outcome => {
    const outcome = decodeAll(framing, chunks, LIMITS);
    const large = outcome.messages.find((message) => countItems(message) > LIMITS.messageItems);
    if (large !== undefined) throw new Error(`a message of ${countItems(large)} items was let in`);
    if (outcome.error !== undefined && !(outcome.error instanceof RxmpError)) throw outcome.error;
    return outcome;
  };
  return {
    name: framing,
    corpus,
    make(chance) {
      if (chance.often(0.5)) return mutated(chance, material);
      const made = generated(chance);
      return chance.often(0.7) ? made : mutated(chance, { ...material, corpus: [made, chance.pick(corpus)] });
    },
    take(octets, chance) {
      const whole = decoded([octets]);
      const random = (): number => chance.fraction();
      const inPieces = decoded(cut(octets, octets.length < 40 ? 0.5 : 1 + random() * 400, random));
      if (!agree(whole, inPieces) && !(framing === 'json' && isLenient(whole, inPieces))) {
        throw new Error(`what is read depends on how it was cut: ${describe(whole)}, or ${describe(inPieces)}`);
      }
      return whole.error === undefined;
    },
    show: shown,
  };
}

const agree = (a: Outcome, b: Outcome): boolean => isDeepStrictEqual(a.messages, b.messages) && (a.error === undefined) === (b.error === undefined);

/**
 * Whole lines are read with one call of `JSON.parse`, which takes a comma between messages too if another line end stands
 * inside a message. Only who sends that knows; what is right is always read alike.
 */
function isLenient(a: Outcome, b: Outcome): boolean {
  const [less, more] = a.messages.length < b.messages.length ? [a, b] : [b, a];
  return less.error !== undefined && isDeepStrictEqual(less.messages, more.messages.slice(0, less.messages.length));
}

function describe({ messages, error }: Outcome): string {
  return `${messages.length} messages${error instanceof Error ? `, then "${error.message}"` : ''}`;
}

const jsonWords = [
  ...['[', ']', '{', '}', '"', ',', ':', '\\', '\\u', '\\ud800', '\\u0000', '%00', '%0a', '%0d%0a', '%ef%bb%bf', '%ff', '%ed%a0%80', '[[[[[[', ']]]]]]', '%e2%80%a8'],
  ...['null', 'true', 'NaN', '"__proto__"', '"snd"', '[""]', '["p"]', '%0a["p"]%0a', '["p"],["q"]', '/*', '//', "'", '{"":', ' '.repeat(50), '[1,'.repeat(120)],
].map(octetsOf);
testSurface('JSON framing', { word: '%ef%bb%bf', surface: () => framingSurface('json', jsonWords, jsonStream) });

const linesWords = [...jsonWords, ...['[1,"p",', '[2,"p",0,0]%0a', '0', ',2,', '%0a', '[0]', '-1', '[1,"p",1,', '[9007199254740991,'].map(octetsOf)];
testSurface('JSON lines of rxmp', { word: '%ef%bb%bf', surface: () => framingSurface('rxmp_json', linesWords, jsonLinesStream) });

const cborWords = [
  ...['%80', '%81%40', '%82%40%00', '%9f', '%bf', '%5f', '%7f', '%ff', '%41', '%61', '%58', '%78', '%9a', '%ba', '%5a', '%7a', '%9b', '%bb', '%c2', '%c3', '%c2%40'],
  ...['%d8%1b', '%d8%1c', '%d8%1d', '%d9%56%52', '%d9%d9%f7', '%f6', '%f7', '%f9', '%fa', '%fb', '%f8', '%1b', '%3b', '%1c', '%fc', '%a1', '%49__proto__', '%69__proto__', '%61%ff'],
  ...['%81'.repeat(60), '%a1%40'.repeat(60), '%9f'.repeat(60), '%40'.repeat(60)],
].map(octetsOf);
testSurface('CBOR framing', { word: '%d9%d9%f7', surface: () => framingSurface('cbor', cborWords, cborStream) });
