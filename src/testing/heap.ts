/** A binary heap: the least item comes out first. Adding and taking cost O(log n). */
export class Heap<T> {
  readonly #before: (a: T, b: T) => boolean;
  #items: T[] = [];

  /** `before` tells whether `a` has to come out before `b`; it must be a strict order. */
  constructor(before: (a: T, b: T) => boolean) {
    this.#before = before;
  }

  get size(): number {
    return this.#items.length;
  }

  /** The least item, which stays; undefined when there is none. */
  peek(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    this.#items.push(item);
    this.#rise(this.#items.length - 1, item);
  }

  /** Takes the least item out; undefined when there is none. */
  pop(): T | undefined {
    const least = this.#items[0];
    const last = this.#items.pop();
    if (last !== undefined && this.#items.length > 0) this.#sink(0, last);
    return least;
  }

  /** Keeps the items that `wanted` accepts, in O(n). */
  retain(wanted: (item: T) => boolean): void {
    const items = this.#items.filter(wanted);
    this.#items = items;
    for (let i = (items.length >> 1) - 1; i >= 0; i--) this.#sink(i, items[i] as T);
  }

  #rise(hole: number, item: T): void {
    const items = this.#items;
    while (hole > 0) {
      const up = (hole - 1) >> 1;
      const parent = items[up] as T;
      if (!this.#before(item, parent)) break;
      items[hole] = parent;
      hole = up;
    }
    items[hole] = item;
  }

  #sink(hole: number, item: T): void {
    const items = this.#items;
    for (;;) {
      let down = 2 * hole + 1;
      if (down >= items.length) break;
      if (down + 1 < items.length && this.#before(items[down + 1] as T, items[down] as T)) down++;
      const child = items[down] as T;
      if (!this.#before(child, item)) break;
      items[hole] = child;
      hole = down;
    }
    items[hole] = item;
  }
}
