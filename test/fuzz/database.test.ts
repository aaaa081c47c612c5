import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { createLocalShard } from '../../src/database/core/local-shard.js';
import { createMerge } from '../../src/database/core/merge.js';
import { createReplica } from '../../src/database/core/replica.js';
import { defaultLimits } from '../../src/env/limits.js';
import { databaseRequests, decodeDatabaseRequest } from '../../src/wire/database.js';
import { ProtocolError } from '../../src/wire/errors.js';
import { recordings } from '../fixtures/recordings.js';
import type { Chance } from './chance.js';
import type { Surface } from './fuzz.js';
import { hostileNode, type Message } from './hostile-node.js';
import { testSurface } from './surface-tests.js';
import { anyValue, mutatedMessage, shownMessage } from './values.js';

const LIMITS = { familySize: 30, keySize: 100, shardFamilies: 10, shardKeys: 60, shardOctets: 20_000, peerShards: 2, peerFamilies: 10, peerQuestions: 50, databasePiece: 2_000 };

const kept = readFileSync(new URL('../fixtures/corpus/database/database.jsonl', import.meta.url), 'utf8').split('\n').filter((line) => line !== '');
const recorded = recordings.flatMap(({ streams }) => streams.flatMap(({ messages }) => messages as Message[])).filter(([, tag]) => databaseRequests.has(String(tag)));
const corpus = [...kept.map((line) => JSON.parse(line) as Message), ...recorded];

const tags = [...databaseRequests];
const families = ['fam', 'other', 'A::b', 'constructor', "'l", "'g", "'w"];
const keys = ['a', 'b', 'node', 'evil', 'witness', '__proto__', 'constructor', 'toString', 'é', '\u0000', 'x'.repeat(100)];
const words = [...tags, ...families, ...keys, '9x', "''g", 'y'.repeat(101), '\ud800', '', 42];

const entries = (chance: Chance): unknown =>
  chance.often(0.1) ? null : Object.fromEntries(Array.from({ length: chance.below(4) }, () => [chance.pick(keys), anyValue(chance, words)]));
const listed = (chance: Chance): unknown => (chance.often(0.2) ? null : Array.from({ length: chance.below(3) }, () => chance.pick(keys)));
const shard = (chance: Chance): unknown => Object.fromEntries(Array.from({ length: chance.below(3) }, () => [chance.pick(families), entries(chance)]));

/** A request in its right form. */
function wellFormed(chance: Chance): Message {
  const tag = chance.pick(tags);
  const family = chance.pick(families);
  const more = (): unknown[] => (chance.often(0.3) ? [true] : []);
  const id = (): unknown => chance.pick<unknown>(['1', '2', 1, 0.5, 'q']);
  switch (tag) {
    case 'g_slave':
      return ['', tag, ...(chance.often(0.2) ? [] : [shard(chance)])];
    case 'g_set':
      return ['', tag, shard(chance), ...more()];
    case 'g_upd':
      return ['', tag, family, entries(chance), ...(chance.often(0.5) ? [listed(chance)] : [])];
    case 'g_chg2':
      return ['', tag, family, entries(chance), listed(chance)];
    case 'g_chg1':
      return ['', tag, family, entries(chance), ...more()];
    case 'g_find':
      return ['', tag, chance.pick(keys)];
    case 'g_found':
      return ['', tag, chance.pick(keys), chance.pick<unknown>([null, [], ['memory://nowhere'], ['::', 7, null], 'text'])];
    case 'g_reply':
      return ['', tag, id(), chance.pick([entries(chance), listed(chance), 5]), ...more()];
    case 'g_global':
      return ['', tag];
    default:
      return tag.startsWith('g_db_') ? ['', tag, family, id()] : ['', tag, family];
  }
}

/** A replica whose master says the same as the hostile peer: what only a master may say. */
function servant(): (message: Message) => boolean {
  const limits = { ...defaultLimits, ...LIMITS };
  let looked = 0;
  const context = { self: 'self', send: () => undefined, admit: (_: string, all: ReadonlyMap<string, unknown>) => all, run: (task: () => void) => { task(); }, regrouped: () => () => undefined };
  const replica = createReplica({ ...context, changed: (_, { family }) => { looked += family.size; } }, createLocalShard('self', createMerge('self'), limits));
  replica.setSource('evil');
  for (const family of families) replica.open(family);
  let asked = 0;
  return ([, tag, ...args]) => {
    if (++asked % 100 === 1) {
      replica.query('g_db_keys', 'fam', () => undefined);
      for (const node of keys) replica.find(node, () => undefined)();
    }
    try {
      const request = typeof tag === 'string' ? decodeDatabaseRequest(tag, args, limits) : undefined;
      if (request !== undefined && request.kind !== 'g_slave') replica.receive('evil', request);
      return looked >= 0;
    } catch (error) {
      if (error instanceof ProtocolError) return false;
      throw error;
    }
  };
}

async function surface(): Promise<Surface<Message>> {
  const hostile = await hostileNode({ global: true, monitorTimeout: 200, limits: { ...LIMITS, handshakeRate: 1_000_000, handshakeBurst: 1_000_000 } });
  const { node } = hostile;
  let looked = 0;
  for (const family of ['fam', 'constructor']) node.dbMon(family).subscribe(({ family: content }) => { looked += [...content].length; });
  node.dbSet('fam', 'own', 1);
  const serve = servant();
  return {
    name: 'database',
    corpus,
    make: (chance) => {
      const message = chance.often(0.03) ? chance.pick(corpus) : wellFormed(chance);
      return chance.often(0.03) ? mutatedMessage(message, chance, words) : message;
    },
    take: (message) => {
      serve(message);
      return hostile.send(message) && looked > 0;
    },
    show: shownMessage,
  };
}

const surfaces = await Promise.all([surface(), surface(), surface()]);
testSurface('database messages to a whole node', {
  word: '"g_mon1","constructor"',
  surface: () => surfaces.pop() ?? expect.fail('there are no more surfaces'),
});
