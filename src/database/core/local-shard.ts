import type { Entries, Shard } from '../../wire/database.js';
import type { Difference } from './entry.js';
import { beyond, sizeOfEntry, type ShardLimits } from './origin.js';
import { equal } from './values.js';

/** One key; found once for an update, since of a large family each look-up is a cache miss. */
interface Cell {
  readonly key: string;
  /** Undefined: absent, since no value is ever undefined (S30). */
  value: unknown;
  /** What was told of it last. */
  told: unknown;
  /** It is among those that have changed. */
  isChanged: boolean;
}

interface Family {
  /** Also those that have just been deleted. */
  readonly cells: Map<string, Cell>;
  /** Cells that have changed since somebody was told. */
  changed: Cell[];
  /** How many keys are set. */
  size: number;
}

export type LocalShard = ReturnType<typeof createLocalShard>;

/** What this node has set, and what of it has changed since somebody was told. Throws RangeError beyond its limits. */
export function createLocalShard(limits: ShardLimits) {
  const families = new Map<string, Family>();
  const changed = new Map<string, Family>();
  let count = 0;
  let keys = 0;
  let octets = 0;

  const note = (family: string, one: Family, cell: Cell): void => {
    if (cell.isChanged) return;
    cell.isChanged = true;
    cell.told = cell.value;
    if (one.changed.length === 0) changed.set(family, one);
    one.changed.push(cell);
  };

  const madeFamily = (name: string): Family => {
    let family = families.get(name);
    if (family === undefined) families.set(name, (family = { cells: new Map(), changed: [], size: 0 }));
    return family;
  };

  const madeCell = ({ cells }: Family, key: string): Cell => {
    const cell = { key, value: undefined, told: undefined, isChanged: false };
    cells.set(key, cell);
    return cell;
  };

  const grow = (family: Family | undefined, more: { readonly keys: number; readonly octets: number }): void => {
    const added = family === undefined || family.size === 0 ? 1 : 0;
    const amount = { families: count + added, keys: keys + more.keys, octets: octets + more.octets };
    const excess = beyond(amount, limits);
    if (excess !== undefined) throw new RangeError(`this node would have set ${excess}`);
    ({ families: count, keys, octets } = amount);
  };

  return {
    /** Returns whether anything has changed. */
    set(family: string, key: string, value: unknown): boolean {
      const known = families.get(family);
      const cell = known?.cells.get(key);
      const before = cell?.value;
      if (before !== undefined && equal(before, value)) return false;
      const added = before === undefined ? 1 : 0;
      grow(known, { keys: added, octets: sizeOfEntry(key, value) - (before === undefined ? 0 : sizeOfEntry(key, before)) });
      const one = known ?? madeFamily(family);
      const target = cell ?? madeCell(one, key);
      one.size += added;
      note(family, one, target);
      target.value = value;
      return true;
    },
    /** Returns whether the key was there. */
    del(family: string, key: string): boolean {
      const one = families.get(family);
      const cell = one?.cells.get(key);
      if (one === undefined || cell?.value === undefined) return false;
      note(family, one, cell);
      keys--;
      octets -= sizeOfEntry(key, cell.value);
      cell.value = undefined;
      if (--one.size === 0) count--;
      return true;
    },
    all: (): Shard => new Map(Array.from(families, ([family, one]) => [family, entriesOf(one)] as const).filter(([, { size }]) => size > 0)),
    /** What differs from what was told, per family; from now on it counts as told. */
    takeUpdates(): ReadonlyMap<string, Difference> {
      const updates = new Map<string, Difference>();
      for (const [family, one] of changed) {
        const update = takeUpdate(one);
        if (update.set.size > 0 || update.del.length > 0) updates.set(family, update);
        if (one.size === 0) families.delete(family);
      }
      changed.clear();
      // who shrinks goes first, so that a shard at its limits stays within them on the way
      return new Map([...updates].sort(([, a], [, b]) => a.set.size - a.del.length - (b.set.size - b.del.length)));
    },
    get isDirty() {
      return changed.size > 0;
    },
  };
}

function entriesOf({ cells }: Family): Entries {
  const entries = new Map<string, unknown>();
  for (const [key, { value }] of cells) if (value !== undefined) entries.set(key, value);
  return entries;
}

function takeUpdate(family: Family): Difference {
  const set = new Map<string, unknown>();
  const del: string[] = [];
  for (const cell of family.changed) {
    const { key, value, told } = cell;
    cell.isChanged = false;
    cell.told = undefined;
    if (value === undefined) {
      family.cells.delete(key);
      if (told !== undefined) del.push(key);
    } else if (told === undefined || !equal(told, value)) set.set(key, value);
  }
  family.changed = [];
  return { set, del };
}
