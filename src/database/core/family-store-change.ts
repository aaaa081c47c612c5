import type { FamilyChange } from '../family-change.js';
import type { FamilyMap } from './family-map.js';
import type { Version, Versions } from './family-store-versions.js';

/** One descriptor for all: the engine treats each change with a getter of its own as a kind of its own, four times as slow. */
const family: PropertyDescriptor & ThisType<Change> = {
  get() {
    return Change.look(this);
  },
  enumerable: true,
};

/** A change whose snapshot is made when somebody looks. All five parts are its own and enumerable, as of a plain object. */
export class Change implements FamilyChange {
  declare readonly family: FamilyMap;
  readonly add: readonly string[];
  readonly chg: readonly string[];
  readonly del: readonly string[];
  readonly current: boolean;
  readonly #versions: Versions;
  readonly #version: Version;

  constructor(versions: Versions, version: Version, add: readonly string[], chg: readonly string[], del: readonly string[], current: boolean) {
    this.#versions = versions;
    this.#version = version;
    this.add = add;
    this.chg = chg;
    this.del = del;
    this.current = current;
    Object.defineProperty(this, 'family', family);
  }

  static look(change: Change): FamilyMap {
    return change.#versions.mapOf(change.#version);
  }
}
