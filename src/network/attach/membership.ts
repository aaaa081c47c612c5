import { word, type Random } from '../../env/random.js';

/** Letters of a secret that is made: 253 bits. */
const SECRET_LENGTH = 43;

/** The secret that makes nodes at ports members of a network (V19): this node's own, one that it was given, or one that it makes for them. */
export function createMembership(own: string | undefined, random: Random) {
  let given: string | undefined;
  let made: string | undefined;
  return {
    /** What this node proves itself with; undefined: it is a member of nothing. */
    get secret() {
      return own ?? given;
    },
    /** What others are given. */
    offered: (): string => own ?? given ?? (made ??= word(random, SECRET_LENGTH)),
    join(secret: string): void {
      given = secret;
    },
  };
}
