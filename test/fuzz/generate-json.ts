import type { Chance } from './chance.js';

const TEXTS = ['', 'p', 'tag', '__proto__', 'constructor', '\\ud800', '\\u0000', '\\"', '\\\\', ']', '[', '}{', 'é', '😀', '\\n', 'x'.repeat(200)];
const NUMBERS = ['0', '-0', '1', '-1', '1e999', '1.5', '9007199254740993', '1E+2', '0.1e-400', '123456789012345678901234567890'];
const SPACES = ['', '', '', ' ', '\n', '\r\n', '\t', '\n\n'];

/** JSON that is right most of the time, as a text: one to four messages. */
export function jsonStream(chance: Chance): Uint8Array {
  let text = '';
  for (let left = 1 + chance.below(4); left > 0; left--) text += chance.pick(SPACES) + array(chance, 3, true);
  return new TextEncoder().encode(text + chance.pick(SPACES));
}

/** Lines that are right most of the time: one to four messages and batches. */
export function jsonLinesStream(chance: Chance): Uint8Array {
  const lines = Array.from({ length: 1 + chance.below(4) }, () => (chance.often(0.5) ? array(chance, 3, true) : batch(chance)).replace(/[\r\n]/g, ' '));
  return new TextEncoder().encode(lines.join('\n') + (chance.often(0.9) ? '\n' : ''));
}

function batch(chance: Chance): string {
  const messages = Array.from({ length: chance.below(4) }, (_, at) => {
    const elements = Array.from({ length: chance.below(3) }, () => value(chance, 2));
    const count = String(chance.often(0.97) ? elements.length : chance.pick(NUMBERS));
    return [...(at === 0 || chance.often(0.3) ? [text(chance)] : []), count, ...elements].join(',');
  });
  return `[${[String(messages.length), ...messages].join(',')}]`;
}

const text = (chance: Chance): string => `"${chance.pick(TEXTS)}${chance.pick(TEXTS)}"`;

function value(chance: Chance, depth: number): string {
  const space = chance.pick(SPACES);
  const kind = chance.below(depth > 0 ? 6 : 4);
  if (kind === 0) return space + chance.pick(NUMBERS);
  if (kind === 1) return space + chance.pick(['true', 'false', 'null']);
  if (kind < 4) return space + text(chance);
  return space + (kind === 4 ? array(chance, depth - 1, false) : object(chance, depth - 1));
}

function array(chance: Chance, depth: number, isMessage: boolean): string {
  const elements = Array.from({ length: chance.below(4) }, () => value(chance, depth));
  if (isMessage && chance.often(0.95)) elements.unshift(text(chance));
  return `[${elements.join(`${chance.pick(SPACES)},`)}${chance.pick(SPACES)}]`;
}

function object(chance: Chance, depth: number): string {
  return `{${Array.from({ length: chance.below(4) }, () => `${text(chance)}:${value(chance, depth)}`).join(',')}}`;
}
