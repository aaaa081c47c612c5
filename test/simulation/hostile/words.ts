import { spawnedPrefix } from '../../../src/wire/guest-token.js';
import type { Chance } from './chance.js';
import type { Message } from './intruder.js';

/** What an intruder knows of the network: everything. */
export interface Knowledge {
  /** Its own node id. */
  readonly id: string;
  readonly gate: string;
  /** Nodes, its own and unknown ones included. */
  readonly nodes: readonly string[];
  /** Ports, those that it may send to and those that it may not. */
  readonly ports: readonly string[];
  readonly functions: readonly string[];
  readonly families: readonly string[];
  readonly keys: readonly string[];
  readonly scopes: readonly string[];
  /** What it was told lately: ports of entries and links among it. */
  readonly told: readonly string[];
}

/** Something to say: to a node through the gate, to one of its ports or its node port. */
export interface Saying {
  readonly node: string;
  readonly portName: string;
  readonly message: Message;
  /** So often. */
  readonly times: number;
}

const SPAWN = 'AnyEvent::MP::_spawn';
const KINDS = ['mon1', 'mon1', 'mon0', 'kil0', 'kil1', 'kil1', 'snd', 'snd', 'snd', 'can', 'time', 'eval', 'devnull', SPAWN, SPAWN, 'call', 'g_', 'g_', 'g_', 'rxmp_channel', 'rxmp_guest', 'unknown', 'port', 'port', 'port'] as const;
const DATABASE = ['g_slave', 'g_global', 'g_set', 'g_upd', 'g_upd', 'g_find', 'g_found', 'g_db_family', 'g_db_keys', 'g_db_values', 'g_reply', 'g_mon1', 'g_mon1', 'g_mon0', 'g_chg1', 'g_chg2', 'g_nothing'] as const;
const CHANNELS = ['open', 'open', 'open', 'accept', 'refuse', 'piece', 'piece8', 'credit', 'end', 'abort', 'other'] as const;
const encoder = new TextEncoder();
const nameOf = (port: string): string => port.slice(port.indexOf('#') + 1);

/** What an intruder says that tries everything: requests of every kind, with names of everything. */
export function sayingOf(chance: Chance, known: Knowledge): Saying {
  const port = (): string => chance.pick(chance.often(0.2) && known.told.length > 0 ? known.told : known.ports);
  const own = (): string => `${known.id}#${chance.pick(['a', 'b'])}`;
  const text = (): string => chance.pick([port, port, own, () => chance.pick(known.nodes), () => chance.pick(known.functions), () => chance.pick(known.keys)])();
  const value = (depth = 2): unknown => {
    switch (chance.below(depth > 0 ? 8 : 5)) {
      case 0:
        return chance.pick<unknown>([0, 1, -1, 1.5, null, true, '', 'x', 2n ** 70n, 'x'.repeat(300)]);
      case 1:
      case 2:
      case 3:
        return text();
      case 4:
        return chance.often(0.5) ? encoder.encode(text()) : new Uint8Array([0xff, 0xfe]);
      case 5:
        return [value(depth - 1), value(depth - 1)];
      case 6:
        return { [text()]: value(depth - 1) };
      default:
        return { reply: text() };
    }
  };
  const any = (): unknown[] => Array.from({ length: chance.below(3) }, () => value());
  const reply = (): unknown[] => (chance.often(0.2) ? [] : [chance.pick([text, port, own])(), ...any()]);
  const node = chance.pick(known.nodes);
  const here = (): string => (chance.often(0.7) ? nameOf(chance.pick([...known.ports, ...known.told].filter((id) => id.startsWith(`${node}#`))) ?? '') : nameOf(port()));
  const spawned = (): string => `${spawnedPrefix(known.id)}${String(chance.below(200)).padStart(22, '0')}`;
  const keys = (): object => Object.fromEntries([[chance.pick([...known.keys, port()]), value()]]);
  const request = (to: string, message: Message, portName = ''): Saying => ({ node: to, portName, message, times: chance.often(0.01) ? 100 : 1 });

  const kind = chance.pick(KINDS);
  switch (kind) {
    case 'mon1':
    case 'mon0':
      return request(node, [kind, chance.pick([here, spawned])()]);
    case 'kil0':
    case 'kil1':
      return request(node, [kind, chance.pick([here, here, spawned])(), ...any()]);
    case 'snd':
      return request(node, chance.often(0.3) ? ['snd', chance.pick([...known.nodes, known.id]), ...(chance.often(0.3) ? ['devnull', ...any()] : sayingOf(chance, known).message)] : ['snd', chance.pick([port, port, own])(), ...any()]);
    case 'can':
      return request(node, [kind, 'mon1', ...reply()]);
    case 'time':
      return request(node, [kind, ...reply()]);
    case 'eval':
      return request(node, [kind, 'exit', ...reply()]);
    case SPAWN:
      return request(node, [kind, chance.pick([spawned, spawned, spawned, here])(), chance.pick(known.functions), ...any()]);
    case 'call':
      return request(node, [chance.pick(known.functions.filter((name) => name.includes('::'))), ...any()]);
    case 'g_':
      return request(chance.often(0.9) ? known.gate : node, databaseRequest());
    case 'rxmp_channel':
      return request(node, ['rxmp_channel', ...packet()]);
    case 'rxmp_guest':
      return request(node, ['rxmp_guest', chance.pick(['renew', 'admitted', 'dismissed']), ...any()]);
    case 'unknown':
      return request(node, [chance.pick(['rxmp_taken', 'toString', '__proto__', 'hello']), ...any()]);
    case 'devnull':
      return request(node, [kind, ...any()]);
    case 'port':
      return request(node, chance.often(0.3) ? ['link', chance.pick([own, port])()] : ['hello', ...any()], here());
  }

  function databaseRequest(): Message {
    const tag = chance.pick(DATABASE);
    const family = chance.often(0.3) ? `federation:${chance.pick(known.scopes)}` : chance.pick(known.families);
    switch (tag) {
      case 'g_slave':
        return chance.often(0.5) ? [tag] : [tag, { [family]: keys() }];
      case 'g_global':
        return [tag];
      case 'g_set':
        return [tag, { [family]: keys() }];
      case 'g_upd':
        return chance.pick([() => [tag, family, keys()], () => [tag, family, null, [chance.pick(known.keys)]], () => [tag, family, keys(), [chance.pick(known.keys)]]])();
      case 'g_find':
      case 'g_found':
        return [tag, chance.pick(known.nodes), ['memory://evil']];
      case 'g_reply':
        return [tag, chance.below(9), value()];
      case 'g_chg1':
        return [tag, family, keys()];
      case 'g_chg2':
        return [tag, family, keys(), [chance.pick(known.keys)]];
      default:
        return [tag, family, chance.below(9)];
    }
  }

  function packet(): unknown[] {
    const kind = chance.pick(CHANNELS);
    const number = chance.often(0.5) ? 1_000 + chance.below(1_000) : chance.below(20) - 10;
    if (kind !== 'open') return [kind, number, 1 + chance.below(3), kind === 'credit' ? 100 : text()];
    return [kind, Math.abs(number) + 1, 4_096, ...chance.pick<() => unknown[]>([
      () => ['stream', here(), 'id', false, [], ...any()],
      () => ['stream', '', 'id', false, [], chance.pick(known.functions)],
      () => ['stream data', chance.pick(['id', text()])],
      () => ['relay', chance.pick([...known.nodes, text()])],
      () => ['relayed', chance.pick(known.nodes)],
      () => [text()],
    ])()];
  }
}
