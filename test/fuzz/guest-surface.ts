import { federate, monitor, read, send, spawn, write } from 'rxmp/guests';
import { ProtocolError } from '../../src/wire/errors.js';
import { makePortId, nodeOf, portNameOf } from '../../src/wire/portid.js';
import { bench, GUEST, OTHER, SPAWNED, type Bench, type Core } from '../unit/access/cases.js';
import type { Chance } from './chance.js';
import type { DatabaseVerdict } from '../../src/access/core/judge-database.js';
import type { Surface } from './fuzz.js';
import { anyValue, mutatedMessage, shownMessage } from './values.js';

type Input = readonly [node: string, portName: string, ...message: readonly unknown[]];

const SPAWN = 'AnyEvent::MP::_spawn';
/** Ports that the guest may send to, at first; and what it may monitor only. */
const OPEN = ['gate#lobby', 'worker#room', 'worker#told', `${GUEST}#own`];
const SEEN = 'worker#seen';
const SECRETS = ['gate#secret', 'worker#secret', 'gate', 'worker', OTHER, `${OTHER}#x`, 'gate#', 'gate#lobby#x', SEEN];
const FUNCTIONS = ['cart', 'shop::price', 'till', 'main::hi', '__proto__'];
const names = ['t1', 't5', 'lobby', 'room', 'told', 'seen', 'secret', 'own', '', '#', 'x#y', SPAWNED, `${SPAWNED}1`, `s${'o'.repeat(24)}${'0'.repeat(22)}`, '__proto__', 'x'.repeat(5_000)];
const tags = ['mon1', 'mon0', 'kil0', 'kil1', 'snd', 'can', 'time', 'eval', 'devnull', SPAWN, 'shop::price', 'g_upd', 'rxmp_channel', 'rxmp_guest', 'unknown', ''];
const octets = [...OPEN, ...SECRETS].map((text) => new TextEncoder().encode(text));
const words = ['worker#t3', 'worker#t7', ...OPEN, ...SECRETS, ...FUNCTIONS, ...names, ...octets, ...tags, GUEST, 'late#x', 'https://a.example/b#c'];

/** What the guest is told of, and what it says to the database or wants channels for, in place of a node. */
const TOLD = 'told';
const DATABASE = 'database';
const STREAM = 'stream';
/** So many introductions are kept. */
const INTRODUCTIONS = 3;
const families = ['rooms', 'secrets', 'presence', "'guests", 'federation:room', 'federation:vault'];
const databaseTags = ['g_slave', 'g_global', 'g_set', 'g_upd', 'g_upd', 'g_find', 'g_found', 'g_db_family', 'g_db_keys', 'g_db_values', 'g_reply', 'g_mon1', 'g_mon1', 'g_mon0', 'g_chg1', 'g_chg2'];

function databaseRequest(chance: Chance): Input {
  const tag = chance.pick(databaseTags);
  const family = chance.pick(families);
  const keys = { [chance.pick(['ada', 'bob', 'worker#secret', 'x'])]: chance.pick<unknown>([1, 'x', 'worker#secret', ['gate']]) };
  switch (tag) {
    case 'g_slave':
    case 'g_set':
      return [DATABASE, '', tag, { [family]: keys }];
    case 'g_upd':
    case 'g_chg2':
      return [DATABASE, '', tag, family, chance.often(0.7) ? keys : null, ...(chance.often(0.5) ? [[chance.pick(['ada', 'bob', 'x'])]] : [])];
    case 'g_chg1':
      return [DATABASE, '', tag, family, keys];
    case 'g_find':
    case 'g_found':
      return [DATABASE, '', tag, 'worker', []];
    case 'g_reply':
      return [DATABASE, '', tag, 1, 'x'];
    default:
      return [DATABASE, '', tag, family, 1];
  }
}

