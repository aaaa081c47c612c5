import { readdirSync, readFileSync } from 'node:fs';

const folder = new URL('../fixtures/corpus/', import.meta.url);

/**
 * The kept inputs of a surface: each line of its files is one. `#` begins a comment. In a `.hex` file octets are hex digits,
 * in a `.txt` file text, with `%xx` for any octet.
 */
export function corpusOf(surface: string): readonly Uint8Array[] {
  const from = new URL(`${surface}/`, folder);
  return readdirSync(from).flatMap((file) => {
    const lines = readFileSync(new URL(file, from), 'utf8').split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    if (file.endsWith('.txt')) return lines.map(octetsOf);
    return lines.map((line) => hex(line.replace(/#.*/, '')));
  });
}

/** Text with `%xx` for any octet. */
export function octetsOf(text: string): Uint8Array {
  const pieces = text.split(/%([0-9a-f]{2})/);
  return new Uint8Array(Buffer.concat(pieces.map((piece, i) => (i % 2 === 1 ? Buffer.from(piece, 'hex') : Buffer.from(piece)))));
}

/** Hex digits, with spaces anywhere; `(...)*n` repeats. */
export function hex(digits: string): Uint8Array {
  const whole = digits.replace(/\(([^)]*)\)\*(\d+)/g, (_, piece: string, times: string) => piece.repeat(Number(times)));
  return new Uint8Array(Buffer.from(whole.replace(/\s/g, ''), 'hex'));
}

/** Long inputs in pieces, as a cut connection would leave them. */
export function pieces(octets: Uint8Array, size: number): Uint8Array[] {
  return Array.from({ length: Math.ceil(octets.length / size) }, (_, i) => octets.subarray(i * size, (i + 1) * size));
}
