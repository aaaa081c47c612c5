import { cleartextProof, hmacProof, type GreetingLines } from '../../src/wire/proof.js';
import { connectTo, type Client } from './client.js';

export interface Introduction {
  readonly node: string;
  readonly secret: string;
  /** What this peer accepts, and sends unless told otherwise. */
  readonly framing?: string;
  readonly sends?: string;
  readonly nonce?: string;
  readonly method?: 'hmac_sha3_512' | 'cleartext';
  /** More keys of its greeting: `gproto=1`. */
  readonly keys?: readonly string[];
  /** False: this peer answers no echo request, as if it was frozen. */
  readonly answers?: boolean;
}

/** The two greeting lines of the other end; throws when it has closed before. */
export async function greetingOf(client: Client): Promise<GreetingLines> {
  const [greeting, nonce] = await client.lines(2);
  if (greeting === undefined || nonce === undefined) throw new Error('the node did not greet');
  return [greeting, nonce];
}

/** The proof line that a peer with these greeting lines has to send. */
export function proofLine(secret: string, own: GreetingLines, other: GreetingLines, framing: string): string {
  return `hmac_sha3_512;${hmacProof(secret, own, other)};${framing}`;
}

/** Connects and introduces a peer; resolves when messages can be exchanged. */
export async function introduce(address: string, introduction: Introduction): Promise<Client> {
  const { node, secret, framing = 'json', nonce = `nonce of ${node}`, keys = [], answers = true } = introduction;
  const { sends = framing } = introduction;
  const client = await connectTo(address);
  const own: GreetingLines = [['aemp', '1', node, 'hmac_sha3_512', framing, ...keys].join(';'), nonce];
  const other = await greetingOf(client);
  const proof =
    introduction.method === 'cleartext'
      ? `cleartext;${cleartextProof(secret)};${sends}`
      : proofLine(secret, own, other, sends);
  client.write(`${[...own, proof].join('\n')}\n`);
  if ((await client.lines(3)).length < 3) throw new Error('the node has refused the connection');
  client.startData({ received: framing, sent: sends, node, answers });
  return client;
}

/** Whether the node still carries messages for this peer, which calls itself `node`, by its port `echo`. */
export async function echoes(client: Client, node: string, text: string): Promise<boolean> {
  client.send('echo', `${node}#r`, text);
  if (!(await client.settle())) return false;
  return client.take().some(([, answer]) => answer === text);
}
