import type { Clock } from './clock.js';
import type { Logger } from './log.js';

/**
 * A user's logger as the node calls it: once the running code has returned, since a logger may do anything, as to send what
 * it gets through the node; and one that throws harms nobody but itself.
 */
export function userLog(log: Logger, clock: Pick<Clock, 'soon'>): Logger {
  let lines: (() => void)[] = [];

  const write = (): void => {
    const all = lines;
    lines = [];
    for (const line of all) {
      try {
        line();
      } catch {
        // there is no other log to say it in
      }
    }
  };
  const later = (level: keyof Logger) => (details: object, text: string): void => {
    if (lines.push(() => { log[level](details, text); }) === 1) clock.soon(write);
  };
  return { debug: later('debug'), info: later('info'), warn: later('warn'), error: later('error') };
}
