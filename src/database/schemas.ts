import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Logger } from '../env/log.js';
import { issuesOf } from '../kernel/schema.js';
import type { Entries } from '../wire/database.js';
import { BadValue } from '../wire/errors.js';

/**
 * A Standard Schema (zod, valibot, arktype, ...) for the values of each family. What it makes of a value is what this node
 * shows; what is stored, and told to others, is what was set. Only schemas that answer at once can be used.
 */
export type FamilySchemas = Readonly<Record<string, StandardSchemaV1>>;

/** Checks values of families that have a schema; all others pass. */
export function createValueCheck(schemas: FamilySchemas, log: Logger) {
  const schemaOf = (family: string): StandardSchemaV1 | undefined =>
    Object.hasOwn(schemas, family) ? schemas[family] : undefined;

  return {
    has: (family: string): boolean => schemaOf(family) !== undefined,
    /** A value that is set here; what is stored is what was given. Throws {@link BadValue} with the path that failed. */
    own(family: string, key: string, value: unknown): void {
      const schema = schemaOf(family);
      const result = schema === undefined ? { value } : issuesOf(schema, value);
      if (result.issues === undefined) return;
      throw new BadValue(`${family} → ${JSON.stringify(key)}: ${result.issues.join('; ')}`);
    },
    /** Values from elsewhere: those that don't fit are hidden, and logged. */
    others(family: string, entries: Entries): Entries {
      const schema = schemaOf(family);
      if (schema === undefined) return entries;
      const admitted = new Map<string, unknown>();
      for (const [key, value] of entries) {
        const result = issuesOf(schema, value);
        if (result.issues === undefined) admitted.set(key, result.value);
        else log[result.broken ? 'error' : 'warn']({ family, key, issues: result.issues }, `hid a value of ${family} that does not fit: ${result.issues.join('; ')}`);
      }
      return admitted;
    },
  };
}

export type ValueCheck = ReturnType<typeof createValueCheck>;
