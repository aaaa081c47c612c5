import { isDeepStrictEqual } from 'node:util';
import type { DatabaseRequest, Entries } from '../../../src/wire/database.js';
import { check } from './check.js';

/** What a node sets in histories says who has set it, so that it is known wherever it turns up. */
export interface Marked {
  readonly by: string;
}

const setterOf = (value: unknown): string | undefined =>
  typeof value === 'object' && value !== null && 'by' in value ? (value as Marked).by : undefined;

/** Watches what a node tells others: no echo (D3), nothing empty (D6), one message per turn, family and peer (D8). */
export function createTelling(self: string, vouched: () => readonly string[]) {
  /** Who has told what it has set itself. */
  const slaves = new Set<string>([self]);
  /** What others have told as globals. */
  const merged = new Map<string, Map<string, unknown>>();
  /** What each monitoring node knows of each family. */
  const known = new Map<string, Map<string, unknown>>();
  let turn: Map<string, number> | undefined;

  const checkOwn = (family: string, entries: Entries): void => {
    for (const [key, value] of entries) {
      const by = setterOf(value);
      if (by === undefined) continue;
      // for a slave that has become global its last master speaks for a while, as that does itself (S28)
      if (vouched().some((node) => isDeepStrictEqual(value, merged.get(node)?.get(`${family} ${key}`)))) continue;
      check(slaves.has(by), () => `${self} told a global what ${by} has set, who is none of its slaves (D3)`);
      const known = merged.get(by)?.get(`${family} ${key}`);
      if (known !== undefined) check(!isDeepStrictEqual(value, known), () => `${self} told globals of ${key}, which ${by} had told as a global (D3)`);
    }
  };
  const isTold = (from: string, family: string, set: Entries, del: readonly string[]): void => {
    for (const [key, value] of set) merged.get(from)?.set(`${family} ${key}`, value);
    for (const key of del) merged.get(from)?.delete(`${family} ${key}`);
  };
  const once = (name: string): void => {
    turn?.set(name, (turn.get(name) ?? 0) + 1);
  };

  return {
    heard(from: string, request: DatabaseRequest): void {
      if (request.kind === 'g_global') merged.set(from, merged.get(from) ?? new Map());
      if (request.kind === 'g_slave' && request.db !== undefined) slaves.add(from);
      if (request.kind === 'g_set') for (const [family, entries] of request.db) isTold(from, family, entries, []);
      if (request.kind === 'g_upd' && request.scope === 'merged') isTold(from, request.family, request.set, request.del);
    },
    told(to: string, request: DatabaseRequest): void {
      switch (request.kind) {
        case 'g_set':
          for (const [family, entries] of request.db) checkOwn(family, entries);
          break;
        case 'g_upd':
          check(request.set.size + request.del.length > 0, () => `an update of ${self} is empty (D6)`);
          for (const key of request.del) check(!request.set.has(key), () => `${self} both sets and deletes ${key}`);
          if (request.scope === 'merged') checkOwn(request.family, request.set);
          once(`update of ${request.family} for ${to}, ${request.scope}`);
          break;
        case 'g_chg1':
          known.set(`${to} ${request.family}`, new Map(request.content));
          break;
        case 'g_chg2': {
          const family = known.get(`${to} ${request.family}`);
          if (family === undefined) throw new Error(`${self} told ${to} of changes that it had not asked for`);
          check(request.set.size + request.del.length > 0, () => `a change of ${self} is empty (D6)`);
          for (const [key, value] of request.set) {
            if (family.has(key)) check(!isDeepStrictEqual(value, family.get(key)), () => `${self} told ${to} what it knew of ${key} (D6)`);
            family.set(key, value);
          }
          for (const key of request.del) check(family.delete(key), () => `${self} told ${to} that ${key} is gone, which was not there (D6)`);
          once(`change of ${request.family} for ${to}`);
          break;
        }
        default:
          break;
      }
    },
    down(node: string): void {
      slaves.delete(node);
      merged.delete(node);
      for (const name of [...known.keys()]) if (name.startsWith(`${node} `)) known.delete(name);
    },
    beginTurn(): void {
      turn = new Map();
    },
    endTurn(): void {
      for (const [name, count] of turn ?? []) check(count === 1, () => `${self} sent ${count} messages in one turn: ${name} (D8)`);
      turn = undefined;
    },
  };
}
