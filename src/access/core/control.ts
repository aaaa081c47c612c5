import { CONTROL } from './judge.js';
import type { Right } from './rights.js';

/** What a guest says to its gate, after the tag. */
export type FromGuest =
  /** It has other credentials. */
  | readonly ['renew', credentials: string];

/** What a gate says to its guest. */
export const told = {
  /** These are your rights from now on, until then. */
  admitted: (rights: readonly Right[], expires: number | undefined) => [CONTROL, 'admitted', rights, expires ?? null] as const,
  /** The new credentials are not accepted; the old ones still are, until they end. */
  notRenewed: (text: string) => [CONTROL, 'not renewed', text] as const,
  /** That was not allowed; `of` is what does not happen because of it. */
  forbidden: (what: string, right: string | undefined, of: object | undefined) => [CONTROL, 'forbidden', what, right ?? null, of ?? null] as const,
  /** It is over. */
  dismissed: (code: 'expired' | 'revoked', text: string) => [CONTROL, 'dismissed', code, text] as const,
};
