/** Calls in the order in which they will be made. Both ends cost O(1), which those of a long array don't. */
export interface CallQueue<T> {
  readonly first: T | undefined;
  push(item: T): void;
  /** Puts one before all others. */
  unshift(item: T): void;
  shift(): void;
}

interface Link<T> {
  readonly item: T;
  next: Link<T> | undefined;
}

export function createCallQueue<T>(): CallQueue<T> {
  let head: Link<T> | undefined;
  let tail: Link<T> | undefined;
  return {
    get first() {
      return head?.item;
    },
    push(item) {
      const link = { item, next: undefined };
      if (tail === undefined) head = link;
      else tail.next = link;
      tail = link;
    },
    unshift(item) {
      head = { item, next: head };
      tail ??= head;
    },
    shift() {
      head = head?.next;
      if (head === undefined) tail = undefined;
    },
  };
}
