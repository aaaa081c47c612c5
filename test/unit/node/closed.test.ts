import { createNode, memoryNetwork, NodeClosed, type Message, type MpNode } from 'rxmp';
import * as compat from 'rxmp/compat';
import * as federation from 'rxmp/federation';
import * as operators from 'rxmp/operators';
import { settled, VirtualClock } from 'rxmp/testing';
import { isObservable, NEVER, of } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { recordedLog } from '../../../marbles/world.js';

/** What became of something: a stream's or promise's end, or what was returned. */
type Outcome = 'completes' | 'NodeClosed' | 'PortDied' | 'StreamRefused' | 'FederationError' | 'a closed guard' | 'nothing' | 'false' | 'an id' | 'none' | 'empty' | 'open' | 'throws TypeError' | 'a port' | 'a function';

interface Entry {
  /** Made while the node is open, and looked at when it is closed; or made when it is closed. */
  readonly use: (node: MpNode) => unknown;
  readonly before: Outcome;
  readonly after: Outcome;
}

const nothing = (): void => undefined;
/** The other ways to call what the entry before stands for. */
const also = (...uses: readonly Entry[]): readonly Entry[] => uses;
const stream = (use: Entry['use'], end: Outcome = 'completes'): Entry => ({ use, before: end, after: end });
const guard = (use: Entry['use']): Entry => ({ use, before: 'open', after: 'a closed guard' });

/** A worker that says nothing. */
const thread = { postMessage: nothing, on: nothing, off: nothing, terminate: nothing };

const NODE: Readonly<Record<string, Entry | readonly Entry[]>> = {
  port: { use: (node) => node.port(), before: 'completes', after: 'completes' },
  ref: { use: (node) => { node.ref('b#x').next(['x']); }, before: 'nothing', after: 'nothing' },
  snd: also(
    { use: (node) => node.snd(node.id, 'x'), before: 'open', after: 'false' },
    { use: (node) => node.snd('b#x', 'x'), before: 'open', after: 'false' },
  ),
  rcv: also(
    stream((node) => node.rcv(node.port())),
    stream((node) => node.rcv(node.port(), 'tag')),
    { use: (node) => node.rcv(`${node.id}#none`), before: 'PortDied', after: 'completes' },
  ),
  kil: { use: (node) => { node.kil('b#x'); }, before: 'nothing', after: 'nothing' },
  mon: also(
    stream((node) => node.mon(node.port())),
    stream((node) => node.mon('b#x')),
    guard((node) => node.mon(node.port(), nothing)),
    guard((node) => node.mon('b#x', nothing)),
    guard((node) => node.mon(node.port(), node.port())),
    guard((node) => node.mon(node.port(), node.port(), 'x')),
  ),
  link: { use: (node) => node.link(node.port()), before: 'throws TypeError', after: 'throws TypeError' },
  monGuard: guard((node) => node.monGuard(node.port(), nothing)),
  spawn: { use: (node) => node.spawn('b', 'init'), before: 'an id', after: 'an id' },
  register: guard((node) => node.register('f', nothing)),
  cal: also(
    stream((node) => node.cal(node.port(nothing), 'x'), 'NodeClosed'),
    stream((node) => node.cal('b#x', 'x', { timeout: 50_000 }), 'NodeClosed'),
  ),
  after: also(
    guard((node) => node.after(10, () => { throw new Error('it ran'); })),
    guard((node) => node.after(10, node.port(), 'x')),
  ),
  psub: {
    use: (node) => {
      const wrapped = node.peval(node.port(), () => node.psub(() => { throw new Error('it ran'); })) as (() => unknown) | undefined;
      return () => wrapped?.();
    },
    before: 'nothing',
    after: 'nothing',
  },
  peval: { use: (node) => () => node.peval(node.port(), () => { if (!node.nodeIsUp(node.id)) throw new Error('it ran'); }), before: 'nothing', after: 'nothing' },
  mailbox: also(
    stream((node) => node.mailbox(node.port()).receive(), 'NodeClosed'),
    stream((node) => node.mailbox(node.port()).receive('x', { timeout: 50_000 }), 'NodeClosed'),
  ),
  sndOn: { use: (node) => node.sndOn('b', 'b#x', 'x'), before: 'open', after: 'false' },
  sndToFunc: { use: (node) => node.sndToFunc('b', 'f'), before: 'open', after: 'false' },
  nodeOf: { use: (node) => node.nodeOf('b#x'), before: 'an id', after: 'an id' },
  isLocal: { use: (node) => node.isLocal('b#x'), before: 'false', after: 'false' },
  dbSet: guard((node) => node.dbSet('fam', 'key', 1)),
  dbReg: guard((node) => node.dbReg('fam', node.port())),
  dbDel: { use: (node) => { node.dbDel('fam', 'key'); }, before: 'nothing', after: 'nothing' },
  dbFamily: stream((node) => node.dbFamily('fam'), 'NodeClosed'),
  dbKeys: stream((node) => node.dbKeys('fam'), 'NodeClosed'),
  dbValues: stream((node) => node.dbValues('fam'), 'NodeClosed'),
  dbMon: stream((node) => node.dbMon('fam')),
  upNodes: { use: (node) => () => node.upNodes(), before: 'empty', after: 'empty' },
  nodeIsUp: { use: (node) => () => node.nodeIsUp(node.id), before: 'false', after: 'false' },
  monNodes: stream((node) => node.monNodes()),
  status$: stream((node) => node.status$),
  connections$: stream((node) => node.connections$),
  openStream: also(
    { use: (node) => node.openStream(node.port()).opened, before: 'StreamRefused', after: 'NodeClosed' },
    stream((node) => node.openStream('b#x', 'name', { values: true }).opened, 'NodeClosed'),
  ),
  streams: stream((node) => node.streams(node.port())),
  federate: also(
    stream((node) => node.federate('room').observe({ type: 'x' })),
    stream((node) => node.federate('room').status$),
    { use: (node) => node.federate('room').assert({ type: 'x' }), before: 'a closed guard', after: 'FederationError' },
  ),
  attach: guard((node) => node.attach(thread)),
  guests$: stream((node) => node.guests$),
  guest: { use: (node) => () => node.guest('b#x'), before: 'nothing', after: 'nothing' },
  revoke: { use: (node) => () => node.revoke('somebody') > 0, before: 'false', after: 'false' },
  spawnWorker: stream((node) => node.spawnWorker(thread), 'NodeClosed'),
  close: { use: (node) => node.close(), before: 'completes', after: 'completes' },
};

