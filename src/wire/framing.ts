import { cborFraming } from './cbor.js';
import { jsonFraming } from './json.js';
import { jsonLinesFraming } from './json-lines.js';
import type { Framing } from './message.js';

export type { Decoder, Deliver, Encoded, Framing, FramingLimits, Values } from './message.js';

/** The framings of this implementation, by the name that a greeting gives them; the fastest first. */
export const framings: ReadonlyMap<string, Framing> = new Map([
  [jsonLinesFraming.name, jsonLinesFraming],
  [jsonFraming.name, jsonFraming],
  [cborFraming.name, cborFraming],
]);
