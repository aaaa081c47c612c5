import { folderOf, type Mutant } from './mutant.js';

/** What came of a mutant. A test that takes far too long with it, or waits for ever, has noticed it as well. */
export interface Result {
  readonly mutant: Mutant;
  readonly status: 'killed' | 'timed out' | 'survived' | 'not covered';
  /** What killed it. */
  readonly by?: string;
}

export const isKilled = (result: Result | undefined): boolean => result?.status === 'killed' || result?.status === 'timed out';

const countOf = <T>(items: readonly T[], is: (item: T) => boolean): number => items.filter(is).length;

/** A table in Markdown: a row for each folder that was run. */
export function describeScores(results: readonly Result[], mutants: readonly Mutant[]): string {
  const folders = [...new Set(results.map(({ mutant }) => folderOf(mutant.file)))];
  const rows = folders.map((folder) => {
    const run = results.filter(({ mutant }) => folderOf(mutant.file) === folder);
    const killed = countOf(run, isKilled);
    const all = countOf(mutants, ({ file }) => folderOf(file) === folder);
    return `| \`${folder}\` | ${all} | ${run.length} | ${killed} | ${run.length - killed} | ${((100 * killed) / run.length).toFixed(1)} % |`;
  });
  return ['| folder | mutants | run | killed | survived | score |', '| --- | --- | --- | --- | --- | --- |', ...rows].join('\n');
}
