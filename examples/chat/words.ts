import { LONGEST, type News, type Request } from './protocol.js';

/** What a typed line wants: something of the server, or the end; or what is wrong with it. */
export type Command = Request | ['quit'] | ['mistake', text: string];

const HELP = 'there are: /who  /me <text>  /msg <nick> <text>  /quit';

/** Reads a typed line; undefined if there is nothing in it. */
export function readLine(line: string): Command | undefined {
  const text = line.trim();
  if (text === '') return undefined;
  if (text.length > LONGEST) return ['mistake', `too long: a line has at most ${LONGEST} characters`];
  if (!text.startsWith('/')) return ['say', text];

  const [, command = '', rest = ''] = /^\/(\S*)\s*(.*)$/s.exec(text) ?? [];
  const [, nick, whispered] = /^(\S+)\s+(.+)$/s.exec(rest) ?? [];
  if (command === 'quit' || command === 'who') return [command];
  if (command === 'me' && rest !== '') return ['me', rest];
  if (command === 'msg' && nick !== undefined && whispered !== undefined) return ['msg', nick, whispered];
  return ['mistake', HELP];
}

/** News of the room as a line to read; undefined for what a newer server may say. */
export function describe(news: News): string | undefined {
  switch (news[0]) {
    case 'welcome':
      return `* welcome; here: ${news.slice(1).join(', ')}`;
    case 'joined':
      return `* ${news[1]} joined`;
    case 'left':
      return `* ${news[1]} left${news[2] === '' ? '' : ` (${news[2]})`}`;
    case 'said':
      return `${news[1]}: ${news[2]}`;
    case 'did':
      return `* ${news[1]} ${news[2]}`;
    case 'whispered':
      return `${news[1]} (only to you): ${news[2]}`;
    case 'present':
      return `* here: ${news.slice(1).join(', ')}`;
    case 'problem':
      return `! ${news[1]}`;
    default:
      return undefined;
  }
}
