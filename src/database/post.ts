import type { Env } from '../env/env.js';
import type { Kernel } from '../kernel/kernel.js';
import { RUN_KEY } from '../transport/handshake.js';
import { encodeDatabaseRequest, type DatabaseRequest } from '../wire/database.js';
import { RxmpError } from '../wire/errors.js';
import { pieces } from './core/pieces.js';

export interface PostContext {
  readonly env: Env;
  readonly kernel: Kernel;
  /** Something for this node itself. */
  local(request: DatabaseRequest): void;
}

/** Pieces are no longer than a small part of the longest message: what they take, encoded, is not known exactly. An
 * entry of a one-letter key is two items. */
const SAFETY = 16;

/** Carries database requests to nodes that are connected: encoded once for all, in pieces, in forms that each understands. */
export function createPost({ env, kernel, local }: PostContext) {
  const { peers } = kernel;
  const size = Math.min(env.limits.databasePiece, Math.floor(env.limits.messageSize / SAFETY), Math.floor(env.limits.messageItems / 2));

  /** What a node calls its run; those of AnyEvent::MP have none. */
  const runOf = (node: string): string | undefined => peers.linkTo(node)?.peer.keys.get(RUN_KEY);
  const isRxmp = (node: string): boolean => runOf(node) !== undefined;

  const encode = (request: DatabaseRequest, marked: boolean): readonly (readonly unknown[])[] =>
    pieces(request, size, marked).map((piece) => encodeDatabaseRequest(piece, marked));

  const sendTo = (node: string, messages: readonly (readonly unknown[])[]): void => {
    if (peers.isUp(node) !== true) return;
    try {
      for (const message of messages) peers.get(node).send('', message);
    } catch (error) {
      // it would miss something that others know: better that it begins anew
      if (!(error instanceof RxmpError || error instanceof TypeError)) throw error;
      peers.blame(node, `${String(messages[0]?.[0])} can't be sent: ${error.message}`);
    }
  };

  return {
    isRxmp,
    runOf,
    send(nodes: readonly string[], request: DatabaseRequest): void {
      const forms = new Map<boolean, readonly (readonly unknown[])[]>();
      for (const node of nodes) {
        if (node === kernel.id) {
          local(request);
          continue;
        }
        const marked = isRxmp(node);
        let messages = forms.get(marked);
        if (messages === undefined) forms.set(marked, (messages = encode(request, marked)));
        sendTo(node, messages);
      }
    },
  };
}
