import type { MpNode } from '../../mp-node.js';
import type { PortStream } from '../../stream/types.js';
import { printable } from '../../wire/printable.js';
import { createConversation, type Conversation } from './conversation.js';
import { pathIn } from './folder.js';
import { codeOf, receiveFile, Refusal, sendFile, type Transferred } from './transfer.js';

/** The function that streams of `rxmp cp` are opened to; also the kind of a reason with which it refuses one. */
export const FILES = 'rxmp::files';

/** What `rxmp cp` wants: to have a file of the folder, or to put one there. */
export type Wanted = 'get' | 'put';

/** Lets others read and write the files of a folder, by streams to a function of this node. */
export function serveFiles(node: MpNode, folder: string): void {
  /** Files that are being written. */
  const busy = new Set<string>();

  const take = async (other: Conversation, path: string, overwrite: boolean): Promise<Transferred> => {
    if (busy.has(path)) throw new Refusal('somebody else is sending it now');
    busy.add(path);
    try {
      return await receiveFile(other, { path, overwrite });
    } finally {
      busy.delete(path);
    }
  };

  const serve = async (wanted: unknown, name: unknown, overwrite: boolean, stream: PortStream): Promise<void> => {
    const other = createConversation(stream);
    try {
      const path = await pathIn(folder, name);
      if (wanted !== 'get' && wanted !== 'put') throw new Refusal('expected "get" or "put"');
      const { size, from, sha256 } = wanted === 'get' ? await sendFile(other, path) : await take(other, path, overwrite);
      node.log.info({ wanted, name, size, from, sha256 }, `${wanted} ${String(name)}: ${size} bytes, from ${from} on`);
    } catch (error) {
      const text = describe(error);
      node.log.info({ wanted, name, err: error }, `${String(wanted)} ${String(name)}: ${text}`);
      await other.giveUp([FILES, text]);
    }
  };

  node.register(FILES, (_self, ...args: readonly unknown[]) => {
    const [wanted, name, overwrite] = args;
    void serve(wanted, name, overwrite === true, args.at(-1) as PortStream);
  });
}

/** Where the folder is, is nobody else's business. */
function describe(error: unknown): string {
  if (error instanceof Refusal) return error.message;
  const code = codeOf(error);
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EACCES' || code === 'EPERM') return 'it may not be opened there';
  if (code === 'ENOSPC') return 'there is no room for it';
  if (code === 'ELOOP') return 'it is no file';
  return typeof code === 'string' ? `it failed there (${printable(code)})` : 'it failed there';
}
