import { chanceOf, type Chance } from './chance.js';

/** Something that takes what others send. */
export interface Surface<I> {
  readonly name: string;
  /** Inputs that are tried first, as they are. */
  readonly corpus: readonly I[];
  make(chance: Chance): I;
  /** Takes an input; returns whether it was accepted. Throws when it does not refuse as it has to. */
  take(input: I, chance: Chance): boolean;
  /** For a failure's message. */
  show(input: I): string;
}

export interface FuzzOptions {
  /** How many inputs, the corpus included. */
  readonly inputs?: number;
  readonly seed?: number;
}

/** What quality.md wants of each surface. */
export const INPUTS = 100_000;
/** No input of up to 64 kB may take longer, ms. */
const LONGEST = 50;
/** What garbage collection may leave more than before, in octets. */
export const GROWTH = 6 * 1024 * 1024;
/** An input that seems slow is tried so often: another process may have had the processor. */
const TRIES = 4;
const SHOWN = 2_000;

/**
 * Gives many inputs to a surface. Throws, with the seed and the input, when one makes it throw, or is slow; or when memory
 * has grown in the end. Returns how many were accepted and refused.
 */
export function fuzz<I>(surface: Surface<I>, { inputs = INPUTS, seed = 1 }: FuzzOptions = {}): { readonly accepted: number; readonly refused: number } {
  const chance = chanceOf(seed);
  const { corpus } = surface;
  let accepted = 0;
  let before = 0;

  const attempt = (input: I, index: number): void => {
    const failed = (cause: unknown): Error => {
      const text = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
      const message = `${surface.name}, seed ${seed}, input ${index}: ${text}\n${surface.show(input).slice(0, SHOWN)}`;
      return new Error(message, { cause });
    };
    const timed = (): number => {
      const start = performance.now();
      try {
        if (surface.take(input, chance)) accepted++;
      } catch (error) {
        throw failed(error);
      }
      return performance.now() - start;
    };
    let ms = timed();
    for (let tries = 1; ms > LONGEST && tries < TRIES; tries++) ms = Math.min(ms, timed());
    if (ms > LONGEST) throw failed(`took ${ms.toFixed()} ms`);
  };

  const { stackTraceLimit } = Error;
  // most inputs make an error, whose stack costs more than all else
  Error.stackTraceLimit = 2;
  try {
    for (let i = 0; i < inputs; i++) {
      attempt(i < corpus.length ? (corpus[i] as I) : surface.make(chance), i);
      if (i === Math.max(corpus.length, Math.floor(inputs / 4))) before = memory();
    }
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
  const growth = memory() - before;
  if (growth > GROWTH) throw new Error(`${surface.name}, seed ${seed}: ${inputs} inputs left ${growth} octets behind`);
  return { accepted, refused: inputs - accepted };
}

/** What is in use after garbage collection, in octets. */
export function memory(): number {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error('measuring memory needs --expose-gc');
  gc();
  gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** The surface with a fault in it, for a test of the test: what contains the word throws what nothing may throw. */
export function withFault<I>(surface: Surface<I>, word: string): Surface<I> {
  return {
    ...surface,
    take(input, chance) {
      if (surface.show(input).includes(word)) throw new TypeError(`planted: ${word}`);
      return surface.take(input, chance);
    },
  };
}

/** The surface with a leak: it keeps a little of each input. */
export function withLeak<I>(surface: Surface<I>): Surface<I> {
  const kept: unknown[] = [];
  return {
    ...surface,
    take(input, chance) {
      kept.push(new Array(100).fill(kept.length));
      return surface.take(input, chance);
    },
  };
}

/** Octets as text, with `%xx` for what is not printable: the form that corpora are kept in. */
export function shown(octets: Uint8Array): string {
  return Buffer.from(octets).toString('latin1').replace(/[^\x20-\x24\x26-\x7e]/g, (sign) => `%${sign.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
