/** The chat: a port that knows its members, and forgets those who go. */
import { isPortId, type MpNode, type PortId } from 'rxmp';
import type { Heard, Line, RoomMessage } from '../shared/protocol.js';
import type { Data } from './data.js';
import { nameOf } from './sessions.js';

const KEPT = 100;
const LONGEST_TEXT = 1_000;

export function openRoom(node: MpNode, data: Data): void {
  let lines = data.load<readonly Line[]>('lines') ?? [];
  const members = new Set<PortId<Heard>>();

  const answer = (message: RoomMessage): void => {
    const [tag, member] = message;
    if (tag === 'join') {
      node.snd(member, 'lines', lines);
      if (members.has(member)) return;
      members.add(member);
      node.mon(member, () => { members.delete(member); });
    } else {
      const line: Line = { id: (lines.at(-1)?.id ?? 0) + 1, who: nameOf(node.guest(member)?.user), text: message[2].slice(0, LONGEST_TEXT), at: Date.now() };
      lines = [...lines, line].slice(-KEPT);
      data.save('lines', lines);
      for (const each of members) node.snd(each, 'lines', [line]);
    }
  };
  node.dbReg('rooms', node.port<RoomMessage>((...message: readonly unknown[]) => { if (isRoomMessage(message)) answer(message); }));
}

/** Guests may send whatever they like. */
function isRoomMessage(message: readonly unknown[]): message is RoomMessage {
  const [tag, member, text] = message;
  return isPortId(member) && (tag === 'join' || (tag === 'say' && typeof text === 'string' && text.trim() !== ''));
}
