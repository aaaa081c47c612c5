import { isChainWord } from './config/chain.js';
import { usageError } from './exit.js';

/** Whether what begins with a word of the configuration is a command of rxmp all the same: `rxmp guests` always is, `rxmp gensecret` alone, or with options. */
const isCommand = ([word, ...rest]: readonly string[]): boolean => word === 'guests' || (word === 'gensecret' && rest.every((one) => one.startsWith('-')));

/**
 * The arguments as commander takes them. As `aemp` has it, a first one that begins with `[` is a JSON list of all of them, and words of the
 * configuration need no command before them (L2). Throws a usage error for what is no such list.
 */
export function wordsOf(args: readonly string[]): readonly string[] {
  const [first = ''] = args;
  const all = first.startsWith('[') ? listOf(first, args.length) : args;
  const [word = ''] = all;
  return isChainWord(word) && !isCommand(all) ? ['config', ...all] : all;
}

function listOf(text: string, count: number): readonly string[] {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    list = undefined;
  }
  if (!Array.isArray(list) || count > 1) throw usageError('what begins with [ has to be a JSON list of all arguments, and nothing after it');
  // what is no text stays JSON, as the words take it
  return list.map((one: unknown) => (typeof one === 'string' ? one : JSON.stringify(one)));
}
