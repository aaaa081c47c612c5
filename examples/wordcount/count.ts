/** How often each word occurs. A Map, because `constructor` and `__proto__` are words too. */
export type Counts = Map<string, number>;

const WORD = /[\p{L}\p{N}_']+/gu;

/** Counts the words of some lines; upper and lower case are the same. */
export function countWords(lines: readonly string[]): Counts {
  const counts: Counts = new Map();
  for (const line of lines) {
    for (const [word] of line.toLowerCase().matchAll(WORD)) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return counts;
}

/** Adds counts to a total, and gives the total. */
export function addCounts(total: Counts, counts: Iterable<readonly [word: string, count: number]>): Counts {
  for (const [word, count] of counts) total.set(word, (total.get(word) ?? 0) + count);
  return total;
}

/** The most frequent words; those of the same frequency by alphabet. */
export function topWords(counts: Counts, length: number): [word: string, count: number][] {
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).slice(0, length);
}

/** The words that were not counted alike, each with both counts. */
export function differences(counted: Counts, expected: Counts): [word: string, counted: number, expected: number][] {
  return [...new Set([...counted.keys(), ...expected.keys()])]
    .map((word): [string, number, number] => [word, counted.get(word) ?? 0, expected.get(word) ?? 0])
    .filter(([, one, other]) => one !== other);
}
