import { Decoder as CborDecoder, Encoder as CborEncoder } from 'cbor-x';
import { createAssembler } from './assembler.js';
import { createCborScan } from './cbor-scan.js';
import { hasBadText, joinStrings } from './cbor-strings.js';
import { copyOf, fromCbor } from './cbor-values.js';
import { ProtocolError } from './errors.js';
import { checkMessage, type Decoder, type Deliver, type Framing, type FramingLimits } from './message.js';
import { createOctetBuffer } from './octets.js';
import { plain, wellFormed } from './plain.js';

/**
 * CBOR items one after the other (RFC 8949), as Perl's CBOR::XS writes and reads them.
 *
 * What is sent is what the JSON framing would send, except that a `Uint8Array` is a byte string, and that NaN, Infinity
 * and BigInts keep their value, and that half of a surrogate pair becomes U+FFFD. What is received is plain data: byte strings become text where they are valid UTF-8 and
 * a `Uint8Array` otherwise (Perl sends nearly all text so), integers beyond 2^53 are BigInts, maps are objects with text
 * keys, undefined is null, and a Perl reference is what it refers to.
 */
export const cborFraming: Framing = { name: 'cbor', encode, decoder: (limits) => decoder(limits) };

// no records, no tags: what every reader of CBOR knows
const writer = new CborEncoder({ useRecords: false, variableMapSize: true, tagUint8Array: false });
// maps as Map, because keys may be byte strings
const reader = new CborDecoder({ useRecords: false, mapsAsObjects: false });

/** How a half of a surrogate pair begins where cbor-x writes it, which is no UTF-8; Korean begins so too. */
const SURROGATE = 0xed;

function encode(portName: string, message: readonly unknown[]): Uint8Array {
  const whole = plain([portName, ...message]);
  const encoded = writer.encode(whole);
  // copied, because cbor-x writes many messages into one buffer, which each would keep alive
  return new Uint8Array(encoded.includes(SURROGATE) ? writer.encode(wellFormed(whole)) : encoded);
}

/** As {@link cborFraming} has it, but octets stay octets, also where they are UTF-8: for what no node of AnyEvent::MP has written. */
export const exactCborDecoder = (limits: FramingLimits): Decoder => decoder(limits, copyOf);

function decoder(limits: FramingLimits, octetsOf?: (octets: Uint8Array) => unknown): Decoder {
  let deliver: Deliver;
  const scanner = createCborScan(limits);
  const assembler = createAssembler(scanner.scan, limits.messageSize, createOctetBuffer(), (item) => {
    const message = checkMessage(read(scanner.rare ? joinStrings(item) : item, octetsOf));
    deliver(message.shift(), message);
  });
  return {
    push(chunk, deliverTo) {
      if (typeof chunk === 'string') throw new ProtocolError('CBOR is octets, got text');
      deliver = deliverTo;
      for (let at = 0; at < chunk.length; ) at = assembler.feed(chunk, at);
    },
  };
}

function read(item: Uint8Array, octetsOf?: (octets: Uint8Array) => unknown): unknown {
  let doubtful = false;
  let value: unknown;
  try {
    value = fromCbor(reader.decode(item), () => { doubtful = true; }, octetsOf);
  } catch (error) {
    throw new ProtocolError(`a message is not CBOR: ${error instanceof Error ? error.message : String(error)}`);
  }
  // cbor-x replaces what is no UTF-8, which would change what was sent; the JSON framing refuses it too
  if (doubtful && hasBadText(item)) throw new ProtocolError('a CBOR text is not UTF-8');
  return value;
}
