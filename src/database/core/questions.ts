import type { DatabaseRequest } from '../../wire/database.js';

/** What others ask of a node that has just become global waits until it has heard of the other globals (S28). */
export function createQuestions(answer: (from: string, request: DatabaseRequest) => void) {
  let open: readonly (readonly [from: string, request: DatabaseRequest])[] = [];
  return {
    /** Returns whether it is a question, and is kept. */
    keep(from: string, request: DatabaseRequest): boolean {
      if (!isQuestion(request)) return false;
      open = [...open, [from, request]];
      return true;
    },
    /** Who is gone will ask somebody else. */
    forget(node: string): void {
      open = open.filter(([from]) => from !== node);
    },
    answer(): void {
      const all = open;
      open = [];
      for (const [from, request] of all) answer(from, request);
    },
  };
}

/** What is answered with what all nodes have set, and what takes such a question back. */
function isQuestion({ kind }: DatabaseRequest): boolean {
  return kind === 'g_mon1' || kind === 'g_mon0' || kind === 'g_find' || kind.startsWith('g_db_');
}
