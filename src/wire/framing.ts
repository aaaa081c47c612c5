import { cborFraming } from './cbor.js';
import { jsonFraming } from './json.js';
import type { Framing } from './message.js';

export type { Decoder, Framing, FramingLimits, WireMessage } from './message.js';

/** The framings of this implementation, by the name that a greeting gives them. */
export const framings: ReadonlyMap<string, Framing> = new Map([
  [jsonFraming.name, jsonFraming],
  [cborFraming.name, cborFraming],
]);
