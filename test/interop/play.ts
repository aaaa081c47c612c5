import type { GreetingLines } from '../../src/wire/proof.js';
import { connectTo, type Client } from './client.js';
import type { DeviationId } from './deviations.js';
import { expectedAnswers, withoutTime } from './expected.js';
import { greetingOf, proofLine } from './handshake.js';
import { RECORDED_ADDRESS } from './perl-g.js';
import { renamed } from './renamed.js';
import type { Chunk, Conversation, Message } from './recorded.js';

/** What the client said in a row, and what was answered to it. */
export interface Step {
  readonly sent: readonly Message[];
  /** What Perl answered, with the deviations applied. */
  readonly expected: readonly Message[];
  readonly actual: readonly Message[];
}

export interface Played {
  /** The three lines of the node. */
  readonly lines: readonly string[];
  /** The client's address as the node saw it. */
  readonly address: string;
  readonly steps: readonly Step[];
  /** Which deviations the answers need. */
  readonly deviations: ReadonlySet<DeviationId>;
  /** All that the node sent after its lines on the last connection. */
  readonly data: Uint8Array;
  /** The addresses of connections that the node has ended because of a bad message. */
  readonly endedBad: readonly string[];
}

const LF = 0x0a;

/**
 * Plays the client of a conversation, octet for octet in the recorded pieces, and collects what the node answers. Only a
 * recorded `hmac_sha3_512` proof is made anew, for the node's own nonce. Where the node ends the connection because of a
 * bad message, the client comes back and goes on.
 */
export async function play(conversation: Conversation, address: string): Promise<Played> {
  const deviations = new Set<DeviationId>();
  const steps: Step[] = [];
  const endedBad: string[] = [];
  const framing = conversation.client[2]?.split(';')[2] ?? '';
  let client = await connectTo(address);
  let feed = createFeed(conversation, client);

  for (const { asked, answered } of inSteps(conversation.chunks)) {
    const actual: Message[] = [];
    for (const { octets, messages } of asked) {
      const between = await feed(octets);
      if (messages.some(({ bad }) => bad)) {
        const ended = client;
        await ended.until(() => ended.closed);
        endedBad.push(ended.address);
        actual.push(...ended.take());
        client = await connectTo(address);
        feed = createFeed(conversation, client);
        await feed(new TextEncoder().encode(`${conversation.client.join('\n')}\n`));
        await client.settle();
        const [news, ...more] = client.take();
        if (news?.[1] !== 'g_global' || more.length > 0) throw new Error('a global node says so on each connection, and no more');
        deviations.add('bad-message');
      } else if ((messages.length > 0 || between) && !(await client.settle())) {
        throw new Error(`${conversation.file}: the node ended the connection`);
      }
    }
    actual.push(...client.take());
    const sent = asked.flatMap(({ messages }) => messages.filter(({ bad }) => !bad).map(({ value }) => value));
    const answers = answered.flatMap(({ messages }) => messages.map(({ value }) => value));
    const expected = expectedAnswers({ framing, sent, answers, cameBack: endedBad.length > 0 }, deviations);
    const names = new Map([[address, RECORDED_ADDRESS]]);
    steps.push({ sent, expected, actual: actual.map((message) => withoutTime(renamed(message, names))) });
  }
  const lines = await client.lines(3);
  await client.close();
  const data = client.octets.subarray(lines.join('\n').length + 1);
  return { lines, address: client.address, steps, deviations, data, endedBad };
}

/**
 * Writes recorded pieces; makes the proof anew, and begins to read messages when the handshake is over. Resolves with
 * whether that is so now, and no message has begun.
 */
function createFeed({ client: own, secret }: Conversation, client: Client): (octets: Uint8Array) => Promise<boolean> {
  const [, , proof = ''] = own;
  let line = 0;
  return async (octets) => {
    if (line === 3) {
      client.write(octets);
      return false;
    }
    let rest = octets;
    const pieces: (Uint8Array | string)[] = [];
    for (let end = rest.indexOf(LF); line < 3 && end >= 0; end = rest.indexOf(LF)) {
      const piece = rest.subarray(0, end + 1);
      const fresh = line === 2 && proof.startsWith('hmac');
      pieces.push(fresh ? await freshProof(client, own, secret, piece.at(-2) === 0x0d) : piece);
      rest = rest.subarray(end + 1);
      line++;
    }
    client.write(Buffer.concat([...pieces, rest].map((piece) => Buffer.from(piece))));
    if (line < 3) return false;
    const lines = await client.lines(3);
    const received = lines[2]?.split(';')[2];
    if (received === undefined) throw new Error('the node has refused the connection');
    client.startData({ received, sent: proof.split(';')[2] ?? '', node: own[0]?.split(';')[2] ?? '' });
    return rest.length === 0;
  };
}

async function freshProof(client: Client, own: readonly string[], secret: string, cr: boolean): Promise<string> {
  const [greeting = '', nonce = '', proof = ''] = own;
  const ownLines: GreetingLines = [greeting, nonce];
  const line = proofLine(secret, ownLines, await greetingOf(client), proof.split(';')[2] ?? '');
  return cr ? `${line}\r\n` : `${line}\n`;
}

interface Turn {
  readonly asked: Chunk[];
  readonly answered: Chunk[];
}

/** Cuts a conversation where the client speaks again after the node. */
function inSteps(chunks: readonly Chunk[]): Turn[] {
  const turns: Turn[] = [];
  for (const chunk of chunks) {
    let turn = turns.at(-1);
    if (turn === undefined || (chunk.fromClient && turn.answered.length > 0)) turns.push((turn = { asked: [], answered: [] }));
    (chunk.fromClient ? turn.asked : turn.answered).push(chunk);
  }
  return turns;
}