function wellFormed(chance: Chance): Input {
  if (chance.often(0.02)) return [TOLD, '', `worker#t${chance.below(10)}`];
  if (chance.often(0.1)) return databaseRequest(chance);
  if (chance.often(0.05)) return [STREAM, chance.pick(['gate', 'worker']), chance.pick(['stream', 'stream', 'relay', 'stream data']), chance.pick(names), 'id', false, [], chance.pick([...FUNCTIONS, 'worker#secret']), ...(chance.often(0.3) ? [anyValue(chance, words)] : [])];
  const node = chance.pick(['gate', 'worker', 'late', OTHER, GUEST]);
  const any = (): unknown[] => Array.from({ length: chance.below(3) }, () => anyValue(chance, words));
  const port = (): string => chance.pick([...OPEN, ...SECRETS, GUEST, 'late#x']);
  if (chance.often(0.2)) return [node, chance.pick(names), ...any()];
  const tag = chance.pick(tags);
  switch (tag) {
    case 'mon1':
    case 'mon0':
      return [node, '', tag, chance.pick(names)];
    case 'kil0':
    case 'kil1':
      return [node, '', tag, chance.pick(names), ...any()];
    case 'snd':
      return [node, '', tag, port(), ...(chance.often(0.2) ? wellFormed(chance).slice(2) : any())];
    case 'can':
      return [node, '', tag, 'x', ...(chance.often(0.8) ? [port(), ...any()] : [])];
    case 'time':
      return [node, '', tag, ...(chance.often(0.8) ? [port(), ...any()] : [])];
    case SPAWN:
      return [node, '', tag, chance.often(0.5) ? SPAWNED.slice(0, -4) + String(chance.below(9_999)).padStart(4, '0') : chance.pick(names), chance.pick(FUNCTIONS), ...any()];
    default:
      return [node, '', tag, ...any()];
  }
}

/** What a guest may do, told again by other code than that which judges. */
function createOracle({ holder }: Bench) {
  const mayRun = (name: unknown, node: string): boolean => (node === 'gate' && name === 'cart') || (node === 'worker' && String(name).startsWith('shop::'));
  /** In the order in which it was told. */
  const introduced: string[] = [];
  const watched = new Set<unknown>();
  const own = new Set<string>();
  const monitored = new Set<string>();
  const maySend = (port: unknown): boolean => introduced.includes(String(port)) || OPEN.includes(String(port)) || holder.spawned.has(String(port)) || nodeOf(String(port)) === GUEST && portNameOf(String(port)) !== '';
  const mayName = (text: string): boolean => maySend(text) || nodeOf(text) === GUEST;
  const isSecret = (value: unknown): boolean => {
    if (value instanceof Uint8Array) return isSecret(new TextDecoder().decode(value));
    if (typeof value === 'string') return ['gate', 'worker', OTHER].includes(nodeOf(value)) && !mayName(value);
    if (typeof value !== 'object' || value === null) return false;
    return Object.keys(value).some(isSecret) || Object.values(value).some(isSecret);
  };
  const right = (is: boolean, what: string): void => { if (!is) throw new Error(`passes: ${what}`); };
  const mayRead = (family: string): boolean => ['rooms', 'presence'].includes(family);
  return {
    told(port: string): void {
      if (introduced.includes(port)) introduced.splice(introduced.indexOf(port), 1);
      introduced.push(port);
      introduced.splice(0, introduced.length - INTRODUCTIONS);
    },
    /** Throws where a request to the database must not pass as it does. */
    checkDatabase([, , tag, family, set, del]: Input, { pass, find, scope }: DatabaseVerdict): void {
      if (tag === 'g_mon0') right((pass === undefined && scope === undefined) || watched.delete(family), 'the end of what it does not watch');
      else if (tag !== 'g_mon1') right(scope === undefined, 'a scope');
      else if (scope !== undefined) right(family === 'federation:room', 'a scope');
      if (tag === 'g_mon1' && (pass ?? scope) !== undefined) watched.add(family);
      if (tag !== 'g_find') right(find === undefined, 'a node');
      if (tag === 'g_slave' && pass !== undefined) own.clear();
      if (pass === undefined) return;
      const mayPass = ['g_slave', 'g_upd', 'g_db_family', 'g_db_keys', 'g_db_values', 'g_mon1', 'g_mon0'];
      right(mayPass.includes(pass.kind), pass.kind);
      if (pass.kind.startsWith('g_db_') || pass.kind === 'g_mon1') right(mayRead(String(family)), 'what it may not read');
      const sets = pass.kind === 'g_upd' ? [[pass.family, pass.set] as const] : pass.kind === 'g_slave' ? [...(pass.db ?? [])] : [];
      for (const [name, entries] of sets) {
        right(name === 'presence', 'a family');
        for (const [key, value] of entries) {
          right(key === 'ada' && !isSecret(value), 'a key');
          own.add(key);
        }
      }
      if (pass.kind === 'g_upd') for (const key of pass.del) right(own.delete(key) || (Array.isArray(del) && set !== null), 'the end of a key that it has not set');
    },
    /** Throws where it must not get a channel. */
    checkStream([, node, what, portName, , , , ...args]: Input): void {
      if (what === 'stream data') return;
      right(what === 'stream', 'a channel');
      right(portName === '' ? mayRun(args[0], node) : maySend(makePortId(node, String(portName))), 'a stream');
      right(!isSecret(args), 'a name');
    },
    /** Throws where a message must not pass; `killed` is what it could kill before. */
    check([node, portName, ...message]: Input, killed: ReadonlySet<string>): void {
      const [tag, first, second] = message;
      if (portName !== '') {
        right(maySend(makePortId(node, portName)), 'a message to a port');
        right(!isSecret(message), 'a name');
        return;
      }
      if (typeof tag !== 'string' || tag === '' || tag === 'devnull') return;
      const [, , ...data] = message;
      // what follows the name there nobody reads
      if (tag !== 'mon1' && tag !== 'mon0') right(!isSecret(tag === 'snd' || tag === SPAWN ? data : message), 'a name');
      switch (tag) {
        case 'mon1':
          right(maySend(makePortId(node, String(first))) || makePortId(node, String(first)) === SEEN, 'a monitor');
          monitored.add(makePortId(node, String(first)));
          break;
        case 'mon0':
          right(monitored.delete(makePortId(node, String(first))), 'the end of a monitor that there is not');
          break;
        case 'kil0':
          break;
        case 'kil1':
          right(killed.has(makePortId(node, String(first))), 'a kill');
          break;
        case 'snd':
          right(maySend(first) || (first === GUEST && second === 'devnull' && message.length === 3), 'a message to a port');
          break;
        case 'can':
          right(second === undefined || maySend(second), 'an answer');
          break;
        case 'time':
          right(first === undefined || maySend(first), 'an answer');
          break;
        case SPAWN:
          right(mayRun(second, node) && String(first).startsWith(`s${'g'.repeat(24)}`), 'a spawn');
          break;
        default:
          right(tag.includes('::') && mayRun(tag, node), tag);
      }
    },
  };
}

