import { readFileSync, writeFileSync } from 'node:fs';
import { keyOf, type Mutant } from './mutant.js';
import type { Result } from './score.js';

/** What earlier runs found, for the mutants that there still are. */
export function earlierResults(path: string, mutants: readonly Mutant[]): Map<string, Result> {
  const known = new Map(mutants.map((mutant) => [keyOf(mutant), mutant]));
  const results = new Map<string, Result>();
  for (const result of read(path)) {
    const key = keyOf(result.mutant);
    const mutant = known.get(key);
    if (mutant?.before === result.mutant.before) results.set(key, { ...result, mutant });
  }
  return results;
}

export function keepResults(path: string, results: ReadonlyMap<string, Result>): void {
  writeFileSync(path, JSON.stringify([...results.values()].sort((a, b) => a.mutant.id - b.mutant.id), undefined, 1));
}

function read(path: string): readonly Result[] {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as readonly Result[];
  } catch {
    return []; // the first run
  }
}
