import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { MpNode } from '../../src/index.js';
import { clientOf, connectTo, type Client } from './client.js';
import { greetingOf, proofLine } from './handshake.js';
import type { Chunk, Conversation, Message } from './recorded.js';

/** A recorded message, of the node that is played or of its peer. */
export interface Said {
  readonly byPeer: boolean;
  readonly message: Message;
}

/** The connection of the node with one that is played. */
export interface Connected {
  readonly peer: string;
  readonly conversation: Conversation;
  /** The node has connected, and not been connected to. */
  readonly dials: boolean;
  readonly listening: Listening | undefined;
  client: Client | undefined;
  /** The ids of queries in order, as recorded, and as the node has chosen them. */
  readonly asked: string[];
  readonly asks: string[];
  recorded: Said[];
  actual: Message[];
  left: boolean;
}

export interface Listening {
  readonly server: Server;
  readonly address: string;
  readonly socket: Promise<Socket>;
}

/** The ids of the two ends. */
export function nodesOf({ client, server }: Conversation): readonly [string, string] {
  return [client[0]?.split(';')[2] ?? '', server[0]?.split(';')[2] ?? ''];
}

export async function linkOf(one: Conversation, role: string): Promise<Connected> {
  const [client, server] = nodesOf(one);
  const dials = client === role;
  return {
    ...{ peer: dials ? server : client, conversation: one, dials, listening: dials ? await listen() : undefined },
    ...{ client: undefined, asked: [], asks: [], recorded: [], actual: [], left: false },
  };
}

async function listen(): Promise<Listening> {
  const server = createServer({ noDelay: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.unref();
  const { port } = server.address() as AddressInfo;
  const socket = once(server, 'connection').then(([first]) => first as Socket);
  return { server, address: `127.0.0.1:${port}`, socket };
}

export const isQuery = (message: Message): boolean => String(message[1]).startsWith('g_db_');

/** Which ids a node gives its queries is its own business. */
export function withRecordedId({ asked, asks }: Connected, message: Message): Message {
  return [...message.slice(0, 3), asked[asks.indexOf(String(message[3]))] ?? message[3]];
}

/** A recorded answer, in whichever framing, with the id that the node has given its query. */
function withActualId({ asked, asks }: Connected, octets: Uint8Array): Uint8Array {
  const text = Buffer.from(octets).toString('latin1');
  const made = text.replace(/(g_reply[^a-z]{1,3})([a-z])/g, (_, before: string, id: string) => {
    const actual = asks[asked.indexOf(id)];
    if (actual?.length !== 1) throw new Error(`no id of one character for the query ${id}`);
    return before + actual;
  });
  return Buffer.from(made, 'latin1');
}

/** Notes what the node has to say, or says what its peer said: with the address of this run, if the node has told one. */
export function playChunk(link: Connected, { fromClient, messages, data }: Chunk, recorded: string, node: MpNode): void {
  const byPeer = fromClient !== link.dials;
  const said = messages.map(({ value }) => value);
  link.recorded.push(...said.map((message) => ({ byPeer, message })));
  if (!byPeer) {
    link.asked.push(...said.filter(isQuery).map((message) => String(message[3])));
    return;
  }
  const octets = withActualId(link, data);
  // a text in JSON may get longer; in CBOR only the node itself says where it listens
  const isJson = octets[0] === OPENING;
  link.client?.write(isJson ? Buffer.from(octets).toString().replaceAll(recorded, node.addresses[0] ?? '') : octets);
}

const OPENING = 0x5b;

/** Connects a played node, or lets it be connected, and plays its part of the handshake. */
export async function begin({ conversation: { client, server, secret }, listening, dials, peer }: Connected, node: MpNode): Promise<Client> {
  const [own, other] = dials ? [server, client] : [client, server];
  const end = listening === undefined ? await connectTo(node.addresses[0] ?? '') : clientOf(await listening.socket);
  const [greeting = '', nonce = '', proof = ''] = own;
  const framing = proof.split(';')[2] ?? '';
  end.write(`${greeting}\n${nonce}\n`);
  end.write(`${proofLine(secret, [greeting, nonce], await greetingOf(end), framing)}\n`);
  await end.lines(3);
  end.startData({ received: other[2]?.split(';')[2] ?? '', sent: framing, node: peer });
  return end;
}
