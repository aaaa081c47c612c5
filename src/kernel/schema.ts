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
  port.check = (message: AnyMessage): AnyMessage | undefined => {
    const [tag, ...args] = message;
    const schema = typeof tag === 'string' && Object.hasOwn(schemas, tag) ? schemas[tag] : undefined;
    if (schema === undefined) return message;
    try {
      const result = schema['~standard'].validate(args);
      if (isThenable(result)) {
        result.then(undefined, () => undefined);
        throw new TypeError('its schema is asynchronous');
      }
      if (result.issues === undefined) return [tag, ...(result.value as readonly unknown[])];
      const issues = result.issues.map(describeIssue);
      log.warn({ port: port.id, tag, issues }, `dropped a message "${String(tag)}" to ${port.id}: ${issues.join('; ')}`);
    } catch (error) {
      // a schema that fails is as harmless as one that does not fit
      log.error({ port: port.id, tag, err: error }, `dropped a message "${String(tag)}" to ${port.id}: ${textOf(error)}`);
    }
    return undefined;
  };
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : 'its schema threw';
}

function describeIssue({ path, message }: StandardSchemaV1.Issue): string {
  const steps = (path ?? []).map((step) => String(typeof step === 'object' ? step.key : step));
  return steps.length === 0 ? message : `${steps.join('.')}: ${message}`;
}
