import type { Chunk } from '../transport/duplex.js';

type Chance = (below: number) => number;

/** The chunk with one octet changed; of text, one character, into one that no line and no JSON may hold. */
export function corrupted(chunk: Chunk, chance: Chance): Chunk {
  if (chunk.length === 0) return chunk;
  const place = chance(chunk.length);
  if (typeof chunk === 'string') return `${chunk.slice(0, place)}\u0000${chunk.slice(place + 1)}`;
  const changed = chunk.slice();
  changed[place] = (chunk[place] ?? 0) ^ (1 + chance(255));
  return changed;
}

/** What of a chunk gets through when the connection breaks in the middle of it. */
export function firstPart(chunk: Chunk, chance: Chance): Chunk {
  return chunk.slice(0, chance(chunk.length + 1));
}
