import { CHANNEL } from '../../channel/core/purposes.js';
import type { Limits } from '../../env/limits.js';
import { functionName } from '../../kernel/core/registry.js';
import { databaseRequests } from '../../wire/database.js';
import { ProtocolError } from '../../wire/errors.js';
import { spawnedPrefix } from '../../wire/guest-token.js';
import { kindOf } from '../../wire/message.js';
import { makePortId } from '../../wire/portid.js';
import { decodeRequest, request as make, type Request } from '../../wire/requests.js';
import { shown } from '../../wire/printable.js';
import type { Share } from './allowance.js';
import type { Holder } from './holder.js';
import { describeRight, type Right } from './rights.js';

/** What becomes of a message of a guest. */
export type Verdict =
  | { readonly kind: 'pass' }
  /** It goes to a floor of the gate that has a table of its own. */
  | { readonly kind: 'channel' | 'database' | 'control' }
  /** Nobody may get it. */
  | Refused;

export interface Refused {
  readonly kind: 'refused';
  /** What was refused, for people. */
  readonly what: string;
  /** What it would have taken; undefined: no right allows that. */
  readonly right: Right | undefined;
  /** What the guest is told in place of the one who did not get it, so that its monitors fire (S2). */
  readonly answer: readonly unknown[] | undefined;
}

export interface Case {
  readonly holder: Holder;
  /** The node that it is sent to. */
  readonly node: string;
  readonly limits: Pick<Limits, 'nameSize'>;
  readonly share: Share;
}

const PASS: Verdict = { kind: 'pass' };

/** The tag of what a guest and its gate say to each other. */
export const CONTROL = 'rxmp_guest';

/** The reason that monitors of a forbidden port get (G1). */
export const forbidden = (port: string): readonly unknown[] => ['forbidden', port];

/** What follows in the name of a port that a guest spawns. */
const SPAWNED_NAME = /^[0-9A-Za-z]{22,64}$/;

/** Who spawns a port may kill it, so that nobody may name one as another's is named. */
const isSpawnedName = (guest: string, name: string): boolean =>
  name.startsWith(spawnedPrefix(guest)) && SPAWNED_NAME.test(name.slice(spawnedPrefix(guest).length));

/** Judges one message of a guest, to a port or to the node port of a node (G2). Throws `ProtocolError` for wrong shapes. */
export function judge(given: Case, portName: string, message: readonly unknown[]): Verdict {
  return portName === '' ? judgeRequest(given, message) : judgeMessage(given, portName, message);
}

function judgeMessage({ holder, node }: Case, portName: string, message: readonly unknown[]): Verdict {
  const port = makePortId(node, portName);
  if (!holder.maySend(port)) return refused(`a message to ${shown(port)}`, { kind: 'send', port }, make.kil0(portName, forbidden(port)));
  const secret = holder.secretIn(message);
  return secret === undefined ? PASS : refused(tells(`a message to ${shown(port)}`, secret), undefined, make.kil0(portName, forbidden(port)));
}

const [ECHO] = make.devnull();

const tells = (what: string, secret: string): string => `${what}: it names ${shown(secret)}, of which this guest was not told`;

type Row<K extends Request['kind']> = (given: Case, asked: Extract<Request, { kind: K }>, message: readonly unknown[]) => Verdict;

