/** Runs a command. What was wrong with its arguments needs no stack. */
export async function command(run: () => Promise<void> | void): Promise<void> {
  try {
    await run();
  } catch (error) {
    const text = error instanceof Error && !isOfArguments(error) ? error.stack : undefined;
    process.stderr.write(`${text ?? (error as Error).message}\n`);
    process.exitCode = 2;
  }
}

const isOfArguments = (error: Error): boolean =>
  error instanceof RangeError || ('code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'));
