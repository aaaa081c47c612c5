import type { ScopeEvent } from 'rxmp/federation';
import type { Item } from './facts.js';

/** What a typed line wants, or what is wrong with it. */
export type Command = [what: 'add' | 'take' | 'done', text: string] | ['list'] | ['who'] | ['quit'] | ['mistake', text: string];

/** The longest text of an item, in UTF-16 units. */
export const LONGEST = 200;

const HELP = 'there are: add <text>  take <text>  done <text>  list  who  quit';

/** Reads a typed line; undefined if there is nothing in it. */
export function readLine(line: string): Command | undefined {
  const [, what = '', text = ''] = /^\s*(\S*)\s*(.*?)\s*$/s.exec(line) ?? [];
  if (what === '') return undefined;
  if (text === '') return what === 'list' || what === 'who' || what === 'quit' ? [what] : ['mistake', HELP];
  if (text.length > LONGEST) return ['mistake', `too long: an item has at most ${LONGEST} characters`];
  return what === 'add' || what === 'take' || what === 'done' ? [what, text] : ['mistake', HELP];
}

export const describePresence = (kind: 'add' | 'del', who: string): string => `* ${who} is ${kind === 'add' ? 'here' : 'gone'}`;

export const describeDone = (text: string, who: string): string => `* ${who} has done ${text}`;

/** What one turn has changed of the list, a line for each item. An item that came and went only looks different now. */
export function describeTurn(turn: readonly ScopeEvent<Item>[]): string[] {
  const items = (kind: 'add' | 'del'): Map<string, Item> =>
    new Map(turn.filter((event) => event.kind === kind).map(({ captures }) => [keyOf(captures), captures]));
  const [come, gone] = [items('add'), items('del')];
  return [
    ...Array.from(come, ([key, item]) => {
      if (!gone.has(key)) return `+ ${describeItem(item)}`;
      return item.by === null ? `* ${item.text} is free again` : `* ${item.text} is taken by ${item.by}`;
    }),
    ...[...gone].filter(([key]) => !come.has(key)).map(([, { text, owner }]) => `- ${text} (${owner})`),
  ];
}

/** All that is to do, in one line. */
export const describeList = (items: readonly Item[]): string => `to do: ${sorted(items.map(describeItem))}`;

/** All who are present, in one line. */
export const describePeople = (names: readonly string[]): string => `here: ${sorted(names)}`;

const keyOf = ({ text, owner }: Item): string => JSON.stringify([text, owner]);

const describeItem = ({ text, owner, by }: Item): string => `${text} (${owner}${by === null ? '' : `, taken by ${by}`})`;

const sorted = (texts: readonly string[]): string => [...texts].sort().join(', ') || 'nothing';
