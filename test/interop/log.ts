import type { Logger } from '../../src/index.js';

export interface LogEntry {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly details: Readonly<Record<string, unknown>>;
  readonly text: string;
}

export interface CapturedLog extends Logger {
  readonly entries: readonly LogEntry[];
  /**
   * Why the connection with this address ended: all lines about it but the one that says it came up. A reason may stand
   * at any level. Ports are used again: `since` is how many entries there were before.
   */
  reasons(address: string, since?: number): LogEntry[];
}

export function captureLog(): CapturedLog {
  const entries: LogEntry[] = [];
  const at =
    (level: LogEntry['level']) =>
    (details: object, text: string): void => {
      entries.push({ level, details: { ...details }, text });
    };
  return {
    entries,
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    reasons: (address, since = 0) =>
      entries.slice(since).filter(({ details, text }) => details['remoteAddress'] === address && !text.startsWith('connected with')),
  };
}
