import type { PortFunctions } from '../../kernel/port-functions.js';
import { isPortId } from '../../wire/portid.js';
import { REVOKE_GUESTS, SHOW_GUESTS, type GuestReport } from './desk-names.js';
import type { GuestHandle, House } from './house.js';

/** Answers other nodes that ask about the guests of this gate, or want some gone (`rxmp guests`). */
export function openDesk(node: Pick<PortFunctions, 'register' | 'snd'>, { find, revoke }: Pick<House, 'find' | 'revoke'>): void {
  node.register(SHOW_GUESTS, (_self, who: unknown, reply: unknown) => {
    if (typeof who === 'string' && isPortId(reply)) node.snd(reply, find(who).map(reportOf));
  });
  node.register(REVOKE_GUESTS, (_self, who: unknown, reason: unknown, reply: unknown) => {
    if (typeof who === 'string' && isPortId(reply)) node.snd(reply, revoke(who, typeof reason === 'string' ? reason : undefined));
  });
}

const reportOf = ({ id, user, remoteAddress, since, expires, may, counts }: GuestHandle): GuestReport => ({ guest: id, user, remoteAddress, since, expires: expires ?? null, may, counts });
