/** Words that lists of passwords begin with, and those of examples: worth next to nothing. */
const COMMON =
  /password|passwort|secret|geheim|letmein|welcome|admin|qwert[yz]|dragon|monkey|master|login|change ?me|hunter2|test|example|rxmp|123(4(5(6(7(8(90?)?)?)?)?)?)?/giu;
/** What a common word is worth: somebody tries all of them, in a few spellings, first. */
const WORD_BITS = 10;
const CLASSES: readonly (readonly [RegExp, number])[] = [
  [/[a-z]/u, 26],
  [/[A-Z]/u, 26],
  [/[0-9]/u, 10],
  [/[ -/:-@[-`{-~]/u, 33],
  [/[^ -~]/u, 100],
];
/** Letters of a word that somebody can remember say less than random ones: about this much each. */
const LETTER_BITS = 2;

/**
 * How many bits of chance a secret has at most, by what it looks like: an estimate from its length, the kinds of characters, what
 * repeats and common words. Nobody can tell from a text how it was chosen, so a high figure proves nothing; a low one does.
 *
 * @example secretBits('change me'); // 10
 */
export function secretBits(secret: string): number {
  let words = 0;
  const rest = secret.replace(COMMON, () => (words++, ''));
  const characters = Array.from(rest);
  const size = CLASSES.reduce((sum, [kind, count]) => sum + (kind.test(rest) ? count : 0), 0);
  // words with spaces or hyphens between them, or one word of one case: a sentence, not random characters
  const each = /^\p{L}?\p{Ll}*([ _-]\p{L}?\p{Ll}*)*$/u.test(rest) ? LETTER_BITS : Math.log2(Math.max(1, size));
  const chosen = characters.filter((_, at) => isChoice(characters, at)).length;
  const variety = Math.log2(Math.max(1, new Set(characters).size));
  return Math.floor(words * WORD_BITS + chosen * Math.min(each, variety + 1));
}

/** Not the next one up or down, nor the same, nor a pair that stood there before. */
function isChoice(characters: readonly string[], at: number): boolean {
  const [before = '', one = ''] = characters.slice(Math.max(0, at - 1), at + 1);
  if (at === 0) return true;
  if (Math.abs((one.codePointAt(0) ?? 0) - (before.codePointAt(0) ?? 0)) <= 1) return false;
  for (let i = 1; i < at; i++) if (characters[i] === one && characters[i - 1] === before) return false;
  return true;
}
