import { connectTo, type Client } from './client.js';
import { proofLine } from './handshake.js';
import type { Conversation } from './recorded.js';

/** How a handshake went. */
export interface Outcome {
  /** The connection was left open. */
  readonly accepted: boolean;
  /** The node has sent its proof. */
  readonly proved: boolean;
}

const LINES = 3;
/** A connection that is to be refused is closed within this time, in ms. Perl took up to 10 ms. */
const SOON = 1_000;

/** How the recorded handshake went in Perl. */
export function recordedOutcome({ refused, server }: Conversation): Outcome {
  return { accepted: !refused, proved: server.length === LINES };
}

/**
 * Plays the client of a recorded handshake that nothing came after. What the recorded client had taken from its node's
 * lines is taken from ours: whole lines, and a proof over an equal nonce; everything else is sent as recorded.
 */
export async function knock(conversation: Conversation, address: string): Promise<Client> {
  const client = await connectTo(address);
  const { client: own, server, secret } = conversation;
  const reflects = own.some((line) => server.includes(line));
  if (!reflects) {
    for (const { fromClient, octets } of conversation.chunks) if (fromClient) client.write(octets);
    return client;
  }
  for (const [index, line] of own.entries()) {
    const copied = server.indexOf(line);
    const lines = await client.lines(Math.max(2, copied + 1));
    const [greeting = '', nonce = ''] = lines;
    const proof = (): string => proofLine(secret, [own[0] ?? '', nonce], [greeting, nonce], 'json');
    client.write(`${copied >= 0 ? (lines[copied] ?? '') : index === 2 ? proof() : line}\n`);
  }
  return client;
}

/** Waits until the node has closed the connection, soon, or has not; throws when it has sent anything but lines. */
export async function outcomeOf(client: Client): Promise<Outcome> {
  await Promise.race([
    client.until(() => client.closed).catch(() => undefined),
    new Promise((resolve) => setTimeout(resolve, SOON)),
  ]);
  const text = new TextDecoder().decode(client.octets);
  const lines = text.split('\n');
  if (lines.pop() !== '' || lines.length > LINES) throw new Error(`the node has sent more than its lines: ${text}`);
  return { accepted: !client.closed, proved: lines.length === LINES };
}
