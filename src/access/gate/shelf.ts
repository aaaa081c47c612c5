import { relayAddresses } from '../../database/core/relays.js';
import type { Limits } from '../../env/limits.js';
import { familyOf, SCOPE_FAMILY } from '../../federation/core/names.js';
import { decodeDatabaseRequest, encodeDatabaseRequest } from '../../wire/database.js';
import { shown } from '../../wire/printable.js';
import type { Share } from '../core/allowance.js';
import type { Holder } from '../core/holder.js';
import type { Refused } from '../core/judge.js';
import { createEntered, judgeDatabase, takeUnentitled, watchedBy } from '../core/judge-database.js';
import type { Send } from './legs.js';
import type { GuestScopes } from './scopes.js';

export interface ShelfContext {
  readonly limits: Limits;
  /** The id of the gate. */
  readonly gate: string;
  readonly holder: Holder;
  share(): Share;
  readonly scopes: Pick<GuestScopes, 'watch'>;
  /** Says something to the database of the gate's node, as the guest. */
  on(message: readonly unknown[]): void;
  /** Says something to the guest. */
  tell(message: readonly unknown[]): void;
  refuse(refused: Refused, of?: object): void;
}

/** What one guest has in the database of its gate: the keys that it has set, and the families that it watches. */
export function createShelf({ limits, gate, holder, share, scopes, on, tell, refuse }: ShelfContext) {
  const entered = createEntered();

  return {
    /** A request of the guest; `pass` is for what the database gets of it. */
    request([tag, ...args]: readonly unknown[], pass: Send): void {
      const asked = decodeDatabaseRequest(String(tag), args, limits);
      if (asked === undefined) return;
      const verdict = judgeDatabase({ holder, share: share(), entered }, asked);
      if (verdict.pass !== undefined) pass('', encodeDatabaseRequest(verdict.pass, true));
      if (verdict.find !== undefined) tell(encodeDatabaseRequest({ kind: 'g_found', node: verdict.find, addresses: relayAddresses(verdict.find, [gate]) }));
      if (verdict.scope !== undefined) scopes.watch(verdict.scope.name, verdict.scope.watched);
      for (const denied of verdict.denied) refuse(denied, denied.of);
    },
    /** The guest finds its entry of a scope as all entries are found: in a family. */
    showEntry(scope: string, entry: string): void {
      tell(encodeDatabaseRequest({ kind: 'g_chg1', family: familyOf(scope), content: new Map([[entry, { listens: true }]]), more: false }));
    },
    /** An answer is on its way to the guest. */
    answered([, id, , more]: readonly unknown[]): void {
      if (more !== true && (typeof id === 'string' || typeof id === 'number')) entered.asked.delete(id);
    },
    /** Rights are others now: what they no longer allow is taken back, and the guest is told. */
    takeBack(): void {
      for (const [family, keys] of takeUnentitled({ holder, entered })) {
        on(encodeDatabaseRequest({ kind: 'g_upd', family, set: new Map(), del: keys, scope: 'own' }));
        refuse(no(`to set ${shown(family)}`, { kind: 'write', family }), { family, keys });
      }
      for (const family of [...entered.watched]) {
        // those of scopes are the scopes' business
        if (family.startsWith(SCOPE_FAMILY) || holder.mayRead(family)) continue;
        entered.watched.delete(family);
        on(encodeDatabaseRequest({ kind: 'g_mon0', family }));
        refuse(no(`to watch ${shown(family)}`, { kind: 'read', family }), { family });
      }
    },
    entered,
    /** Families, those of scopes included. */
    get families() {
      return entered.watched.size;
    },
    get watched() {
      return watchedBy(entered);
    },
  };
}

const no = (what: string, right: Refused['right']): Refused => ({ kind: 'refused', what, right, answer: undefined });
