import { printable } from '../wire/printable.js';
import { BadAddress, BadFamily, BadKey, BadNodeId } from '../wire/errors.js';

/** What the command line tool tells its caller. */
export const exitCode = { ok: 0, failed: 1, usage: 2, timeout: 3 } as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** The part of `--help` that says what an exit code means. */
export const exitCodesHelp = `
Exit codes:
  0  done
  1  the port is dead, there is no such port, its node is unreachable, or something else failed
  2  the command was not understood
  3  no answer in time`;

/** An end of the command with a line for people and an exit code. */
export class Failure extends Error {
  readonly exitCode: ExitCode;
  constructor(code: ExitCode, message: string) {
    super(message);
    this.exitCode = code;
  }
}

/** The command line says something that it can't. */
export function usageError(message: string): Failure {
  return new Failure(exitCode.usage, message);
}

/** An error as one line: `rxmp: ...`. */
export function oneLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return `rxmp: ${printable(text.trim().replace(/\s*\n\s*/g, ' '))}\n`;
}

/** Words of the command line that can't be what they should be. */
const misspelt = [BadAddress, BadFamily, BadKey, BadNodeId];

/** Writes the one line of an error; gives the exit code that belongs to it. */
export function report(error: unknown): ExitCode {
  process.stderr.write(oneLine(error));
  if (error instanceof Failure) return error.exitCode;
  return misspelt.some((kind) => error instanceof kind) ? exitCode.usage : exitCode.failed;
}
