/** What tells two values apart, as text. */
const textOf = (value) => JSON.stringify(value);

/** A family as text, the same for every node that shows the same. */
export const familyText = (family) => JSON.stringify([...family].sort(([a], [b]) => (a < b ? -1 : 1)));

/**
 * Folds the changes of one monitor, and checks each of them against S26, S27, S28 and V12. What is wrong goes to `complain`.
 * `own` are the keys of this node, with what it has set; `steady` are keys that nobody has any reason to lose.
 */
export function createWatch(family, { own, steady, complain }) {
  const fold = new Map();
  /** Own keys that have been here with the own value: the master knows them. */
  const told = new Set();
  let changes = 0;
  let last;

  const wrong = (text) => complain(`${family}, change ${changes}: ${text}`);

  const checkLists = ({ add, chg, del, family: now, current }) => {
    const keys = [...add, ...chg, ...del];
    if (new Set(keys).size < keys.length) wrong(`a key is in the lists twice: ${keys}`);
    if (changes > 1 && keys.length === 0 && current === last?.current) wrong('nothing has changed (S26)');
    if (changes === 1 && (chg.length > 0 || del.length > 0 || add.length !== now.size)) wrong('the first value is not the whole family');
    for (const key of add) if (fold.has(key)) wrong(`add of ${key}, which was there`);
    for (const key of chg) {
      if (!fold.has(key)) wrong(`chg of ${key}, which was absent`);
      else if (textOf(fold.get(key)) === textOf(now.get(key))) wrong(`chg of ${key}, which has the same value`);
    }
    for (const key of del) if (!fold.has(key)) wrong(`del of ${key}, which was absent`);
  };

  const checkKept = (del) => {
    for (const key of del) {
      if (told.has(key) && own.has(key)) wrong(`the own key ${key} has vanished (S28)`);
      if (steady.has(key)) wrong(`${key} has vanished, and its node has not (S25)`);
    }
  };

  const apply = ({ add, chg, del, family: now }) => {
    for (const key of [...add, ...chg]) fold.set(key, now.get(key));
    for (const key of del) fold.delete(key);
    if (familyText(fold) !== familyText(now)) wrong(`the fold is ${familyText(fold)}, but family is ${familyText(now)}`);
    for (const key of told) if (!own.has(key)) told.delete(key);
    for (const [key, text] of own) if (textOf(fold.get(key)) === text) told.add(key);
  };

  return {
    next(change) {
      changes++;
      if (last !== undefined && familyText(last.family) !== last.text) wrong('an earlier snapshot has changed (S27)');
      checkLists(change);
      checkKept(change.del);
      apply(change);
      last = { family: change.family, text: familyText(change.family), current: change.current };
    },
    /** The folded family; undefined: nothing was heard yet. */
    text: () => (changes > 0 ? familyText(fold) : undefined),
  };
}