/** What a guest may say, and what it may not: throws where that passes. */
export function guestSurface(core?: Core): Surface<Input> {
  const rights = [send('gate#lobby'), send({ family: 'rooms' }), send('worker#told'), monitor(SEEN), spawn('cart'), spawn('shop::*', { node: 'worker' }), read('rooms'), read('presence'), write('presence', { key: 'ada' }), federate('room')];
  const made = bench(rights, {}, { rooms: ['worker#room'] }, core);
  const oracle = createOracle(made);
  return {
    name: 'what a guest says',
    corpus: [['gate', '', 'snd', 'worker#secret', 'x'], ['worker', 'room', 'hello'], ['gate', '', SPAWN, SPAWNED, 'cart']],
    make(chance) {
      const input = wellFormed(chance);
      if (!chance.often(0.1) || [TOLD, DATABASE, STREAM].includes(input[0])) return input;
      const [to, portName, ...message] = input;
      return [to, portName, ...mutatedMessage([portName, ...message], chance, words).slice(1)];
    },
    take(input) {
      const killed = new Set(made.holder.spawned);
      const [to, portName, ...message] = input;
      try {
        if (to === TOLD) {
          made.holder.introduce([message[0]], { ports: INTRODUCTIONS });
          oracle.told(String(message[0]));
          return true;
        }
        if (to === DATABASE) {
          const verdict = made.database(...message);
          oracle.checkDatabase(input, verdict);
          return verdict.denied.length === 0;
        }
        if (to === STREAM) {
          const refused = made.stream(portName, ...message) !== undefined;
          if (!refused) oracle.checkStream(input);
          return !refused;
        }
        const { kind } = made.say(to, portName, ...message);
        if (kind === 'pass') oracle.check(input, killed);
        return kind !== 'refused';
      } catch (error) {
        // a broken copy has a class of its own
        if (!(error instanceof Error) || error.name !== ProtocolError.name) throw error;
        return false;
      }
    },
    show: (input) => shownMessage(input),
  };
}

