import type { AnyMessage } from './message.js';
import type { PortRecord } from './port-record.js';

/** A function that other nodes may name: `spawn` runs it in its new port, `sndToFunc` in the node port. */
export type RegisteredFunction = (port: PortRecord, data: AnyMessage) => unknown;

export type Registry = ReturnType<typeof createRegistry>;

/** The functions that other nodes may run here, by name; there are no others (wire.md §2). */
export function createRegistry() {
  const functions = new Map<string, { readonly code: RegisteredFunction }>();
  return {
    /** Takes the place of an earlier function of that name; the result removes it. */
    register(name: string, code: RegisteredFunction): () => void {
      const key = functionName(name);
      // an object of its own: the same function may be registered again, and then it is not this one's to remove (S33)
      const registered = { code };
      functions.set(key, registered);
      return () => {
        if (functions.get(key) === registered) functions.delete(key);
      };
    },
    find: (name: string): RegisteredFunction | undefined => functions.get(functionName(name))?.code,
  };
}

/** The one name of a function that has several: in Perl `main::init`, `::init` and, from `main`, `init` are the same, however often that is said. */
export const functionName = (name: string): string => name.replace(/^((main)?::)+/, '');
