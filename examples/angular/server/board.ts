/** The cards: keys of a family that this node alone sets, so that there is one order of all changes. */
import { randomUUID } from 'node:crypto';
import { isPortId, type MpNode, type PortRef } from 'rxmp';
import { COLUMNS, type BoardMessage, type Card, type Column } from '../shared/protocol.js';
import type { Data } from './data.js';
import { nameOf } from './sessions.js';

const LONGEST_TITLE = 200;
const MOST_CARDS = 500;

const FIRST = ['Drag me, or move me with the arrow keys', 'Open this page a second time, as somebody else', 'Stop the server, and start it again'];
const firstCards = (): [string, Card][] => FIRST.map((title, rank) => [randomUUID(), { title, column: 'todo', rank, by: 'the server' }]);

export function openBoard(node: MpNode, data: Data): void {
  const cards = new Map(data.load<[string, Card][]>('cards') ?? firstCards());
  for (const [id, card] of cards) node.dbSet('cards', id, card);
  data.save('cards', [...cards]);

  const put = (id: string, card: Card): void => {
    cards.set(id, card);
    node.dbSet('cards', id, card);
    data.save('cards', [...cards]);
  };
  const remove = (id: string): void => {
    cards.delete(id);
    node.dbDel('cards', id);
    data.save('cards', [...cards]);
  };
  /** Between the card before a place, and the card after it. */
  const rankOf = (column: Column, before: string | null, moved?: string): number => {
    const others = [...cards].filter(([id, card]) => card.column === column && id !== moved).sort(([, a], [, b]) => a.rank - b.rank);
    const found = others.findIndex(([id]) => id === before);
    const place = found < 0 ? others.length : found;
    const previous = others[place - 1]?.[1].rank;
    const next = others[place]?.[1].rank;
    if (previous === undefined) return next === undefined ? 0 : next - 1;
    return next === undefined ? previous + 1 : (previous + next) / 2;
  };
  const nameBehind = (port: PortRef): string => nameOf(node.guest(port)?.user);

  const answer = (message: BoardMessage): void => {
    if (message[0] === 'add') {
      const [, title, reply] = message;
      if (cards.size >= MOST_CARDS) return;
      const id = randomUUID();
      put(id, { title: title.slice(0, LONGEST_TITLE), column: 'todo', rank: rankOf('todo', null), by: nameBehind(reply) });
      node.snd(reply, id);
    } else if (message[0] === 'move') {
      const [, id, column, before, reply] = message;
      const card = cards.get(id);
      if (card !== undefined) put(id, { ...card, column, rank: rankOf(column, before, id), by: nameBehind(reply) });
      node.snd(reply, card !== undefined);
    } else {
      const [, id, reply] = message;
      const isThere = cards.has(id);
      if (isThere) remove(id);
      node.snd(reply, isThere);
    }
  };
  node.dbReg('boards', node.port<BoardMessage>((...message: readonly unknown[]) => { if (isBoardMessage(message)) answer(message); }));
}

/** Guests may send whatever they like. */
function isBoardMessage(message: readonly unknown[]): message is BoardMessage {
  const [tag, first, second, third] = message;
  if (!isPortId(message.at(-1)) || typeof first !== 'string') return false;
  if (tag === 'move') return COLUMNS.includes(second as Column) && (third === null || typeof third === 'string');
  return tag === 'remove' || (tag === 'add' && first.trim() !== '');
}
