import type { PortId } from 'rxmp';

/** The family in which servers list a port, with the time since when: the first form. */
export const SERVERS = 'chat_server';
/** The family in which servers list their node, with the time since when: the second form. */
export const NODES = 'chat_nodes';
/** The function that makes a connection at a server's node: the second form. */
export const JOIN = 'chat::join';

/** What somebody in the room may ask for. Their nick is not in it: the server knows whose request it is. */
export type Request =
  | ['say', text: string]
  | ['me', text: string]
  | ['msg', nick: string, text: string]
  | ['who']
  | ['leave'];

/** The port at which a client hears of the room. */
export type Client = PortId<News>;

/** What a server's one port takes in the first form: requests with the client's port after the tag, and who comes. */
export type ClientRequest = ['join', client: Client, nick: string] | WithClient<Request>;

type WithClient<R> = R extends [infer Tag, ...infer Args] ? [Tag, client: Client, ...Args] : never;

/** What a client's port takes. */
export type News =
  | ['welcome', ...nicks: string[]]
  | ['refused', why: string]
  | ['joined', nick: string]
  | ['left', nick: string, why: string]
  | ['said', nick: string, text: string]
  | ['did', nick: string, text: string]
  | ['whispered', nick: string, text: string]
  | ['present', ...nicks: string[]]
  | ['problem', what: string];

/** The longest text of a request, in UTF-16 units. */
export const LONGEST = 4_000;

const ARGUMENTS: ReadonlyMap<unknown, number> = new Map([
  ['join', 1],
  ['say', 1],
  ['me', 1],
  ['msg', 2],
  ['who', 0],
  ['leave', 0],
]);

/** Types end at the network: what comes from there is looked at before it is believed. */
export function isClientRequest(message: readonly unknown[]): message is ClientRequest {
  const [tag, client, ...args] = message;
  const isPort = typeof client === 'string' && /^[^#]+#./.test(client);
  const areTexts = args.every((arg) => typeof arg === 'string' && arg.length <= LONGEST);
  return isPort && areTexts && args.length === ARGUMENTS.get(tag);
}
