import { ProtocolError } from './errors.js';
import { plain } from './plain.js';
import { isOctets } from './octets.js';

// how JSON.stringify begins a Uint8Array and a Buffer: searching the text costs far less than looking at every value
const OCTETS_IN_JSON = ['{"0":', '{"type":"Buffer"'];

/**
 * A whole message as JSON. A BigInt is written as a bare integer, which a JavaScript reader rounds to a double. Octets have
 * no form in JSON: a `Uint8Array` in a message throws TypeError.
 */
export function jsonOf(whole: readonly unknown[]): string {
  let text: string;
  try {
    text = JSON.stringify(whole);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return write(plain(whole)); // a BigInt, or something that contains itself, which plain() refuses
  }
  if (whole.some(isObject) && OCTETS_IN_JSON.some((sign) => text.includes(sign)) && holdsOctets(whole)) throw noOctets();
  return text;
}

function write(value: unknown): string {
  if (typeof value === 'bigint') return value.toString();
  if (isOctets(value)) throw noOctets();
  if (Array.isArray(value)) return `[${value.map(write).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  return `{${Object.entries(value).map(([key, inner]) => `${JSON.stringify(key)}:${write(inner)}`).join(',')}}`;
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

function holdsOctets(value: unknown): boolean {
  if (!isObject(value)) return false;
  return isOctets(value) || Object.values(value).some(holdsOctets);
}

const noOctets = (): TypeError =>
  new TypeError('the JSON framing cannot carry octets (Uint8Array): send text, for example base64, or use CBOR');

/** What a text from outside says. Throws {@link ProtocolError} when it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ProtocolError(`a message is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The error for octets that should have been a text. */
export const notUtf8 = (): ProtocolError => new ProtocolError('a JSON message is not UTF-8');
