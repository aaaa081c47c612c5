import { lstat, realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path';
import { codeOf, Refusal } from './transfer.js';

/**
 * The path of a file in a folder, by a name that somebody else has given. Rejects with {@link Refusal} for all that is not plainly inside: an absolute name, `..`,
 * a link on the way or in its place, a hidden file. Folders are not made.
 */
export async function pathIn(folder: string, name: unknown): Promise<string> {
  if (typeof name !== 'string' || name === '') throw new Refusal('the name of a file is missing');
  const parts = name.split(/[/\\]/);
  const isPlain = !isAbsolute(name) && parts.every((part) => part !== '' && !part.startsWith('.') && !/[\0:]/.test(part));
  if (!isPlain) throw new Refusal('a name is relative to the folder that is served, without ".", "..", ":" and hidden parts');
  const root = await realpath(folder);
  const wanted = join(root, ...parts);
  const parent = await realpath(dirname(wanted)).catch((error: unknown) => { throw codeOf(error) === 'ENOENT' ? new Refusal('there is no such folder') : error; });
  const inside = relative(root, parent);
  if (inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)) throw new Refusal('it is not in the folder that is served');
  const path = join(parent, basename(wanted));
  const found = await lstat(path).catch(() => undefined);
  if (found !== undefined && !found.isFile()) throw new Refusal('it is no file');
  return path;
}

export const isFolder = (path: string): Promise<boolean> => stat(path).then((found) => found.isDirectory(), () => false);
