/** One small change of a source. */
export interface Change {
  readonly operator: string;
  /** The expression or statement that another takes the place of, as offsets in the source. */
  readonly start: number;
  readonly end: number;
  /** What takes its place; a statement that is taken away leaves nothing. */
  readonly text: string;
  readonly isStatement: boolean;
}

export interface Mutant extends Change {
  readonly id: number;
  /** From the root of the package. */
  readonly file: string;
  readonly line: number;
  readonly before: string;
}

/** `src/wire/cbor.ts` is of `src/wire`, `operators/reply.ts` of `operators`. */
export const folderOf = (file: string): string => file.split('/').slice(0, file.startsWith('src/') ? 2 : 1).join('/');

const oneLine = (text: string): string => {
  const line = text.replace(/\s+/g, ' ');
  return line.length > 90 ? `${line.slice(0, 87)}...` : line;
};

export const describeMutant = ({ file, line, operator, before, text }: Mutant): string =>
  `${file}:${line} ${operator}: ${oneLine(before)} -> ${text === '' ? '(nothing)' : oneLine(text)}`;

/** The same for the same mutant of the same source, in whatever order they are found. */
export const keyOf = ({ file, start, end, operator, text }: Mutant): string => [file, start, end, operator, text].join(' ');
