import { createHash, type Hash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, link, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Conversation } from './conversation.js';

/** Why a file is not sent, or not taken, in words for both ends. */
export class Refusal extends Error {}

/** So many of all octets are there. */
export type Progress = (octets: number, all: number) => void;

/** What came of a transfer. */
export interface Transferred {
  readonly size: number;
  /** What had been there of an earlier transfer that was broken off. */
  readonly from: number;
  /** Of the whole file, in hex; both ends have the same. */
  readonly sha256: string;
}

/** What is read of a file at a time. */
const PIECE = 128 * 1024;
const ALGORITHM = 'sha256';

/** The other end has followed a link, or opened what is no file; a pipe would wait for ever. */
const CAREFULLY = constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Where what has arrived waits until it is all. */
export const partialOf = (path: string): string => join(dirname(path), `.${basename(path)}.part`);

/**
 * Sends a file. The other end says first what it has of it, with a checksum: if that is how the file begins, only the rest is sent. Then comes the
 * checksum of all.
 */
export async function sendFile(other: Conversation, path: string, progress: Progress = () => undefined): Promise<Transferred> {
  const file = await openFile(path, constants.O_RDONLY | CAREFULLY);
  try {
    const { size } = await file.stat();
    const { have, sha256 } = (await other.line()) as { have: unknown; sha256: unknown };
    let hash = createHash(ALGORITHM);
    let at = 0;
    if (isCount(have) && have <= size) {
      await hashOf(file, have, hash);
      if (hash.copy().digest('hex') === sha256) at = have;
      else hash = createHash(ALGORITHM);
    }
    const from = at;
    await other.say({ size, from });
    progress(at, size);
    for await (const piece of piecesOf(file, from, size)) {
      hash.update(piece);
      await other.write(piece);
      progress((at += piece.length), size);
    }
    const result = { size, from, sha256: hash.digest('hex') };
    await other.say({ sha256: result.sha256 });
    // it has compared them, and has the file where it belongs
    await other.line();
    await other.end();
    return result;
  } finally {
    await file.close();
  }
}

export interface Target {
  readonly path: string;
  /** Takes the place of a file that is there. */
  readonly overwrite: boolean;
}

/** Takes a file: it gets its name when all has arrived and the checksum is right; what is broken off is kept, and goes on next time. */
export async function receiveFile(other: Conversation, { path, overwrite }: Target, progress: Progress = () => undefined): Promise<Transferred> {
  if (!overwrite && (await exists(path))) throw alreadyThere();
  const partial = partialOf(path);
  const file = await openFile(partial, constants.O_RDWR | constants.O_CREAT | CAREFULLY);
  let result: Transferred;
  try {
    let hash = createHash(ALGORITHM);
    const have = await hashOf(file, Infinity, hash);
    await other.say({ have, sha256: hash.copy().digest('hex') });
    const { size, from } = (await other.line()) as { size: unknown; from: unknown };
    if (!isCount(size) || !isCount(from) || from > size || (from !== 0 && from !== have)) throw new Refusal('the other end says nothing that belongs to a transfer');
    if (from !== have) {
      await file.truncate(0);
      hash = createHash(ALGORITHM);
    }
    let at = from;
    progress(at, size);
    for await (const piece of other.octets(size - from)) {
      hash.update(piece);
      await writeAll(file, piece, at);
      progress((at += piece.length), size);
    }
    const { sha256 } = (await other.line()) as { sha256: unknown };
    result = { size, from, sha256: hash.digest('hex') };
    if (sha256 !== result.sha256) {
      await rm(partial);
      throw new Refusal('the checksum is wrong: what has arrived is not what was sent; nothing of it is kept');
    }
    await file.sync();
  } finally {
    await file.close();
  }
  await giveName(partial, path, overwrite);
  await other.say({ sha256: result.sha256 });
  await other.end();
  return result;
}

async function giveName(partial: string, path: string, overwrite: boolean): Promise<void> {
  if (overwrite) {
    await rename(partial, path);
    return;
  }
  // unlike rename it does not replace what has come there meanwhile
  await link(partial, path).catch((error: unknown) => { throw codeOf(error) === 'EEXIST' ? alreadyThere() : error; });
  await rm(partial);
}

const alreadyThere = (): Refusal => new Refusal('there is a file of that name already (--force replaces it)');

async function openFile(path: string, flags: number): Promise<FileHandle> {
  const file = await open(path, flags, 0o666);
  if ((await file.stat()).isFile()) return file;
  await file.close();
  throw new Refusal('it is no file');
}

const exists = (path: string): Promise<boolean> => access(path).then(() => true, () => false);

/** Adds the first octets of a file to a checksum; gives how many there were. */
async function hashOf(file: FileHandle, count: number, hash: Hash): Promise<number> {
  const end = Math.min(count, (await file.stat()).size);
  // one for all: a new one for each piece would be garbage faster than it is collected
  const buffer = new Uint8Array(PIECE);
  for (let at = 0; at < end; ) {
    const { bytesRead } = await file.read(buffer, { position: at, length: Math.min(PIECE, end - at) });
    if (bytesRead === 0) throw shorter();
    hash.update(buffer.subarray(0, bytesRead));
    at += bytesRead;
  }
  return end;
}

/** The octets of a file from one place to another. A piece is the reader's: no later one is written over it. */
async function* piecesOf(file: FileHandle, from: number, to: number): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = from; at < to; ) {
    const { bytesRead, buffer } = await file.read(new Uint8Array(Math.min(PIECE, to - at)), { position: at });
    if (bytesRead === 0) throw shorter();
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

async function writeAll(file: FileHandle, octets: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < octets.length; ) {
    const { bytesWritten } = await file.write(octets, done, octets.length - done, position + done);
    done += bytesWritten;
  }
}

const shorter = (): Refusal => new Refusal('the file has become shorter while it was read');

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

export function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
