/** Something in a {@link TaggedList}. */
export interface Item<T> {
  readonly tag: unknown;
  readonly value: T;
  /** Grows with each item. */
  readonly order: number;
  /** Neighbours in the list, and among those of the same tag. */
  before: Item<T> | undefined;
  after: Item<T> | undefined;
  beforeSame: Item<T> | undefined;
  afterSame: Item<T> | undefined;
}

interface Ends<T> {
  first: Item<T> | undefined;
  last: Item<T> | undefined;
}

/** A list in the order of adding, of which the first of all and of each tag is found at once, and any taken out at once. */
export function createTaggedList<T>() {
  const all: Ends<T> = { first: undefined, last: undefined };
  const byTag = new Map<unknown, Ends<T>>();
  let order = 0;
  let size = 0;

  return {
    get size() {
      return size;
    },
    get first(): Item<T> | undefined {
      return all.first;
    },
    firstOf: (tag: unknown): Item<T> | undefined => byTag.get(tag)?.first,
    add(tag: unknown, value: T): Item<T> {
      let same = byTag.get(tag);
      if (same === undefined) byTag.set(tag, (same = { first: undefined, last: undefined }));
      const item: Item<T> = { tag, value, order: order++, before: all.last, after: undefined, beforeSame: same.last, afterSame: undefined };
      if (all.last === undefined) all.first = item;
      else all.last.after = item;
      all.last = item;
      if (same.last === undefined) same.first = item;
      else same.last.afterSame = item;
      same.last = item;
      size++;
      return item;
    },
    /** An item that is in the list. */
    remove(item: Item<T>): void {
      size--;
      if (item.before === undefined) all.first = item.after;
      else item.before.after = item.after;
      if (item.after === undefined) all.last = item.before;
      else item.after.before = item.before;
      const same = byTag.get(item.tag);
      if (same === undefined) return;
      if (item.beforeSame === undefined) same.first = item.afterSame;
      else item.beforeSame.afterSame = item.afterSame;
      if (item.afterSame === undefined) same.last = item.beforeSame;
      else item.afterSame.beforeSame = item.beforeSame;
      if (same.first === undefined) byTag.delete(item.tag);
    },
    /** Takes all out. */
    clear(): readonly T[] {
      const values: T[] = [];
      for (let item = all.first; item !== undefined; item = item.after) values.push(item.value);
      all.first = all.last = undefined;
      byTag.clear();
      size = 0;
      return values;
    },
  };
}
