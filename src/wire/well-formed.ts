/** Half of a surrogate pair: with the flag `u` whole pairs are one character, of another kind. */
const HALF = /\p{Surrogate}/u;
const HALVES = /\p{Surrogate}/gu;

// a method of String since ES2024: faster, but not in all browsers of docs/browsers.md
const native = (String.prototype as { toWellFormed?: (this: string) => string }).toWellFormed;

/** The text with U+FFFD for each half of a surrogate pair, which CBOR does not carry. */
export const wellFormedText = (text: string): string => native?.call(text) ?? text.replace(HALVES, '\ufffd');

/** Whether a text has no half of a surrogate pair. */
export const isWellFormed = (text: string): boolean => (native === undefined ? !HALF.test(text) : native.call(text) === text);