const OPERATORS: Readonly<Record<string, Entry | readonly Entry[]>> = {
  callWithRetry: also(
    stream((node) => of(['x'] as const).pipe(operators.callWithRetry(node, node.port(nothing), { count: Infinity })), 'NodeClosed'),
    stream((node) => of(['x'] as const).pipe(operators.callWithRetry(node, 'b#x', { count: Infinity, delay: 1_000, retryOn: () => true })), 'NodeClosed'),
  ),
  firstNonEmpty: stream((node) => node.dbMon('fam').pipe(operators.firstNonEmpty()), 'none'),
  joinPorts: stream((node) => node.dbMon('fam').pipe(operators.joinPorts(node, () => NEVER))),
  killOnComplete: stream((node) => node.rcv(node.port()).pipe(operators.killOnComplete(node, node.port()))),
  killOnError: stream((node) => node.rcv(node.port()).pipe(operators.killOnError(node, node.port()))),
  liveKeys: stream((node) => node.dbMon('fam').pipe(operators.liveKeys())),
  mergeMapKeys: stream((node) => node.dbMon('fam').pipe(operators.mergeMapKeys((_key, value$) => value$))),
  readFrom: stream((node) => operators.readFrom(node.openStream('b#x').readable), 'NodeClosed'),
  writeTo: stream((node) => of('x').pipe(operators.writeTo(node.openStream<string>('b#x', { values: true }).writable)), 'NodeClosed'),
  reply: stream((node) => node.rcv(node.port()).pipe(operators.reply(node, () => ['x']))),
  sendTo: stream((node) => of(['x'] as const).pipe(operators.sendTo(node, node.port(nothing)))),
  spreadCalls: stream((node) => of(['x'] as const).pipe(operators.spreadCalls(node, node.dbMon('fam'), { timeout: 50_000 })), 'none'),
  supervise: stream((node) => of(node.id).pipe(operators.supervise(node, 'init', { restarts: Infinity, delay: 10_000 }))),
  takeUntilDead: stream((node) => NEVER.pipe(operators.takeUntilDead(node, node.port()))),
  untilAborted: stream((node) => node.dbMon('fam').pipe(operators.untilAborted(new AbortController().signal))),
  whileUp: also(
    stream((node) => operators.whileUp(node, node.port(nothing), () => NEVER)),
    stream((node) => operators.whileUp(node, 'b#x', () => NEVER)),
  ),
  withTag: stream((node) => node.port().pipe(operators.withTag<Message, string>('x'))),
};

const COMPAT: Readonly<Record<string, Entry>> = {
  grpReg: guard((node) => compat.grpReg(node, 'group', node.port())),
  grpGet: stream((node) => compat.grpGet(node, 'group'), 'NodeClosed'),
  grpMon: stream((node) => compat.grpMon(node, 'group')),
};

