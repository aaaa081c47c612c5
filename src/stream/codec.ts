import type { Limits } from '../env/limits.js';
import { cborFraming, exactCborDecoder } from '../wire/cbor.js';
import { kindOf } from '../wire/message.js';
import { isOctets } from '../wire/octets.js';
import { checkSize } from '../wire/size.js';

/** What is written to a stream, as octets, and back. */
export interface Codec<T> {
  /** Throws TypeError for what can't be sent, `MessageTooLarge` for what is too much at a time. */
  encode(value: T): Uint8Array;
  /** Takes octets in any pieces; gives what they complete. Throws `ProtocolError`. */
  decode(octets: Uint8Array, deliver: (value: T) => void): void;
  /** What may wait in the stream, and what a part of it counts. */
  readonly strategy: { readonly highWaterMark: number; size(value: T): number };
}

/** What may wait in one direction at one end, octets. */
const WAITING = 64 * 1024;
/** The same as values. */
const WAITING_VALUES = 64;

export const octets: Codec<Uint8Array> = {
  encode(value) {
    if (isOctets(value)) return value;
    throw new TypeError(`a stream takes Uint8Arrays, got ${kindOf(value)}: give openStream the option { values: true }, or pipe text through a TextEncoderStream`);
  },
  decode(chunk, deliver) { deliver(chunk); },
  strategy: { highWaterMark: WAITING, size: ({ byteLength }) => byteLength },
};

/** Each value is a CBOR item, whatever the framing of the link: octets in it stay octets. */
export function valuesCodec(limits: Limits): Codec<unknown> {
  const decoder = exactCborDecoder(limits);
  return {
    encode(value) {
      const encoded = cborFraming.encode('', [value]) as Uint8Array;
      checkSize(encoded, '', [value], limits);
      return encoded;
    },
    decode(chunk, deliver) { decoder.push(chunk, (_, [value]) => { deliver(value); }); },
    strategy: { highWaterMark: WAITING_VALUES, size: () => 1 },
  };
}
