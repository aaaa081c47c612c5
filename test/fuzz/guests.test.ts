import { monitor, send, spawn } from 'rxmp/guests';
import { ProtocolError } from '../../src/wire/errors.js';
import { makePortId, nodeOf, portNameOf } from '../../src/wire/portid.js';
import { bench, GUEST, OTHER, SPAWNED, type Bench } from '../unit/access/cases.js';
import type { Chance } from './chance.js';
import type { Surface } from './fuzz.js';
import { testSurface } from './surface-tests.js';
import { anyValue, mutatedMessage, shownMessage } from './values.js';

type Input = readonly [node: string, portName: string, ...message: readonly unknown[]];

const SPAWN = 'AnyEvent::MP::_spawn';
/** Ports that the guest may send to, at first; and what it may monitor only. */
const OPEN = ['gate#lobby', 'worker#room', 'worker#told', `${GUEST}#own`];
const SEEN = 'worker#seen';
const SECRETS = ['gate#secret', 'worker#secret', 'gate', 'worker', OTHER, `${OTHER}#x`, 'gate#', 'gate#lobby#x', SEEN];
const FUNCTIONS = ['cart', 'shop::price', 'till', 'main::hi', '__proto__'];
const names = ['lobby', 'room', 'told', 'seen', 'secret', 'own', '', '#', 'x#y', SPAWNED, `${SPAWNED}1`, `s${'o'.repeat(24)}${'0'.repeat(22)}`, '__proto__', 'x'.repeat(5_000)];
const tags = ['mon1', 'mon0', 'kil0', 'kil1', 'snd', 'can', 'time', 'eval', 'devnull', SPAWN, 'shop::price', 'g_upd', 'rxmp_channel', 'rxmp_guest', 'unknown', ''];
const octets = [...OPEN, ...SECRETS].map((text) => new TextEncoder().encode(text));
const words = [...OPEN, ...SECRETS, ...FUNCTIONS, ...names, ...octets, ...tags, GUEST, 'late#x', 'https://a.example/b#c'];

function wellFormed(chance: Chance): Input {
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
  const maySend = (port: unknown): boolean => OPEN.includes(String(port)) || holder.spawned.has(String(port)) || nodeOf(String(port)) === GUEST && portNameOf(String(port)) !== '';
  const mayName = (text: string): boolean => maySend(text) || nodeOf(text) === GUEST;
  const isSecret = (value: unknown): boolean => {
    if (value instanceof Uint8Array) return isSecret(new TextDecoder().decode(value));
    if (typeof value === 'string') return ['gate', 'worker', OTHER].includes(nodeOf(value)) && !mayName(value);
    if (typeof value !== 'object' || value === null) return false;
    return Object.keys(value).some(isSecret) || Object.values(value).some(isSecret);
  };
  return {
    /** Throws where a message must not pass; `killed` is what it could kill before. */
    check([node, portName, ...message]: Input, killed: ReadonlySet<string>): void {
      const [tag, first, second] = message;
      const right = (is: boolean, what: string): void => { if (!is) throw new Error(`passes: ${what}`); };
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
          break;
        case 'mon0':
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

function surface(): Surface<Input> {
  const made = bench([send('gate#lobby'), send({ family: 'rooms' }), monitor(SEEN), spawn('cart'), spawn('shop::*', { node: 'worker' })], {}, { rooms: ['worker#room'] });
  made.holder.introduce('worker#told', { ports: 10 });
  const oracle = createOracle(made);
  return {
    name: 'judge',
    corpus: [['gate', '', 'snd', 'worker#secret', 'x'], ['worker', 'room', 'hello'], ['gate', '', SPAWN, SPAWNED, 'cart']],
    make(chance) {
      const input = wellFormed(chance);
      if (!chance.often(0.1)) return input;
      const [to, portName, ...message] = input;
      return [to, portName, ...mutatedMessage([portName, ...message], chance, words).slice(1)];
    },
    take(input) {
      const killed = new Set(made.holder.spawned);
      const [to, portName, ...message] = input;
      try {
        const { kind } = made.say(to, portName, ...message);
        if (kind === 'pass') oracle.check(input, killed);
        return kind !== 'refused';
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        return false;
      }
    },
    show: (input) => shownMessage(input),
  };
}

testSurface('G2, G12: what a guest says, before the table of requests', { word: 'shop::price', surface });
