import type { Client, ClientRequest, News } from './protocol.js';

/** Who is in the room. */
export type Members = ReadonlyMap<Client, string>;

/** What happens to a room: a request of a client, or that a client is gone. */
export type RoomEvent = ClientRequest | ['gone', client: Client, why: string];

/** A message, and whom it is for. */
export type Post = readonly [news: News, to: readonly Client[]];

/** The room after an event, and what is to be sent because of it. */
export interface Room {
  readonly members: Members;
  readonly posts: readonly Post[];
}

export const emptyRoom: Room = { members: new Map(), posts: [] };

const NICK = /^[\p{L}\p{N}_-]{1,20}$/u;

/** One step of the room: no port, no time and no network is needed to know what it does. */
export function step({ members }: Room, event: RoomEvent): Room {
  const client = event[1];
  if (event[0] === 'join') return join(members, client, event[2]);

  const nick = members.get(client);
  if (nick === undefined) return { members, posts: [] };
  const others = [...members.keys()].filter((member) => member !== client);
  const posts = (news: News, to: readonly Client[]): Room => ({ members, posts: [[news, to]] });
  switch (event[0]) {
    case 'say':
      return posts(['said', nick, event[2]], others);
    case 'me':
      return posts(['did', nick, event[2]], others);
    case 'msg': {
      const to = find(members, event[2]);
      if (to === undefined) return posts(['problem', `nobody here is called ${event[2]}`], [client]);
      return posts(['whispered', nick, event[3]], [to]);
    }
    case 'who':
      return posts(['present', ...members.values()], [client]);
    case 'leave':
      return leave(members, client, nick, '');
    case 'gone':
      return leave(members, client, nick, event[2]);
  }
}

function join(members: Members, client: Client, nick: string): Room {
  const refuse = (why: string): Room => ({ members, posts: [[['refused', why], [client]]] });
  if (!NICK.test(nick)) return refuse('a nick is 1 to 20 letters, digits, _ or -');
  if ((find(members, nick) ?? client) !== client) return refuse(`the nick ${nick} is taken`);
  const after = new Map(members).set(client, nick);
  return {
    members: after,
    posts: [
      [['welcome', ...after.values()], [client]],
      [['joined', nick], [...after.keys()].filter((member) => member !== client)],
    ],
  };
}

function leave(members: Members, client: Client, nick: string, why: string): Room {
  const after = new Map(members);
  after.delete(client);
  return { members: after, posts: [[['left', nick, why], [...after.keys()]]] };
}

/** Nicks that look alike are the same, or somebody could pass for somebody else. */
function find(members: Members, nick: string): Client | undefined {
  const wanted = folded(nick);
  for (const [client, name] of members) if (folded(name) === wanted) return client;
  return undefined;
}

const folded = (nick: string): string => nick.normalize('NFKC').toLowerCase();
