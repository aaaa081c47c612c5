import { describe, expect, it } from 'vitest';
import { agreeOnResumption, checkResumed, keptSize, resumedKey, resumeKeys, type Resumable } from '../../../src/transport/resumption.js';
import type { Greeting } from '../../../src/wire/greeting.js';
import { linkKeys } from '../../../src/wire/resumption-proof.js';

const greeting = (keys: Readonly<Record<string, string>> = {}): Greeting => ({
  ...{ protocol: 'aemp', version: '1', node: 'b', auth: [], framings: [] },
  keys: new Map(Object.entries(keys)),
});
const lines = { initiator: ['a greets', 'nonce a'], acceptor: ['b greets', 'nonce b'] } as const;
const agree = (time: number, peer: string, secret: string | Uint8Array | undefined = 'secret') =>
  agreeOnResumption({ time, kept: 100_000 }, greeting({ resume: peer }), { secret, ...lines });

describe('what two ends agree on (V9)', () => {
  it('is the shorter time, and a window of a quarter of what the other end keeps', () => {
    expect(agree(1_000, '5000,400000')).toMatchObject({ time: 1_000, window: 100_000 });
    expect(agree(5_000, '1000,400000')).toMatchObject({ time: 1_000 });
    // an acknowledgement must not be most of what a window holds
    expect(agree(1_000, '5000,1')).toMatchObject({ window: 4_096 });
    expect(keptSize({ resumeSize: 1 })).toBe(16_384);
    expect(keptSize({ resumeSize: 50_000 })).toBe(50_000);
  });

  it.each(['', 'x', '5000', '5000,', '-1,5', '1e9,5', '5000,400000,1', '99999999999999999,1'])('is nothing where the other end says %j', (said) => {
    expect(agree(1_000, said)).toBeUndefined();
  });

  it('is nothing without a secret or TLS, or where this end does not want it', () => {
    expect(agreeOnResumption({ time: 1, kept: 1 }, greeting({ resume: '1,1' }), { secret: undefined, ...lines })).toBeUndefined();
    expect(agreeOnResumption(undefined, greeting({ resume: '1,1' }), { secret: 's', ...lines })).toBeUndefined();
    expect(agreeOnResumption({ time: 1, kept: 1 }, greeting(), { secret: 's', ...lines })).toBeUndefined();
  });

  it('is said in a greeting', () => {
    expect(resumeKeys(undefined, undefined)).toEqual([]);
    expect(resumeKeys({ time: 5, kept: 9 }, { id: 'x' })).toEqual([['resume', '5,9'], ['resumes', 'x']]);
  });
});

describe('the key of a link (V10)', () => {
  it('is the same at both ends, and another for each link, secret and TLS session', () => {
    const own = linkKeys('secret', lines.initiator, lines.acceptor);
    expect(agree(1, '1,1')).toMatchObject(own);
    expect(own.id).toMatch(/^[0-9a-f]{32}$/);
    expect(own.key).toHaveLength(64);
    const others = [
      linkKeys('secret', ['a greets', 'nonce c'], lines.acceptor),
      linkKeys('secret', lines.acceptor, lines.initiator),
      linkKeys('other', lines.initiator, lines.acceptor),
      linkKeys(Uint8Array.of(1, 2), lines.initiator, lines.acceptor),
    ];
    expect(new Set([own, ...others].map(({ id }) => id)).size).toBe(5);
  });

  it('proves who goes on, in one handshake only, and how much was taken', () => {
    const link: Resumable = { ...linkKeys('secret', lines.initiator, lines.acceptor), peer: greeting(), taken: 42 };
    const part = { role: 'initiator', sender: lines.initiator, receiver: lines.acceptor } as const;
    const [name, value] = resumedKey(link, part);
    expect(name).toBe('resumed');
    expect(checkResumed(link, part, value)).toBe(42);
    const wrong: readonly (readonly [Resumable, Parameters<typeof checkResumed>[1], string])[] = [
      [{ ...link, key: linkKeys('guess', lines.initiator, lines.acceptor).key }, part, value],
      [link, { ...part, role: 'acceptor' }, value],
      [link, { ...part, sender: ['a greets', 'another nonce'] }, value],
      [link, { ...part, receiver: ['b greets', 'another nonce'] }, value],
      [link, part, value.replace('42', '43')],
      [link, part, value.slice(0, -1)],
      [link, part, '42'],
      [link, part, ''],
      [link, part, '42,'],
    ];
    for (const [of, as, said] of wrong) expect(() => checkResumed(of, as, said)).toThrow('the other end does not know the key of the link');
  });
});
