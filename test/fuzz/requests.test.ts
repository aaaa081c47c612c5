import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { Chance } from './chance.js';
import type { Surface } from './fuzz.js';
import { hostileNode, type HostileNode, type Message } from './hostile-node.js';
import { testSurface } from './surface-tests.js';
import { mutatedMessage, shownMessage, anyValue } from './values.js';

const corpus = readFileSync(new URL('../fixtures/corpus/requests/requests.jsonl', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as Message);

const names = ['', 'p', 'q', 'sink', 'gone', '__proto__', 'constructor', 'é', '\u0000', '#', 'x'.repeat(4_096), 'node'];
const ids = ['node', 'node#p', 'node#sink', 'evil', 'evil#r', 'evil#echo', 'nobody', 'nobody#x', 'node#', '#', '__proto__#p', 'other#a#b', 'node#x#y'];
const functions = ['make', 'die', '::make', 'main::make', 'no::such', '__proto__', 'toString', 'Some::Module::die'];
const tags = ['mon1', 'mon0', 'kil0', 'kil1', 'snd', 'can', 'time', 'eval', 'devnull', 'AnyEvent::MP::_spawn', 'g_nothing', 'Some::Module::make', '', '__proto__'];
const words = [...names, ...ids, ...functions, ...tags];

/** A request in its right form. */
function wellFormed(chance: Chance): Message {
  const any = (): unknown[] => Array.from({ length: chance.below(3) }, () => anyValue(chance, words));
  const reply = (): unknown[] => (chance.often(0.3) ? [] : [chance.pick(ids.filter((id) => !id.startsWith('#'))), ...any()]);
  const tag = chance.pick(tags);
  switch (tag) {
    case 'mon1':
    case 'mon0':
      return ['', tag, chance.pick(names)];
    case 'kil0':
    case 'kil1':
      return ['', tag, chance.pick(names), ...any()];
    case 'snd':
      return ['', tag, chance.pick(ids.filter((id) => !id.startsWith('#'))), ...any()];
    case 'can':
      return ['', tag, chance.pick(words), ...reply()];
    case 'time':
      return ['', tag, ...reply()];
    case 'eval':
      return ['', tag, 'exit', ...reply()];
    case 'AnyEvent::MP::_spawn':
      return ['', tag, chance.often(0.7) ? chance.pick(names) : `n${chance.below(1_000)}`, chance.pick(functions), ...any()];
    default:
      return ['', tag, ...any()];
  }
}

async function surface(): Promise<Surface<Message>> {
  const hostile: HostileNode = await hostileNode({ monitorTimeout: 200, limits: { handshakeRate: 1_000_000, handshakeBurst: 1_000_000 } });
  const { node } = hostile;
  void node.rcv(node.port(), { tag: () => undefined });
  node.register('make', (port) => { void node.rcv(port, () => undefined); });
  node.register('die', () => { throw new Error('as it was told'); });
  return {
    name: 'requests',
    corpus,
    make: (chance) => {
      if (chance.often(0.05)) return [chance.pick(names), ...(chance.often(0.5) ? [anyValue(chance, words)] : [])];
      const message = chance.often(0.03) ? chance.pick(corpus) : wellFormed(chance);
      return chance.often(0.03) ? mutatedMessage(message, chance, words) : message;
    },
    take: (message) => hostile.send(message),
    show: shownMessage,
  };
}

const surfaces = await Promise.all([surface(), surface(), surface()]);
testSurface('requests to the node port of a whole node', {
  word: 'no::such',
  surface: () => surfaces.pop() ?? expect.fail('there are no more surfaces'),
});
