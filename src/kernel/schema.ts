import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Logger } from '../env/log.js';
import { isThenable } from './core/handler.js';
import type { AnyMessage } from './core/message.js';
import type { PortRecord } from './core/port-record.js';
import type { ArgsOf, Message, TagOf } from './types.js';

/**
 * A Standard Schema (zod, valibot, arktype, ...) for each tag. It checks what follows the tag, as an array; what it makes
 * of that is what the receivers get. Only schemas that answer at once can be used.
 */
export type Schemas<M extends Message> = {
  readonly [T in TagOf<M> & string]?: StandardSchemaV1<unknown, ArgsOf<M, T>>;
};

/** Lets only messages through that fit; others are logged with the path that failed, and harm nothing. */
export function checkMessages(port: PortRecord, schemas: Readonly<Record<string, StandardSchemaV1 | undefined>>, log: Logger): void {
  const check = (message: AnyMessage): AnyMessage | undefined => {
    const [tag, ...args] = message;
    const schema = typeof tag === 'string' && Object.hasOwn(schemas, tag) ? schemas[tag] : undefined;
    if (schema === undefined) return message;
    const result = asList(issuesOf(schema, args));
    if (result.issues === undefined) return [tag, ...(result.value as readonly unknown[])];
    log[result.broken ? 'error' : 'warn']({ port: port.id, tag, issues: result.issues }, `dropped a message "${String(tag)}" to ${port.id}: ${result.issues.join('; ')}`);
    return undefined;
  };
  port.hooks = { ...port.hooks, check };
}

export type Checked =
  | { readonly value: unknown; readonly issues?: undefined }
  /** For people, each with its path; `broken`: it is the schema that is wrong. */
  | { readonly issues: readonly string[]; readonly broken: boolean };

/** Checks a value; a schema that throws, or answers later, is as good as one that does not fit. */
export function issuesOf(schema: StandardSchemaV1, value: unknown): Checked {
  try {
    const result = schema['~standard'].validate(value);
    if (isThenable(result)) {
      result.then(undefined, () => undefined);
      return { issues: ['its schema is asynchronous'], broken: true };
    }
    return result.issues === undefined ? { value: result.value } : { issues: result.issues.map(describeIssue), broken: false };
  } catch (error) {
    return { issues: [textOf(error)], broken: true };
  }
}

/** What follows a tag has to be a list. */
function asList(checked: Checked): Checked {
  if (checked.issues !== undefined || Array.isArray(checked.value)) return checked;
  return { issues: ['its schema gives no array'], broken: true };
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : 'its schema threw';
}

function describeIssue({ path, message }: StandardSchemaV1.Issue): string {
  const steps = (path ?? []).map((step) => String(typeof step === 'object' ? step.key : step));
  return steps.length === 0 ? message : `${steps.join('.')}: ${message}`;
}
