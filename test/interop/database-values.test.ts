import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { join, SECRET, type DatabaseClient } from './database-client.js';
import { startG, type NodeG } from './perl-g.js';

const LIMITS = { messageSize: 4_000, messageDepth: 20 };

/** Arrays within each other. */
function nested(levels: number): unknown {
  let value: unknown = 0;
  for (let i = 0; i < levels; i++) value = [value];
  return value;
}

/** What one node may say and another one can't be told, in its framing or within its limits. */
const awkward: readonly (readonly [what: string, framing: string, value: unknown])[] = [
  ['octets, which JSON has not', 'cbor', Uint8Array.of(0xff, 0)],
  ['octets inside of a value', 'cbor', [{ deep: [Uint8Array.of(0xff, 0)] }]],
  ['text that is longer in JSON', 'cbor', '\u0001'.repeat(1_500)],
  ['text that fills a message', 'json', 'x'.repeat(LIMITS.messageSize - '["","g_upd","fam",{"awkward":""}]\n'.length)],
  ['the same, in CBOR', 'cbor', 'x'.repeat(LIMITS.messageSize - 28)],
  ['a value that nests as deep as a message may', 'json', nested(LIMITS.messageDepth - 2)],
  ['the same, in CBOR', 'cbor', nested(LIMITS.messageDepth - 2)],
  ['half of a surrogate pair', 'json', 'a\ud800b'],
  ['an integer of more than 64 bits', 'cbor', 2n ** 63n],
  ['NaN and infinities', 'cbor', [NaN, Infinity, -Infinity]],
];

describe('a value that not every node can be told ends the connection that it came by, at most', () => {
  let g: NodeG;
  let watchers: readonly DatabaseClient[];
  beforeEach(async () => {
    g = await startG({ secret: SECRET, global: true, limits: LIMITS });
    watchers = [await join(g, 'W1', { framing: 'json' }), await join(g, 'W2', { framing: 'cbor' })];
    for (const watcher of watchers) {
      await watcher.ask('g_global');
      await watcher.ask('g_mon1', 'fam');
    }
  });
  afterEach(() => g[Symbol.asyncDispose]());

  it.each(awkward)('%s', async (_, framing, value) => {
    const slave = await join(g, 'S', { framing });
    slave.client.send('', 'g_slave', {});
    slave.client.send('', 'g_upd', 'fam', { awkward: value });
    slave.client.send('', 'g_upd', 'fam', { fine: 1 });
    await slave.client.settle();
    for (const watcher of watchers) {
      await watcher.ask('g_db_family', 'fam', 'q1');
      await watcher.ask('g_db_values', 'fam', 'q2');
      const heard = await watcher.heard();
      expect(watcher.client.closed).toBe(false);
      expect(heard.filter(([tag]) => tag === 'g_reply')).toHaveLength(2);
    }
    // a global node that comes later is told of all by g_set, one level deeper
    const later = await join(g, 'W3', { framing: 'json' });
    await later.ask('g_global');
    const told = (await later.heard()).filter(([tag]) => tag === 'g_set');
    expect(later.client.closed).toBe(false);
    expect(told.length).toBeGreaterThan(0);
    expect(depthOf(told.map((set) => ['', ...set]))).toBeLessThanOrEqual(LIMITS.messageDepth + 1);
    expect(g.log.entries.filter(({ level }) => level === 'error')).toStrictEqual([]);
  });
});

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}
