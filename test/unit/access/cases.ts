import { defaultLimits } from '../../../src/env/limits.js';
import { shareOf, type GuestLimits, type HeldName } from '../../../src/access/core/allowance.js';
import { createHolder, type Holder, type World } from '../../../src/access/core/holder.js';
import { createEntered, judgeDatabase, type DatabaseVerdict } from '../../../src/access/core/judge-database.js';
import { judgeStream } from '../../../src/access/core/judge-stream.js';
import { judge, type Verdict } from '../../../src/access/core/judge.js';
import type { Right } from '../../../src/access/core/rights.js';
import { decodeDatabaseRequest } from '../../../src/wire/database.js';
import { spawnedPrefix } from '../../../src/wire/guest-token.js';
import { nodeOf } from '../../../src/wire/portid.js';

export const GUEST = `guest:${'g'.repeat(24)}`;
export const OTHER = `guest:${'o'.repeat(24)}`;
/** A port that it may spawn. */
export const SPAWNED = `${spawnedPrefix(GUEST)}${'0'.repeat(22)}`;

type Message = readonly unknown[];

export interface Bench {
  readonly holder: Holder;
  /** What becomes of a message for a port, or the node port, of a node. */
  say(node: string, portName: string, ...message: Message): Verdict;
  /** Of a request to the database. */
  database(...message: Message): DatabaseVerdict;
  /** Of a wish for a channel; the result says what was refused. */
  stream(node: string, ...what: Message): string | undefined;
}

/** What judges. */
export interface Core {
  readonly createHolder: typeof createHolder;
  readonly judge: typeof judge;
  readonly createEntered: typeof createEntered;
  readonly judgeDatabase: typeof judgeDatabase;
  readonly judgeStream: typeof judgeStream;
}

const right: Core = { createHolder, judge, createEntered, judgeDatabase, judgeStream };

/** A guest's rights, before the tables of all requests. */
export function bench(rights: readonly Right[] = [], limits: GuestLimits = {}, families: Readonly<Record<string, readonly string[]>> = {}, core = right, others: Partial<Record<HeldName, number>> = {}): Bench {
  const nodes = ['gate', 'worker', OTHER];
  const world: World = {
    gate: 'gate',
    isKey: (family, port) => families[family]?.includes(port) === true,
    hasPortOf: (family, node) => families[family]?.some((port) => nodeOf(port) === node) === true,
    isNode: (text) => nodes.includes(text),
  };
  const holder = core.createHolder(GUEST, world);
  holder.setRights(rights);
  const share = shareOf(defaultLimits, limits, (name) => others[name] ?? 0);
  const entered = core.createEntered();
  return {
    holder,
    say: (node, portName, ...message) => core.judge({ holder, node, limits: defaultLimits, share }, portName, message),
    database(tag, ...args) {
      const request = decodeDatabaseRequest(String(tag), args, defaultLimits);
      if (request === undefined) throw new Error(`${String(tag)} is no request`);
      return core.judgeDatabase({ holder, share, entered }, request);
    },
    stream: (node, ...what) => core.judgeStream(holder, node, what)?.what,
  };
}

/** What a refused message needs, and what the guest is answered. */
export const refusal = (what: string, right?: Right, answer?: Message): object => ({ kind: 'refused', what, right, answer });
