import { describe, expect, it } from 'vitest';
import type { Port } from '../../src/index.js';
import { deviations, type DeviationId } from './deviations.js';
import { expectedGreeting, plainGreeting } from './greeting.js';
import { introduce, proofLine } from './handshake.js';
import { optionsOf, startG } from './perl-g.js';
import { play, type Played } from './play.js';
import { conversations, type Conversation, type Message } from './recorded.js';

/** Handshakes that fail, and the lines at the limit, are in handshakes.test.ts. */
const played = conversations('abcdhj').filter(({ client }) => client.length === 3);

const everywhere: readonly DeviationId[] = ['greeting-keys', 'greeting-methods'];
const byFraming: Readonly<Record<string, readonly DeviationId[]>> = { json: ['json-lines'], cbor: ['cbor-text'] };

/** What else differs, by recording. */
const further: Readonly<Record<string, readonly DeviationId[]>> = {
  a_join_default_framing: ['greeting-framings'],
  b_payloads_cbor: ['cbor-references'],
  b_payloads_json: ['json-numbers', 'bad-message'],
  d_spawn_json: ['eval-refused', 'spawn-init-dies', 'spawn-unknown-function', 'spawn-without-receivers'],
  h_bad_message_then_good_json: ['bad-message'],
  h_cleartext_cbor: ['can-booleans'],
  h_cleartext_json: ['can-booleans'],
  h_json_special_json: ['bad-message', 'json-numbers'],
  j_nodereq_json: ['can-after-failed-call', 'can-booleans'],
};

/** In which way functions are named is not on the wire, but decides what the recorded requests do. */
describe('functions that a peer names', () => {
  it('::init is main::init, as in Perl; called-function-self: the node port', async () => {
    await using g = await startG({ secret: 'geheim' });
    const selves: string[] = [];
    g.node.register('::one', (self: Port) => selves.push(self.id));
    const client = await introduce(g.address, { node: 'S', secret: 'geheim' });
    client.send('', 'AnyEvent::MP::_spawn', 'x', 'main::one');
    client.send('', 'mon1', 'x');
    client.send('', 'main::one');
    client.send('', '::one');
    expect(await client.settle()).toBe(true);
    expect(client.take()).toStrictEqual([]);
    expect(selves).toStrictEqual(['G#x', 'G', 'G']);
    await client.close();
  });
});

describe('recorded conversations with the Perl node G, played against an rxmp node in its role', () => {
  it.each(played.map((conversation) => [conversation.file, conversation] as const))('%s', async (_, conversation) => {
    await using g = await startG(optionsOf(conversation));
    const result = await play(conversation, g.address);
    const used = new Set(result.deviations);

    expect(plainGreeting(result.lines)).toStrictEqual(expectedGreeting(conversation, result.address, used));
    expect(result.lines[2]).toBe(expectedProof(conversation, result));
    for (const { sent, expected, actual } of result.steps) {
      expect(actual, `answers to ${JSON.stringify(sent, plainText).slice(0, 500)}`).toStrictEqual(expected);
    }
    used.add(noteFraming(conversation, result));
    // what the program of G has seen: here, and when Perl was G
    expect(g.events).toStrictEqual(recordedNotes(conversation));
    for (const address of result.endedBad) expect(g.log.reasons(address)).toHaveLength(1);
    const framing = sendFramingOf(conversation);
    const listed = [...everywhere, ...(byFraming[framing] ?? []), ...(further[conversation.file] ?? [])];
    expect([...used].sort()).toStrictEqual([...listed].sort());
  });

  it('names recordings that exist, and deviations that are described', () => {
    const files = played.map(({ file }) => file);
    expect(files).toHaveLength(25);
    expect(files).toEqual(expect.arrayContaining(Object.keys(further)));
    expect(Object.keys(deviations)).toEqual(expect.arrayContaining([...everywhere, ...Object.values(further).flat()]));
  });
});

/** What the node's proof has to be for the greetings of this run, in the framing that Perl chose. */
function expectedProof({ secret, client, server }: Conversation, { lines }: Played): string {
  const [ownGreeting = '', ownNonce = ''] = lines;
  const [greeting = '', nonce = ''] = client;
  return proofLine(secret, [ownGreeting, ownNonce], [greeting, nonce], server[2]?.split(';')[2] ?? '');
}

function sendFramingOf({ server }: Conversation): string {
  return server[2]?.split(';')[2] ?? '';
}

/** Looks at the octets for what decoding hides: what stands between messages, and the kind of a port name. */
function noteFraming(conversation: Conversation, { data }: Played): DeviationId {
  if (sendFramingOf(conversation) === 'json') {
    expect(new TextDecoder().decode(data)).toMatch(/^(\[[^\n]*\]\n)+$/);
    return 'json-lines';
  }
  const TEXT = 3;
  expect((data[1] ?? 0) >> 5).toBe(TEXT);
  return 'cbor-text';
}

const NOTED = ['mon_cb', 'init', 'spawned_got', 'norcv'];

function recordedNotes({ events, chunks }: Conversation): readonly Message[] {
  // the recorded program counted, and noted types; what it was sent is known
  const counted = chunks.flatMap(({ fromClient, messages }) =>
    fromClient ? messages.filter(({ bad, value }) => !bad && value[0] === 'count').map(({ value }) => value) : [],
  );
  return [...events.filter(([what]) => NOTED.includes(String(what))), ...counted];
}

const plainText = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);
