import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createNode } from '../../src/index.js';
import type { Client } from './client.js';
import { deviations, type DeviationId } from './deviations.js';
import { expectedGreeting, plainGreeting } from './greeting.js';
import { echoes, introduce } from './handshake.js';
import { knock, outcomeOf, recordedOutcome, type Outcome } from './knock.js';
import { captureLog } from './log.js';
import { optionsOf, startG, type NodeG } from './perl-g.js';
import { play } from './play.js';
import { conversation, conversations, type Conversation } from './recorded.js';

const all = conversations('ag').filter(({ file }) => file.startsWith('g_') || file.startsWith('a_join_nocommon'));

/** Handshakes that both accept, with what was said then. */
const accepted = all.filter(({ file }) => /early_data|line_4000|line_4095/.test(file));

/** Handshakes that rxmp ends otherwise than Perl. */
const differing: Readonly<Record<string, readonly [DeviationId, Outcome]>> = {
  g_aemp_foo_protocol_json: ['no-proof-for-strangers', { accepted: false, proved: false }],
  g_empty_name_json: ['no-proof-for-strangers', { accepted: false, proved: false }],
  g_echo_with_changed_peeraddr_json: ['nonce-equal', { accepted: false, proved: false }],
  g_same_nonce_other_name_json: ['nonce-equal', { accepted: false, proved: false }],
  g_line_4096_plus_lf_json: ['line-limit', { accepted: false, proved: false }],
  g_overlong_lf_json: ['line-limit', { accepted: false, proved: false }],
};

const refused = all.filter((one) => !accepted.includes(one));

describe.each(['json', 'cbor'])('recorded handshakes with G, %s', (framing) => {
  let g: NodeG;
  let good: Client;
  beforeAll(async () => {
    g = await startG({ secret: 'geheim', framings: [framing], acceptCleartext: true, global: true });
    good = await introduce(g.address, { node: 'good', secret: 'geheim', framing });
  });
  afterAll(async () => {
    await good.close();
    await g[Symbol.asyncDispose]();
  });

  const inFraming = (list: readonly Conversation[]): [string, Conversation][] =>
    list.filter(({ server }) => server[0]?.split(';')[4] === framing).map((one) => [one.file, one]);

  it.each(inFraming(refused))('%s is refused, and nothing else suffers', async (file, recorded) => {
    const dup = file === 'g_dup_name_json' ? await introduce(g.address, { node: 'H', secret: 'geheim' }) : undefined;
    const client = await knock(recorded, g.address);
    const outcome = await outcomeOf(client);

    const [, instead] = differing[file] ?? [];
    if (instead !== undefined) expect(instead).not.toStrictEqual(recordedOutcome(recorded));
    expect(outcome).toStrictEqual(instead ?? recordedOutcome(recorded));
    expect(outcome.accepted).toBe(false);
    expect(g.log.reasons(client.address)).toHaveLength(1);
    expect(await echoes(good, 'good', `after ${file}`)).toBe(true);

    // duplicate-probed: the first connection is asked, and stays
    expect(dup?.echoRequests ?? 'no first connection').toStrictEqual(
      dup === undefined ? 'no first connection' : [['', 'snd', 'G', 'devnull']],
    );
    await dup?.close();
  });

  it.each(inFraming(accepted))('%s is accepted, and answered as by Perl', async (_, recorded) => {
    const { steps, deviations: used } = await play(recorded, g.address);
    for (const { expected, actual } of steps) expect(actual).toStrictEqual(expected);
    expect([...used]).toStrictEqual([]);
    expect(await echoes(good, 'good', 'still there')).toBe(true);
  });
});

describe('what a node says of itself', () => {
  it('cleartext-off: is refused unless configured; every recorded one', async () => {
    const recorded = conversations('gh').filter(({ client, refused: no }) => client[2]?.startsWith('cleartext') && !no);
    expect(recorded.length).toBeGreaterThan(10);
    for (const one of recorded) {
      await using g = await startG({ ...optionsOf(one), acceptCleartext: false });
      const client = await knock(one, g.address);
      expect(await outcomeOf(client), one.file).toMatchObject({ accepted: false });
      const [reason, ...more] = g.log.reasons(client.address);
      expect(more).toHaveLength(0);
      expect(reason?.text).toMatch(/"cleartext" is not accepted here|longer than 4096 octets/);
    }
  });

  it('greeting-framings, greeting-methods: the defaults', async () => {
    await using node = await createNode({ nodeid: 'G', binds: ['127.0.0.1:0'], secret: 'geheim', log: captureLog(), limits: { refusalLog: 1 } });
    const client = await introduce(node.addresses[0] ?? '', { node: 'H', secret: 'geheim' });
    const greeting = plainGreeting(await client.lines(2));
    expect(greeting).toMatchObject({ auth: ['rxmp_sha3_512', 'hmac_sha3_512'], framings: ['rxmp_json', 'json', 'cbor'] });
    const perl = conversation('a_join_default_framing');
    const used = new Set<DeviationId>();
    expect(expectedGreeting(perl, client.address, used)).toMatchObject({ framings: ['cbor', 'json'] });
    expect([...used]).toStrictEqual(['greeting-methods', 'greeting-framings', 'greeting-keys']);
    await client.close();
  });

  it('plays every recorded handshake', () => {
    const files = all.map(({ file }) => file);
    expect(files).toHaveLength(37);
    expect(all.filter(({ server }) => !['json', 'cbor'].includes(server[0]?.split(';')[4] ?? ''))).toHaveLength(0);
    expect([...refused, ...accepted].map(({ file }) => file).sort()).toStrictEqual(files);
  });

  it('names recordings that exist, and deviations that are described', () => {
    expect(all.map(({ file }) => file)).toEqual(expect.arrayContaining(Object.keys(differing)));
    expect(Object.keys(deviations)).toEqual(expect.arrayContaining(Object.values(differing).map(([id]) => id)));
  });
});
