import type { Mutant } from './mutant.js';

/** The function that says whether a mutant is the one that runs. */
export const SWITCH = '__isMutant';

/**
 * A source with all of its mutants: each stands beside what it replaces, and a switch says which of them runs. So one copy of the
 * product is made for all mutants.
 */
export function withMutants(source: string, mutants: readonly Mutant[]): string {
  // outer before inner, in the order of the text
  const left = [...mutants].sort((a, b) => a.start - b.start || b.end - a.end || a.id - b.id);

  const render = (start: number, end: number): string => {
    let text = '';
    let at = start;
    while (left[0] !== undefined && left[0].end <= end) {
      const { start: from, end: to, isStatement } = left[0];
      const here: Mutant[] = [];
      while (left[0]?.start === from && left[0].end === to && left[0].isStatement === isStatement) here.push(...left.splice(0, 1));
      text += source.slice(at, from) + (isStatement ? removable(here, render(from, to)) : choice(here, render(from, to)));
      at = to;
    }
    return text + source.slice(at, end);
  };
  return render(0, source.length);
}

/** In braces, so that an `else` stays with its `if`. */
const removable = (mutants: readonly Mutant[], original: string): string =>
  `{ if (!${mutants.map(({ id }) => `${SWITCH}(${id})`).join(' && !')}) { ${original} } }`;

const choice = (mutants: readonly Mutant[], original: string): string =>
  `(${mutants.map(({ id, text }) => `${SWITCH}(${id}) ? (${text}) : `).join('')}${original})`;
