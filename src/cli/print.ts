import { printableLines } from '../wire/printable.js';

/** Whoever read the output has closed it, as `| head -1` does: they have what they wanted, and that is no failure. */
export class OutputClosed extends Error {}

/** Writes a line to standard output, without characters that do something to a terminal. Resolves when it is out; rejects with {@link OutputClosed} when nobody reads it. */
export function printLine(line: string): Promise<void> {
  const { stdout } = process;
  // a failed write also emits this, and without a listener that would end the process
  if (stdout.listenerCount('error') === 0) stdout.on('error', () => undefined);
  return new Promise((resolve, reject) => {
    stdout.write(`${printableLines(line)}\n`, (error) => {
      if (error === undefined || error === null) resolve();
      else if ('code' in error && error.code === 'EPIPE') reject(new OutputClosed());
      else reject(error);
    });
  });
}

/** Lines, in one piece; none is nothing at all. */
export async function printLines(lines: readonly string[]): Promise<void> {
  if (lines.length > 0) await printLine(lines.join('\n'));
}

/** A value as JSON in one line. What JSON can't hold, and another framing can: octets as base64, big integers as text. */
export function jsonOf(value: unknown): string {
  return JSON.stringify(value, function (this: Readonly<Record<string, unknown>>, key: string, converted: unknown) {
    // a Buffer has a toJSON, which was called already
    const original = this[key];
    if (original instanceof Uint8Array) return Buffer.from(original).toString('base64');
    return typeof original === 'bigint' ? original.toString() : converted;
  });
}

/** Entries as an object; a key like `__proto__` is a key like others. */
export function objectOf<V>(entries: Iterable<readonly [string, V]>): Readonly<Record<string, V>> {
  return Object.fromEntries(entries);
}