/** A node whose seed is not there: what it asks is not answered. */
async function world() {
  const clock = new VirtualClock();
  const log = recordedLog();
  const node = await settled(clock, createNode({ nodeid: 'a', clock, log, seeds: ['memory://nobody'], transports: [memoryNetwork(clock)], monitorTimeout: 60_000 }));
  node.register('init', nothing);
  return { clock, log, node };
}

/** Watches how it ends, if it is something that can end. */
function watch(made: unknown): () => Outcome {
  let outcome: Outcome = 'open';
  const failed = (error: unknown): void => {
    const { name } = error as Error;
    outcome = name === 'EmptyError' ? 'none' : (name as Outcome);
  };
  if (isObservable(made)) made.subscribe({ error: failed, complete: () => { outcome = 'completes'; } });
  else if (made instanceof Promise) made.then(() => { outcome = 'completes'; }, failed);
  return () => outcome;
}

function outcomeOf(made: unknown, watched: () => Outcome): Outcome {
  if (isObservable(made) || made instanceof Promise) return watched();
  if (typeof made === 'function') return outcomeOf((made as () => unknown)(), watched);
  if (Array.isArray(made)) return made.length === 0 ? 'empty' : 'open';
  if (typeof made === 'object' && made !== null && 'closed' in made) return made.closed === true ? 'a closed guard' : 'open';
  if (typeof made === 'string') return 'an id';
  if (made === undefined) return 'nothing';
  return made === false ? 'false' : 'open';
}

function attempt(use: Entry['use'], node: MpNode): unknown {
  try {
    return use(node);
  } catch (error) {
    const { name } = error as Error;
    return { thrown: name === 'TypeError' ? 'throws TypeError' : name };
  }
}
const thrownBy = (made: unknown): Outcome | undefined => (typeof made === 'object' && made !== null && 'thrown' in made ? (made.thrown as Outcome) : undefined);

const cases = [NODE, OPERATORS, COMPAT].flatMap((table) =>
  Object.entries(table).flatMap(([name, given]) => (Array.isArray(given) ? (given as readonly Entry[]) : [given as Entry]).map((entry, i) => ({ name: i === 0 ? name : `${name}, ${i + 1}`, ...entry }))),
);

describe('S35: a closed node', () => {
  it.each(cases)('$name of before: $before', async ({ use, before }) => {
    const { clock, log, node } = await world();
    const made = attempt(use, node);
    const watched = watch(made);
    clock.runFor(5);
    await settled(clock, node.close());
    clock.runFor(0);
    expect(thrownBy(made) ?? outcomeOf(made, watched)).toBe(before);
    expect(clock.pending, 'timers').toBe(0);
    clock.runFor(100_000);
    expect(log.lines.filter((line) => line.includes('it ran'))).toEqual([]);
  });

  it.each(cases)('$name of after: $after', async ({ use, after }) => {
    const { clock, log, node } = await world();
    await settled(clock, node.close());
    const made = attempt(use, node);
    const watched = watch(made);
    await settled(clock, Promise.resolve());
    await new Promise((resolve) => setImmediate(resolve));
    clock.runFor(0);
    expect(thrownBy(made) ?? outcomeOf(made, watched)).toBe(after);
    expect(clock.pending, 'timers').toBe(0);
    clock.runFor(100_000);
    expect(log.lines.filter((line) => line.includes('it ran'))).toEqual([]);
  });

  it('every function of a node, and every operator, is in these tables', async () => {
    const { node } = await world();
    const members = Object.entries(node).flatMap(([name, value]) => (typeof value === 'function' || name.endsWith('$') ? [name] : []));
    expect(members.filter((name) => !(name in NODE))).toEqual([]);
    const functionsOf = (module: object): string[] => Object.entries(module).flatMap(([name, value]) => (typeof value === 'function' && !/^[A-Z]/.test(name) ? [name] : []));
    expect(functionsOf(operators).filter((name) => !(name in OPERATORS))).toEqual([]);
    expect(functionsOf(compat).filter((name) => !(name in COMPAT))).toEqual([]);
    // of rxmp/federation only what takes a node could outlive it, and nothing does
    expect(functionsOf(federation).sort()).toEqual(['capture', 'channelOf', 'createScope', 'current', 'during', 'exactly', 'federate', 'messages']);
  });

  it('NodeClosed that no subscriber handles is logged, and never thrown', async () => {
    const { clock, log, node } = await world();
    node.cal(node.port(nothing), 'x').subscribe();
    await settled(clock, node.close());
    await new Promise((resolve) => setTimeout(resolve, 5));
    clock.runFor(0);
    expect(log.lines).toContainEqual(expect.stringMatching(/no subscriber handled: the node a is closed/));
    expect(new NodeClosed('a')).toMatchObject({ code: 'NODE_CLOSED', name: 'NodeClosed', node: 'a' });
  });
});
