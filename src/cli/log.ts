import { destination, levels, pino } from 'pino';
import { printableLines } from '../wire/printable.js';
import type { Logger } from '../env/log.js';
import { usageError } from './exit.js';

/** Passes a log on, and shows each line of it to `hear`. */
export function overhear(log: Logger, hear: (details: object, text: string) => void): Logger {
  const heard = (level: keyof Logger) => (details: object, text: string): void => {
    hear(details, text);
    log[level](details, text);
  };
  return { debug: heard('debug'), info: heard('info'), warn: heard('warn'), error: heard('error') };
}

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
