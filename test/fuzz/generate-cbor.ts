import type { Chance } from './chance.js';

const BYTES = 2, TEXT = 3, ARRAY = 4, MAP = 5, TAG = 6;
const INDEFINITE = 31;
const WORDS = ['', 'p', 'snd', 'mon1', '__proto__', 'constructor', 'é', '😀', '\ufeff', '\ufffd', 'x'.repeat(30), 'y'.repeat(300)];
/** Mostly those that are allowed. */
const TAGS = [2, 3, 22098, 22098, 55799, 55799, 0, 1, 27, 28, 29, 64, 258];

/** CBOR that is right most of the time: one to three messages. */
export function cborStream(chance: Chance): Uint8Array {
  const out: number[] = [];
  for (let left = 1 + chance.below(3); left > 0; left--) {
    const rest = chance.below(5);
    head(out, chance, ARRAY, 1 + rest);
    string(out, chance);
    for (let i = 0; i < rest; i++) item(out, chance, 3);
  }
  return Uint8Array.from(out);
}

/** A header whose argument takes as many octets as it needs, or more. */
function head(out: number[], chance: Chance, type: number, argument: number): void {
  const least = argument < 24 ? 0 : argument < 256 ? 1 : argument < 65_536 ? 2 : 4;
  const octets = chance.often(0.8) ? least : Math.max(least, chance.pick([1, 2, 4, 8]));
  if (octets === 0) out.push((type << 5) | argument);
  else {
    out.push((type << 5) | (24 + Math.log2(octets)));
    for (let shift = octets - 1; shift >= 0; shift--) out.push(Math.floor(argument / 256 ** shift) % 256);
  }
}

function body(out: number[], chance: Chance, type: number): void {
  const octets = Buffer.from(chance.pick(WORDS));
  head(out, chance, type, octets.length);
  out.push(...octets);
  // a text that is no UTF-8
  if (octets.length > 0 && chance.often(0.01)) out[out.length - 1] = 0xc3;
}

function string(out: number[], chance: Chance): void {
  const type = chance.pick([BYTES, TEXT]);
  if (chance.often(0.9)) {
    body(out, chance, type);
    return;
  }
  out.push((type << 5) | INDEFINITE);
  for (let left = chance.below(4); left > 0; left--) body(out, chance, chance.often(0.98) ? type : BYTES);
  out.push(0xff);
}

function item(out: number[], chance: Chance, depth: number): void {
  const kind = chance.below(depth > 0 ? 8 : 5);
  if (kind < 2) head(out, chance, kind, chance.pick([0, 23, 24, 255, 256, 65_535, 65_536, 4_294_967_295, 2 ** 53]));
  else if (kind < 4) string(out, chance);
  else if (kind === 4) out.push(...chance.pick([[0xf4], [0xf5], [0xf6], [0xf7], [0xf9, 0x7e, 0], [0xf9, 0, 1], [0xfa, 0x7f, 0x80, 0, 0], [0xfb, 0, 0, 0, 0, 0, 0, 0, 1], [0xf8, chance.below(256)]]));
  else if (kind === 5) container(out, chance, ARRAY, depth);
  else if (kind === 6) container(out, chance, MAP, depth);
  else {
    const tag = chance.pick(TAGS);
    head(out, chance, TAG, tag);
    if (tag === 2 || tag === 3) body(out, chance, BYTES);
    else item(out, chance, depth - 1);
  }
}

function container(out: number[], chance: Chance, type: number, depth: number): void {
  const count = chance.below(4);
  const open = chance.often(0.2);
  if (open) out.push((type << 5) | INDEFINITE);
  else head(out, chance, type, count);
  for (let i = 0; i < count; i++) {
    if (type === MAP) string(out, chance);
    item(out, chance, depth - 1);
  }
  if (open) out.push(0xff);
}
