import { octetsOf } from './corpus.js';
import type { Chance } from './chance.js';

/** What mutation takes pieces from. */
export interface Material {
  /** Inputs to begin with, and to splice with each other. */
  readonly corpus: readonly Uint8Array[];
  /** Words that mean something to the surface. */
  readonly words: readonly Uint8Array[];
  /** An input never gets longer than this. */
  readonly longest: number;
}

/** Numbers where something ends: of one, two, four and eight octets, and as text. */
const BORDERS: readonly Uint8Array[] = [
  ...['%00', '%01', '%7f', '%80', '%ff', '%00%00', '%7f%ff', '%80%00', '%ff%ff'],
  ...['%7f%ff%ff%ff', '%80%00%00%00', '%ff%ff%ff%ff', '%00%20%00%00%00%00%00%00', '%7f%ff%ff%ff%ff%ff%ff%ff', '%ff%ff%ff%ff%ff%ff%ff%ff'],
  ...['-1', '0', '-0', '1e999', '255', '256', '65535', '65536', '2147483648', '4294967296', '9007199254740993', '0.1e-400'],
].map(octetsOf);

type Change = (octets: Uint8Array, chance: Chance, material: Material) => Uint8Array;

const replaced = (octets: Uint8Array, at: number, length: number, by: Uint8Array): Uint8Array => {
  const made = new Uint8Array(octets.length - length + by.length);
  made.set(octets.subarray(0, at));
  made.set(by, at);
  made.set(octets.subarray(at + length), at + by.length);
  return made;
};

const NOTHING = new Uint8Array();

/** A stretch of octets, short ones more often. */
const stretch = (octets: Uint8Array, chance: Chance): readonly [at: number, length: number] => {
  const at = chance.below(octets.length + 1);
  return [at, Math.min(octets.length - at, chance.below(chance.often(0.2) ? octets.length + 1 : 8))];
};

const changes: readonly Change[] = [
  function flip(octets, chance) {
    const made = octets.slice();
    if (made.length > 0) made[chance.below(made.length)]! ^= 1 << chance.below(8);
    return made;
  },
  function set(octets, chance) {
    const made = octets.slice();
    if (made.length > 0) made[chance.below(made.length)] = chance.below(256);
    return made;
  },
  function insert(octets, chance) {
    return replaced(octets, chance.below(octets.length + 1), 0, Uint8Array.from({ length: 1 + chance.below(4) }, () => chance.below(256)));
  },
  function remove(octets, chance) {
    return replaced(octets, ...stretch(octets, chance), NOTHING);
  },
  function duplicate(octets, chance) {
    const [at, length] = stretch(octets, chance);
    return replaced(octets, at, 0, octets.subarray(at, at + length));
  },
  function splice(octets, chance, { corpus }) {
    const other = chance.pick(corpus);
    const [at, length] = stretch(other, chance);
    return replaced(octets, ...stretch(octets, chance), other.subarray(at, at + length));
  },
  function word(octets, chance, { words }) {
    const at = chance.below(octets.length + 1);
    return replaced(octets, at, chance.often(0.5) ? 0 : Math.min(octets.length - at, chance.below(8)), chance.pick(words));
  },
  function border(octets, chance) {
    const word = chance.pick(BORDERS);
    const at = chance.below(octets.length + 1);
    return replaced(octets, at, chance.often(0.5) ? 0 : Math.min(octets.length - at, word.length), word);
  },
  function truncate(octets, chance) {
    return octets.subarray(0, chance.below(octets.length + 1));
  },
];

/** An input of the corpus with one to four changes; now and then with none. */
export function mutated(chance: Chance, material: Material): Uint8Array {
  let octets = chance.pick(material.corpus);
  for (let left = chance.below(5); left > 0; left--) octets = chance.pick(changes)(octets, chance, material);
  return octets.subarray(0, material.longest);
}
