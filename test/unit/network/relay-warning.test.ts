import { describe, expect, it } from 'vitest';
import { clockOf } from '../../../src/env/clock.js';
import { defaultLimits } from '../../../src/env/limits.js';
import { createRelayWarning } from '../../../src/network/relay-warning.js';
import { silentLog, VirtualClock } from '../../../src/testing/index.js';

describe('a connection by hmac_sha3_512', () => {
  const perl = { node: 'perl', remoteAddress: '192.0.2.1:4040', method: 'hmac_sha3_512', secure: false } as const;
  const setUp = () => {
    const clock = new VirtualClock();
    const lines: string[] = [];
    const log = { ...silentLog, warn: (_details: object, text: string) => lines.push(text) };
    return { clock, lines, warn: createRelayWarning({ clock: clockOf(clock), log, limits: defaultLimits }) };
  };

  it('without TLS off loopback is warned of, once in limits.refusalLog, with a count', () => {
    const { clock, lines, warn } = setUp();
    for (let i = 0; i < 3; i++) warn(perl);
    expect(lines).toEqual([expect.stringMatching(/^perl at 192\.0\.2\.1:4040 is in by hmac_sha3_512 without TLS: .*\]$/)]);
    clock.runFor(defaultLimits.refusalLog);
    warn(perl);
    expect(lines[1]).toMatch(/; 2 more since the last such line$/);
  });

  it('is not warned of in TLS, on loopback, or with another method', () => {
    const { lines, warn } = setUp();
    warn({ ...perl, secure: true });
    for (const remoteAddress of ['127.0.0.1:9', '[::1]:9', 'ws://127.0.0.1:9/mp']) warn({ ...perl, remoteAddress });
    warn({ ...perl, method: 'rxmp_sha3_512' });
    expect(lines).toEqual([]);
  });
});
