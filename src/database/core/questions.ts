import type { DatabaseRequest } from '../../wire/database.js';
import { ProtocolError } from '../../wire/errors.js';

/**
 * What others ask of a node that has just become global waits until it has heard of the other globals (S28); at most so much
 * of each.
 */
export function createQuestions(most: number, answer: (from: string, request: DatabaseRequest) => void) {
  let open: (readonly [from: string, request: DatabaseRequest])[] = [];
  let counts = new Map<string, number>();
  return {
    /** Returns whether it is a question, and is kept. Throws {@link ProtocolError} when it is one too many. */
    keep(from: string, request: DatabaseRequest): boolean {
      if (!isQuestion(request)) return false;
      const count = (counts.get(from) ?? 0) + 1;
      if (count > most) throw new ProtocolError(`${from} has more than ${most} open questions (limits.peerQuestions)`);
      counts.set(from, count);
      open.push([from, request]);
      return true;
    },
    /** Who is gone will ask somebody else. */
    forget(node: string): void {
      if (counts.delete(node)) open = open.filter(([from]) => from !== node);
    },
    answer(): void {
      const all = open;
      open = [];
      counts = new Map();
      for (const [from, request] of all) answer(from, request);
    },
  };
}

/** What is answered with what all nodes have set, and what takes such a question back. */
function isQuestion({ kind }: DatabaseRequest): boolean {
  return kind === 'g_mon1' || kind === 'g_mon0' || kind === 'g_find' || kind.startsWith('g_db_');
}
