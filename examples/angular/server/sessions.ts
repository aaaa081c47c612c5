/**
 * Who is signed in. The browser keeps a session in a cookie that no script can read; for the node of a page it fetches a ticket, which is good for
 * one minute, and says what the page may do.
 */
import { randomUUID } from 'node:crypto';
import { jwtVerify, SignJWT } from 'jose';
import { jwtGuests, read, send, write, type GuestsOption } from 'rxmp/guests';

const AUDIENCE = { session: 'board session', ticket: 'board ticket' };

export interface Session {
  readonly user: string;
  readonly name: string;
}

export interface Sessions {
  /** The option `guests` of the gate. */
  readonly guests: GuestsOption;
  /** Signs somebody in: gives a session as text. A real server asks for a password first. */
  begin(name: string): Promise<string>;
  /** Undefined: it is not one of ours, or too old. */
  find(text: string): Promise<Session | undefined>;
  ticket(session: Session): Promise<string>;
}

export async function openSessions(key: Uint8Array): Promise<Sessions> {
  const sign = ({ user, name }: Session, audience: string, life: string): Promise<string> =>
    new SignJWT({ name }).setProtectedHeader({ alg: 'HS256' }).setSubject(user).setAudience(audience).setIssuedAt().setExpirationTime(life).sign(key);

  return {
    guests: await jwtGuests({
      key,
      audience: AUDIENCE.ticket,
      claims: ({ sub, name }, { guest }) => ({
        // its name goes with it, so that nobody can speak for somebody else
        user: `${String(name)}/${sub}`,
        may: [
          ...['boards', 'rooms', 'workers'].flatMap((family) => [read(family), send({ family })]),
          ...['cards', 'people', 'typing', 'lights'].map((family) => read(family)),
          // each page has a key of its own: that of its node
          ...['people', 'typing'].map((family) => write(family, { key: guest })),
        ],
      }),
    }),
    begin: (name) => sign({ user: randomUUID(), name }, AUDIENCE.session, '30d'),
    async find(text) {
      const { payload } = await jwtVerify<{ name: string }>(text, key, { audience: AUDIENCE.session }).catch(() => ({ payload: undefined }));
      return payload?.sub === undefined ? undefined : { user: payload.sub, name: payload.name };
    },
    ticket: (session) => sign(session, AUDIENCE.ticket, '1m'),
  };
}

/** The name of a guest, as {@link openSessions} has given it to the gate. */
export const nameOf = (user: string | undefined): string => user?.slice(0, user.lastIndexOf('/')) ?? 'nobody';
