import { realClock, type Clock } from '../env/clock.js';
import { abruptChecks, closingChecks } from './compliance-closing.js';
import { flowChecks } from './compliance-flow.js';
import { listeningChecks } from './compliance-listening.js';
import { openBench, waitsOn, type TransportUnderTest } from './compliance-tools.js';

export type { TransportUnderTest } from './compliance-tools.js';

/** The test runner: vitest, jest, node:test and mocha all have these two. */
export interface Runner {
  readonly describe: (name: string, body: () => void) => void;
  readonly it: (name: string, body: () => Promise<void>) => void;
}

/** Options of {@link transportCompliance}. */
export interface ComplianceOptions {
  /** For waiting and time limits. */
  readonly clock?: Clock;
  /** How long one expected event may take, in ms; default 5,000. */
  readonly limit?: number;
}

/**
 * Declares a suite that tells whether a transport is right: what a `Duplex` and a `Transport` promise, one test each.
 *
 * @example
 * import { describe, it } from 'vitest';
 * transportCompliance('tcp', async () => ({
 *   transport: tcpTransport(),
 *   bind: '127.0.0.1:0',
 *   address: (listening) => listening,
 *   close: async () => {},
 * }), { describe, it });
 */
export function transportCompliance(
  name: string,
  make: () => Promise<TransportUnderTest>,
  { describe, it }: Runner,
  { clock = realClock, limit = 5_000 }: ComplianceOptions = {},
): void {
  const waits = waitsOn(clock, limit);
  describe(`${name}: transport compliance`, () => {
    for (const [title, run] of [...listeningChecks, ...flowChecks, ...closingChecks, ...abruptChecks]) {
      it(title, async () => {
        const test = await make();
        try {
          const bench = await openBench(test, waits);
          try {
            await run({ test, bench, waits });
          } finally {
            bench.close();
          }
        } finally {
          await test.close();
        }
      });
    }
  });
}
