import { realpath } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isNodeId } from '../../wire/node-id.js';
import { usageError } from '../exit.js';
import { isFolder } from './folder.js';
import type { Wanted } from './serve.js';

/** A file of a node, or one here. */
export type Place = { readonly node: string; readonly name: string } | { readonly path: string };

/** What is to be done with which files. */
export interface Copy {
  readonly wanted: Wanted;
  readonly node: string;
  /** Of the file over there. */
  readonly name: string;
  /** Of the file here. */
  readonly path: string;
}

/** `node:name`; what begins with `.` or `/`, or has no colon, is a path here, and so is `C:\`. */
export function placeOf(text: string): Place {
  const [, node = '', name = ''] = /^([^:]*):([^]*)$/.exec(text) ?? [];
  const isPath = !text.includes(':') || /^[./]/.test(text) || /^[A-Za-z]:[\\/]/.test(text);
  if (isPath) return { path: text };
  if (!isNodeId(node)) throw usageError(`"${text}" names no file of a node: expected node:name; write a path here as ./${text}`);
  return { node, name };
}

/** Reads the two words of `rxmp cp`: one of them is a file of a node, the other one a file here. */
export async function readCopy(from: string, to: string): Promise<Copy> {
  const [source, target] = [placeOf(from), placeOf(to)];
  if ('path' in source && 'node' in target) {
    const name = target.name === '' || target.name.endsWith('/') ? target.name + basename(source.path) : target.name;
    // who copies a link means the file behind it
    return { wanted: 'put', node: target.node, name, path: await realpath(source.path).catch(() => source.path) };
  }
  if ('node' in source && 'path' in target) {
    return { wanted: 'get', node: source.node, name: source.name, path: (await isFolder(target.path)) ? join(target.path, basename(source.name)) : target.path };
  }
  throw usageError('one of the two files is here, the other one at a node: rxmp cp <file> <node>:<name>, or rxmp cp <node>:<name> <file>');
}
