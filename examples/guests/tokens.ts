/** Who is who: a server that signs tokens, and the gate's function that says what they allow. In real life the first is another service. */
import { SignJWT } from 'jose';
import { jwtGuests, read, send, write, type GuestsOption } from 'rxmp/guests';
import { DESK, PRESENCE, roomFamily } from './protocol.js';

/** Everybody's room. */
const USERS: ReadonlyMap<string, string> = new Map([['ada', 'red'], ['bob', 'blue']]);
/** So long a token is good; a guest asks for the next one before that. */
const LIFE = process.env['TOKEN_LIFE'] ?? '1m';
const AUDIENCE = 'example';

/** The token of a user. Undefined: there is no such user. A real server looks at a password, or a session's cookie, first. */
export async function tokenOf(user: string, key: Uint8Array): Promise<string | undefined> {
  const room = USERS.get(user);
  if (room === undefined) return undefined;
  return new SignJWT({ room }).setProtectedHeader({ alg: 'HS256' }).setSubject(user).setAudience(AUDIENCE).setIssuedAt().setExpirationTime(LIFE).sign(key);
}

/** The option `guests` of the gate. */
export function guestsBy(key: Uint8Array): Promise<GuestsOption> {
  return jwtGuests({
    key,
    audience: AUDIENCE,
    claims: ({ sub: user, room }) => {
      if (user === undefined || typeof room !== 'string') return undefined;
      return { may: [read(roomFamily(room)), read(PRESENCE), write(PRESENCE, { key: user }), read(DESK), send({ family: DESK })] };
    },
  });
}
