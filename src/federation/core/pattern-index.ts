import { canonical } from './canonical.js';
import { fieldsOf, isRecord, type Spec } from './spec.js';

/** Patterns for objects that fix the values of the same fields. */
interface Group<T> {
  readonly fields: readonly string[];
  /** By the values of those fields. */
  readonly members: Map<string, Set<T>>;
}

/** The fields of a pattern whose values are fixed. */
const fixedOf = (spec: Spec): readonly (readonly [field: string, value: unknown])[] => {
  if (spec[0] === 'cap') return fixedOf(spec[1]);
  const fields = spec[0] === 'obj' ? fieldsOf(spec[1]) : [];
  return fields.flatMap(([key, field]) => (field[0] === 'is' ? [[key, field[1]] as const] : []));
};

/**
 * Finds the patterns that a value or another pattern may match, without looking at the others: patterns that fix the same
 * fields are one look-up, however many they are. What it gives still has to be matched.
 */
export function createPatternIndex<T>() {
  /** By the names of the fixed fields. */
  const groups = new Map<string, Group<T>>();
  /** Patterns that fix nothing, or are not for objects. */
  const others = new Set<T>();

  const place = (spec: Spec): { readonly fields: readonly string[]; readonly key: string } | undefined => {
    const fixed = fixedOf(spec);
    return fixed.length === 0 ? undefined : { fields: fixed.map(([field]) => field), key: canonical(fixed.map(([, value]) => value)) };
  };

  return {
    add(spec: Spec, member: T): void {
      const found = place(spec);
      if (found === undefined) {
        others.add(member);
        return;
      }
      const name = canonical(found.fields);
      let group = groups.get(name);
      if (group === undefined) groups.set(name, (group = { fields: found.fields, members: new Map() }));
      const members = group.members.get(found.key);
      if (members === undefined) group.members.set(found.key, new Set([member]));
      else members.add(member);
    },
    delete(spec: Spec, member: T): void {
      const found = place(spec);
      if (found === undefined) {
        others.delete(member);
        return;
      }
      const name = canonical(found.fields);
      const group = groups.get(name);
      const members = group?.members.get(found.key);
      if (group === undefined || members?.delete(member) !== true) return;
      if (members.size === 0) group.members.delete(found.key);
      if (group.members.size === 0) groups.delete(name);
    },
    /** Members whose pattern may fit the value. While they are read, nothing may be added or deleted. */
    *candidates(value: unknown): Generator<T, undefined> {
      yield* others;
      if (!isRecord(value)) return;
      for (const { fields, members } of groups.values()) {
        if (!fields.every((field) => Object.hasOwn(value, field))) continue;
        yield* members.get(canonical(fields.map((field) => value[field]))) ?? [];
      }
    },
    /** Members whose pattern may have values in common with another. While they are read, nothing may be added or deleted. */
    *overlapping(spec: Spec): Generator<T, undefined> {
      yield* others;
      const fixed = new Map(fixedOf(spec));
      for (const { fields, members } of groups.values()) {
        if (fields.every((field) => fixed.has(field))) yield* members.get(canonical(fields.map((field) => fixed.get(field)))) ?? [];
        else for (const some of members.values()) yield* some;
      }
    },
  };
}
