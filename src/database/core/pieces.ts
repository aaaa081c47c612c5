import type { DatabaseRequest, Entries, RequestOf, Shard } from '../../wire/database.js';
import { LISTENERS } from './names.js';
import { sizeOfEntry } from './origin.js';
import { sizeOf } from './values.js';

/**
 * Cuts a long request into several that mean the same, so that no message gets too large and others can pass in between.
 *
 * @param size About how long a piece may get, in octets.
 * @param marked The receiver understands pieces that say that more will come; AnyEvent::MP's nodes don't, and get the rest
 * of a family as changes, and answers to queries whole.
 */
export function pieces(request: DatabaseRequest, size: number, marked: boolean): readonly DatabaseRequest[] {
  switch (request.kind) {
    case 'g_slave':
      return request.db === undefined ? [request] : cutSlave(request.db, size);
    case 'g_set':
      return cutShard(request.db, size).map((db, i, { length }) => ({
        kind: 'g_set',
        db: withListeners(db, request.db),
        more: i < length - 1,
      }));
    case 'g_upd':
    case 'g_chg2':
      return cutUpdate(request, size);
    case 'g_chg1':
      return marked ? cutContent(request, size) : cutUnmarked(request, size);
    case 'g_reply':
      return marked ? cutReply(request, size) : [request];
    default:
      return [request];
  }
}

function cutSlave(db: Shard, size: number): readonly DatabaseRequest[] {
  const [first = new Map<string, Entries>(), ...rest] = cutShard(db, size);
  const updates = rest.flatMap((part) =>
    Array.from(part, ([family, set]): DatabaseRequest => ({ kind: 'g_upd', family, set, del: [], scope: 'own' })),
  );
  return [{ kind: 'g_slave', db: first }, ...updates];
}

/** AnyEvent::MP takes the addresses of a global node from any `g_set`. */
function withListeners(piece: Shard, whole: Shard): Shard {
  const listeners = whole.get(LISTENERS);
  return listeners === undefined || piece.has(LISTENERS) ? piece : new Map([...piece, [LISTENERS, listeners]]);
}

/** The listeners stay together; they are few, and needed first. */
function cutShard(db: Shard, size: number): readonly Shard[] {
  const made = [new Map<string, Entries>()];
  let room = size;
  for (const [family, entries] of db) {
    for (const part of family === LISTENERS ? [entries] : cut(entries, size, room)) {
      const taken = sizeOfEntries(part);
      const last = made.at(-1);
      // a second part of a family never joins the first: it would take its place
      if (last?.has(family) === true || (taken > room && (last?.size ?? 0) > 0)) {
        made.push(new Map());
        room = size;
      }
      made.at(-1)?.set(family, part);
      room -= taken;
    }
  }
  return made;
}

function cutUpdate(request: RequestOf<'g_upd' | 'g_chg2'>, size: number): readonly DatabaseRequest[] {
  const lists = cutList(request.del, size);
  if (lists.length < 2 && isShort(request.set, size)) return [request];
  return [
    ...lists.map((del) => ({ ...request, set: new Map(), del })),
    ...cut(request.set, size).map((set) => ({ ...request, set, del: [] })),
  ];
}

function cutContent({ family, content }: RequestOf<'g_chg1'>, size: number): readonly DatabaseRequest[] {
  const parts = isShort(content, size) ? [content] : cut(content, size);
  return parts.map((part, i) => ({ kind: 'g_chg1', family, content: part, more: i < parts.length - 1 }));
}

function cutUnmarked({ family, content }: RequestOf<'g_chg1'>, size: number): readonly DatabaseRequest[] {
  const [first = content, ...rest] = isShort(content, size) ? [content] : cut(content, size);
  return [
    { kind: 'g_chg1', family, content: first, more: false },
    ...rest.map((set): DatabaseRequest => ({ kind: 'g_chg2', family, set, del: [] })),
  ];
}

function cutReply({ id, result }: RequestOf<'g_reply'>, size: number): readonly DatabaseRequest[] {
  const parts: readonly unknown[] =
    result instanceof Map ? cut(result as Entries, size) : Array.isArray(result) ? cutList(result, size) : [result];
  if (parts.length === 0) return [{ kind: 'g_reply', id, result, more: false }];
  return parts.map((part, i) => ({ kind: 'g_reply', id, result: part, more: i < parts.length - 1 }));
}

function sizeOfEntries(entries: Entries): number {
  let size = 0;
  entries.forEach((value, key) => { size += sizeOfEntry(key, value); });
  return size;
}

const isShort = (entries: Entries, size: number): boolean => sizeOfEntries(entries) <= size;

/** At least one entry in each; nothing for nothing. */
function cut(entries: Entries, size: number, first = size): readonly Entries[] {
  const parts: Map<string, unknown>[] = [];
  let room = 0;
  for (const [key, value] of entries) {
    const taken = sizeOfEntry(key, value);
    if (taken > room || parts.length === 0) {
      room = parts.length === 0 ? first : size;
      parts.push(new Map());
    }
    parts.at(-1)?.set(key, value);
    room -= taken;
  }
  return parts;
}

/** Cuts a list into parts of about `size` octets, in order; at least one element in each, nothing for nothing. */
export function cutList<T>(list: readonly T[], size: number): readonly (readonly T[])[] {
  const parts: T[][] = [];
  let room = 0;
  for (const element of list) {
    const taken = sizeOf(element);
    if (taken > room || parts.length === 0) {
      parts.push([]);
      room = size;
    }
    parts.at(-1)?.push(element);
    room -= taken;
  }
  return parts;
}
