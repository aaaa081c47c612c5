import { destination, levels, pino } from 'pino';
import { printableLines } from '../wire/printable.js';
import type { Logger } from '../env/log.js';
import { usageError } from './exit.js';

/** The log on standard error. `level`, or else the environment's `RXMP_LOG`, or else `fallback` is the least level shown. */
export function stderrLog(level: string | undefined, fallback: string): Logger {
  const wanted = process.env['RXMP_LOG'] ?? '';
  const chosen = level ?? (wanted === '' ? fallback : wanted);
  const names = [...Object.values(levels.labels), 'silent'];
  if (!names.includes(chosen)) throw usageError(`the log level "${chosen}" is unknown: expected ${names.join(', ')}`);
  const output = destination({ fd: 2, sync: true });
  // JSON leaves some characters that terminals take for commands
  return pino({ name: 'rxmp', level: chosen }, { write: (line: string) => output.write(printableLines(line)) });
}