/** A row for each kind of request to a node port (G2). */
const rows: { readonly [K in Request['kind']]: Row<K> } = {
  keepalive: () => PASS,
  devnull: () => PASS,
  mon1({ holder, node, share }, { port: name }) {
    const port = makePortId(node, name);
    if (!holder.mayMonitor(port)) return refused(`to monitor ${shown(port)}`, { kind: 'monitor', port }, make.kil0(name, forbidden(port)));
    const objection = holder.monitored.has(port) ? undefined : share.objection('monitors', holder.monitored.size + 1);
    if (objection !== undefined) return refused(`to monitor ${shown(port)}: ${objection}`, undefined, make.kil0(name, forbidden(port)));
    holder.monitored.add(port);
    return PASS;
  },
  mon0({ holder, node }, { port: name }) {
    // what it does not monitor nobody has to know
    return holder.monitored.delete(makePortId(node, name)) ? PASS : refused('to stop monitoring what it does not monitor', undefined);
  },
  kil0: (given, { port: name }, message) => unlessTelling(given, `the end of ${shown(makePortId(given.holder.guest, name))}`, message),
  kil1({ holder, node }, { port: name, reason }) {
    const port = makePortId(node, name);
    if (!holder.spawned.has(port)) return refused(`to kill ${shown(port)}, which it has not spawned`, undefined);
    const secret = holder.secretIn(reason);
    return secret === undefined ? PASS : refused(tells(`to kill ${shown(port)}`, secret), undefined);
  },
  snd({ holder }, { to, message }) {
    // an echo (S16), and nothing besides: it would be said in the name of the node
    if (to === holder.guest && message[0] === ECHO && message.length === 1) return PASS;
    if (!holder.maySend(to)) return refused(`a message to ${shown(to)}`, { kind: 'send', port: to });
    const secret = holder.secretIn(message);
    return secret === undefined ? PASS : refused(tells(`a message to ${shown(to)}`, secret), undefined);
  },
  can: (given, { reply }, message) => mayAnswer(given, 'can', reply, message),
  time: (given, { reply }, message) => mayAnswer(given, 'time', reply, message),
  eval: () => refused('eval', undefined),
  spawn({ holder, node, share }, { port: name, init, data }) {
    const port = makePortId(node, name);
    const answer = make.kil0(name, forbidden(port));
    if (!holder.mayRun(init, node)) return refused(`to spawn ${shown(init)} on ${shown(node)}`, { kind: 'spawn', name: functionName(init), node }, answer);
    if (!isSpawnedName(holder.guest, name)) return refused(`to spawn a port by the name ${shown(name)}: expected ${spawnedPrefix(holder.guest)} and 22 random letters`, undefined, answer);
    const objection = share.objection('spawned', holder.spawned.size + 1);
    if (objection !== undefined) return refused(`to spawn ${shown(init)} on ${shown(node)}: ${objection}`, undefined, answer);
    const secret = holder.secretIn(data);
    if (secret !== undefined) return refused(tells(`to spawn ${shown(init)}`, secret), undefined, answer);
    holder.spawned.add(port);
    return PASS;
  },
  call(given, { name, args }) {
    const { holder, node } = given;
    if (!holder.mayRun(name, node)) return refused(`to call ${shown(name)} on ${shown(node)}`, { kind: 'spawn', name: functionName(name), node });
    return unlessTelling(given, `to call ${shown(name)}`, args);
  },
  other({ node, holder }, { tag }) {
    if (tag === CHANNEL) return { kind: 'channel' };
    if (tag === CONTROL) return { kind: 'control' };
    if (databaseRequests.has(tag)) return { kind: 'database' };
    return refused(`the request ${shown(tag)} of ${holder.guest} to ${shown(node)}`, undefined);
  },
};

function judgeRequest(given: Case, message: readonly unknown[]): Verdict {
  const asked = decodeRequest(message, given.limits);
  const row = rows[asked.kind] as ((given: Case, asked: Request, message: readonly unknown[]) => Verdict) | undefined;
  if (row === undefined) throw new ProtocolError(`a request of the kind ${asked.kind} has no row`);
  return row(given, asked, message);
}

function mayAnswer(given: Case, what: string, [port]: readonly unknown[], message: readonly unknown[]): Verdict {
  if (port !== undefined && (typeof port !== 'string' || !given.holder.maySend(port))) {
    const text = typeof port === 'string' ? port : kindOf(port);
    return refused(`the answer to ${what} for ${shown(text)}`, typeof port === 'string' ? { kind: 'send', port } : undefined);
  }
  return unlessTelling(given, `to ask ${what}`, message);
}

/** Everything that a guest says is read by somebody. */
function unlessTelling({ holder }: Case, what: string, message: readonly unknown[]): Verdict {
  const secret = holder.secretIn(message);
  return secret === undefined ? PASS : refused(tells(what, secret), undefined);
}

const refused = (what: string, right: Right | undefined, answer?: readonly unknown[]): Refused => ({ kind: 'refused', what, right, answer });

/** A refusal as a person reads it. */
export function describeRefusal({ what, right }: Refused): string {
  return right === undefined ? `forbidden: ${what}` : `forbidden: ${what}: that takes ${describeRight(right)}`;
}
