import type { GuestCounts } from './session.js';
import type { Right } from '../core/rights.js';

/** The functions by which other nodes ask a gate about its guests. A guest may call them only if it has a right for the very name. */
export const SHOW_GUESTS = 'rxmp::guests::show';
export const REVOKE_GUESTS = 'rxmp::guests::revoke';

/** What a gate tells of a guest. */
export interface GuestReport {
  readonly guest: string;
  readonly user: string;
  readonly remoteAddress: string;
  /** As `Date.now()` has it, ms. */
  readonly since: number;
  /** The same; null: never. */
  readonly expires: number | null;
  readonly may: readonly Right[];
  readonly counts: GuestCounts;
}
