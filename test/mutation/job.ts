/** What a child process does: some tests of some files, with one mutant, or with none to see which mutants they reach. */
export interface Job {
  /** `'none'` runs them as they are. */
  readonly mutant: number | 'none' | 'coverage';
  readonly files: readonly ChosenTests[];
}

export interface ChosenTests {
  readonly file: string;
  /** By their place in the file; all of them when left out. */
  readonly tests?: readonly number[];
}

/** What the tests of a file reach. */
export interface Coverage {
  readonly file: string;
  /** Mutants that run while the file is loaded, or while something is set up for several tests. */
  readonly loads: readonly number[];
  readonly tests: readonly CoveredTest[];
}

export interface CoveredTest {
  readonly name: string;
  readonly passed: boolean;
  readonly ms: number;
  readonly reaches: readonly number[];
}

/** What a child says, a line of JSON each. */
export type Said =
  | { readonly kind: 'start'; readonly file: string; readonly test: number }
  | { readonly kind: 'failed'; readonly why: string }
  | { readonly kind: 'covered'; readonly coverage: Coverage }
  | { readonly kind: 'passed' };
