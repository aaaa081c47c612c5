import { defaultLimits } from '../../src/env/limits.js';
import type { Chunk } from '../../src/transport/duplex.js';
import { decodeDatabaseRequest, type DatabaseRequest } from '../../src/wire/database.js';
import { framings } from '../../src/wire/framing.js';
import { nodeOf } from '../../src/wire/portid.js';
import { violated } from './violation.js';

/** What may hold a database update: looking into all else would take most of the time. */
const MARKS = ['"g_upd"', '"g_set"', '"g_slave"', '"g_chg2"'];

/** Holds what hosts write to each other against D3 and D6. Only JSON is looked at, of which rxmp writes lines in either framing. */
export function createUpdates(parentOf: (worker: string) => string | undefined) {
  /** Who has ever told a host of what it has set itself. */
  const slaves = new Map<string, Set<string>>();

  const told = (from: string, to: string, request: DatabaseRequest): void => {
    switch (request.kind) {
      case 'g_slave':
        slaves.set(to, (slaves.get(to) ?? new Set()).add(from));
        return;
      case 'g_set':
        for (const [family, entries] of request.db) for (const [key, value] of entries) check(from, to, family, key, value);
        return;
      case 'g_upd':
        notEmpty(from, to, request);
        if (request.scope === 'own') return;
        for (const [key, value] of request.set) check(from, to, request.family, key, value);
        return;
      case 'g_chg2':
        notEmpty(from, to, request);
        return;
      default:
    }
  };

  const notEmpty = (from: string, to: string, { kind, family, set, del }: DatabaseRequest & { kind: 'g_upd' | 'g_chg2' }): void => {
    if (set.size + del.length === 0) violated('D6', `${from} sent ${to} an empty ${kind} of ${family}`);
  };

  const check = (from: string, to: string, family: string, key: string, value: unknown): void => {
    const setter = setterOf(family, key, value);
    // what a worker has set counts as its parent's own (V19)
    for (let one = setter; one !== undefined; one = parentOf(one)) if (one === from || slaves.get(from)?.has(one) === true) return;
    if (setter === undefined) return;
    violated('D3', `${from} told ${to} of ${key} of ${family}, which ${setter} has set, whom it knows from another global only`);
  };

  return {
    written(from: string, to: string, chunk: Chunk): void {
      if (typeof chunk !== 'string' || !MARKS.some((mark) => chunk.includes(mark))) return;
      framings.get('rxmp_json')?.decoder(defaultLimits).push(chunk, (port, [tag, ...args]) => {
        if (port !== '' || typeof tag !== 'string') return;
        const request = decodeDatabaseRequest(tag, args, defaultLimits);
        if (request !== undefined) told(from, to, request);
      });
    },
  };
}

/** The host that has set a value; undefined: it does not say. */
function setterOf(family: string, key: string, value: unknown): string | undefined {
  if (family === 'reg') return nodeOf(key);
  return typeof value === 'object' && value !== null && 'by' in value ? String(value.by) : undefined;
}
