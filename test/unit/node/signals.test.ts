import { memoryNetwork, createNode, iterate, type MpNode, type PortId, type SignalOptions } from 'rxmp';
import * as compat from 'rxmp/compat';
import * as federation from 'rxmp/federation';
import * as operators from 'rxmp/operators';
import { settled, VirtualClock } from 'rxmp/testing';
import { firstValueFrom, isObservable, NEVER, of, type Observable } from 'rxjs';
import { afterEach, describe, expect, it } from 'vitest';
import { recordedLog } from '../../../marbles/world.js';
import { countedSignal } from '../../fixtures/signals.js';

const nothing = (): void => undefined;
const thread = () => ({ postMessage: nothing, on: nothing, off: nothing, terminate: nothing });
const fact = { type: 'x' } as const;

type Use = (node: MpNode, options: Required<SignalOptions>, port: string) => unknown;

/** All that takes a signal and gives a guard. */
const GUARDS: Readonly<Record<string, Use>> = {
  'mon, a callback': (node, options, port) => node.mon(port, nothing, options),
  'mon, a link': (node, options, port) => node.mon(port, node.port(nothing), options),
  'mon, a message': (node, options, port) => node.mon(port, node.port(nothing), 'it', 'died', options),
  'mon, elsewhere': (node, options) => node.mon('b#x', nothing, options),
  'link': (node, options, port) => node.peval(node.port(nothing), () => node.link(port, options)),
  'monGuard': (node, options, port) => node.monGuard(port, nothing, options),
  'register': (node, options) => node.register('f', nothing, options),
  'after, a function': (node, options) => node.after(10, () => { throw new Error('it ran'); }, options),
  'after, a message': (node, options, port) => node.after(10, port, 'x', options),
  'dbSet': (node, options) => node.dbSet('fam', 'key', 1, options),
  'dbReg': (node, options, port) => node.dbReg('fam', port, 1, options),
  'grpReg': (node, options, port) => compat.grpReg(node, 'fam', port, options),
  'attach': (node, options) => node.attach(thread(), options),
  'assert': (node, options) => node.federate('room').assert(fact, options),
  'assert, a scope of its own': (_node, options) => federation.createScope('room').assert(fact, options),
};

/** All that takes a signal and gives a stream. */
const STREAMS: Readonly<Record<string, Use>> = {
  'rcv': (node, options, port) => node.rcv(port, options),
  'rcv, a tag': (node, options, port) => node.rcv(port, 'tag', options),
  'mon': (node, options, port) => node.mon(port, options),
  'cal': (node, options, port) => node.cal(port, 'x', options),
  'cal, with a time': (node, options, port) => node.cal(port, 'x', { timeout: 50_000, ...options }),
  'cal, elsewhere': (node, options) => node.cal('b#x', 'x', options),
  'dbFamily': (node, options) => node.dbFamily('fam', options),
  'dbKeys': (node, options) => node.dbKeys('fam', options),
  'dbValues': (node, options) => node.dbValues('fam', options),
  'dbMon': (node, options) => node.dbMon('fam', options),
  'monNodes': (node, options) => node.monNodes(options),
  'streams': (node, options, port) => node.streams(port, options),
  'grpGet': (node, options) => compat.grpGet(node, 'fam', options),
  'grpMon': (node, options) => compat.grpMon(node, 'fam', options),
  'callWithRetry': (node, options, port) => of(['x'] as const).pipe(operators.callWithRetry(node, port, options)),
  'callWithRetry, between attempts': (node, options) => of(['x'] as const).pipe(operators.callWithRetry(node, `${node.id}#none`, { count: Infinity, delay: 1_000, ...options })),
  'spreadCalls': (node, options) => of(['x'] as const).pipe(operators.spreadCalls(node, node.dbMon('fam'), options)),
  'supervise': (node, options) => of(node.id).pipe(operators.supervise(node, 'init', options)),
  'whileUp': (node, options, port) => operators.whileUp(node, port, () => NEVER, options),
  'joinPorts': (node, options) => node.dbMon('fam').pipe(operators.joinPorts(node, () => NEVER, options)),
  'untilAborted': (_node, { signal }) => NEVER.pipe(operators.untilAborted(signal)),
  'readFrom': (_node, options) => operators.readFrom(new ReadableStream({}), options),
  'observe': (node, options) => node.federate('room').observe(fact, options),
  'turns': (node, options) => node.federate('room').turns(fact, options),
  'asserting': (node, options) => node.federate('room').asserting(fact, options),
  'interest': (node, options) => node.federate('room').interest(fact, options),
  'observe, a scope of its own': (_node, options) => federation.createScope('room').observe(fact, options),
  'federate': (_node, options) => federation.federate(federation.createScope('room'), NEVER, options),
};

/** All that takes a signal and gives a promise. */
const PROMISES: Readonly<Record<string, Use>> = {
  'receive': (node, options) => node.mailbox(node.port()).receive(options),
  'receive, a tag': (node, options) => node.mailbox(node.port()).receive('x', { timeout: 50_000, ...options }),
  'receive, of a mailbox with a signal': (node, options) => node.mailbox(node.port(), options).receive(),
  'a loop over a mailbox with a signal': (node, options) => node.mailbox(node.port(), options)[Symbol.asyncIterator]().next(),
  'iterate': (node, options) => iterate(node.monNodes(), options)[Symbol.asyncIterator]().next(),
  'spawnWorker': (node, options) => node.spawnWorker(thread(), options),
};

/** All that neither takes time nor leaves something that could be ended; and what the tests below are about. */
const OTHERS = ['ref', 'snd', 'kil', 'spawn', 'psub', 'peval', 'sndOn', 'sndToFunc', 'nodeOf', 'isLocal', 'dbDel', 'upNodes', 'nodeIsUp', 'revoke', 'guest']
  // of these `iterate` takes the signal
  .concat('status$', 'connections$', 'guests$')
  // operators that last as long as their source
  .concat('firstNonEmpty', 'killOnComplete', 'killOnError', 'liveKeys', 'mergeMapKeys', 'reply', 'sendTo', 'takeUntilDead', 'withTag', 'writeTo')
  .concat('capture', 'channelOf', 'current', 'during', 'exactly', 'messages')
  .concat('port', 'rcv', 'mailbox', 'openStream', 'federate', 'createScope', 'close');

async function world() {
  const clock = new VirtualClock();
  const log = recordedLog();
  const node = await settled(clock, createNode({ nodeid: 'a', clock, log, seeds: ['memory://nobody'], transports: [memoryNetwork(clock)], monitorTimeout: 60_000 }));
  node.register('init', nothing);
  const port = node.port(nothing);
  return { clock, log, node, port: port.id };
}

/** What becomes of a promise or stream. */
function watch(made: unknown): { readonly ends: unknown[] } {
  const ends: unknown[] = [];
  if (isObservable(made)) (made).subscribe({ error: (error: unknown) => ends.push(error), complete: () => ends.push('complete') });
  else if (made instanceof Promise) made.then(() => ends.push('resolved'), (error: unknown) => ends.push(error));
  return { ends };
}

const turn = async (clock: VirtualClock): Promise<void> => {
  await new Promise((resolve) => setImmediate(resolve));
  clock.runFor(0);
  await new Promise((resolve) => setImmediate(resolve));
};

const isClosed = (guard: unknown): boolean => (guard as { closed: boolean }).closed;

describe('A12: a signal', () => {
  const unhandled: unknown[] = [];
  const note = (error: unknown): void => { unhandled.push(error); };
  process.on('unhandledRejection', note).on('uncaughtException', note);
  afterEach(() => { expect(unhandled.splice(0)).toEqual([]); });

  it.each(Object.entries(GUARDS))('%s: ends as by unsubscribe; what ends before leaves nothing at it', async (_, use) => {
    const { clock, node, port, log } = await world();
    const [one, other] = [countedSignal(), countedSignal()];
    const guard = use(node, { signal: one.signal }, port);
    expect([isClosed(guard), one.listeners]).toEqual([false, 1]);
    one.abort();
    expect([isClosed(guard), one.listeners]).toEqual([true, 0]);

    const before = use(node, { signal: other.signal }, port) as { unsubscribe(): void };
    before.unsubscribe();
    expect(other.listeners).toBe(0);

    expect(isClosed(use(node, { signal: one.signal }, port)), 'aborted already').toBe(true);
    expect(one.listeners).toBe(0);
    clock.runFor(100);
    expect(log.lines.filter((line) => line.includes('it ran'))).toEqual([]);
    await settled(clock, node.close());
    expect(clock.pending).toBe(0);
  });

  it.each(Object.entries(STREAMS))('%s: fails with its reason, and leaves nothing', async (_, use) => {
    const { clock, node, port } = await world();
    const [one, other] = [countedSignal(), countedSignal()];
    const reason = new Error('enough');
    const made = use(node, { signal: one.signal }, port) as Observable<unknown>;
    expect(one.listeners, 'cold').toBe(0);
    const { ends } = watch(made);
    await turn(clock);
    expect([ends, one.listeners]).toEqual([[], 1]);
    one.abort(reason);
    expect([ends, one.listeners]).toEqual([[reason], 0]);
    // who has no handler for it wanted it so
    made.subscribe();
    await new Promise((resolve) => setTimeout(resolve, 2));

    use(node, { signal: other.signal }, port);
    const subscription = (use(node, { signal: other.signal }, port) as Observable<unknown>).subscribe();
    subscription.unsubscribe();
    expect(other.listeners).toBe(0);

    expect([watch(use(node, { signal: one.signal }, port)).ends, one.listeners], 'aborted already').toEqual([[reason], 0]);
    await settled(clock, node.close());
    expect(clock.pending).toBe(0);
  });

  it.each(Object.entries(PROMISES))('%s: rejects with its reason, and leaves nothing', async (_, use) => {
    const { clock, node, port } = await world();
    const one = countedSignal();
    const reason = new Error('enough');
    const { ends } = watch(use(node, { signal: one.signal }, port));
    // a worker's part is loaded first
    await expect.poll(() => one.listeners).toBe(1);
    await turn(clock);
    expect(ends).toEqual([]);
    one.abort(reason);
    await turn(clock);
    expect([ends, one.listeners]).toEqual([[reason], 0]);
    const { ends: already } = watch(use(node, { signal: one.signal }, port));
    await turn(clock);
    expect([already, one.listeners], 'aborted already').toEqual([[reason], 0]);
    await settled(clock, node.close());
    expect(clock.pending).toBe(0);
  });

  it.each(Object.entries({ ...GUARDS, ...STREAMS, ...PROMISES }))('%s: a node that is closed leaves nothing at it', async (_, use) => {
    const { clock, node, port } = await world();
    const one = countedSignal();
    const made = use(node, { signal: one.signal }, port);
    watch(made);
    await turn(clock);
    await settled(clock, node.close());
    await turn(clock);
    // what a closed scope was to assert fails with the next value
    const isOfNode = !/of its own|^untilAborted$|^readFrom$|^federate$|^asserting$/.test(_);
    expect(one.listeners).toBe(isOfNode ? 0 : 1);
    one.abort();
  });

  it('every function that gives a guard or takes time is in these tables', async () => {
    const { node } = await world();
    const tested = new Set([...Object.keys({ ...GUARDS, ...STREAMS, ...PROMISES }).map((name) => name.replace(/, .*/, '')), ...OTHERS]);
    const members = Object.entries(node).flatMap(([name, value]) => (typeof value === 'function' || name.endsWith('$') ? [name] : []));
    const functionsOf = (module: object): string[] => Object.entries(module).flatMap(([name, value]) => (typeof value === 'function' && !/^[A-Z]/.test(name) ? [name] : []));
    const all = [...members, ...[operators, compat, federation].flatMap(functionsOf)];
    expect(all.filter((name) => name !== '$' && name !== '_' && !tested.has(name))).toEqual([]);
  });

  it('is one listener for 10,000 guards, and none when they have ended', async () => {
    const { node, port } = await world();
    const one = countedSignal();
    const guards = Array.from({ length: 10_000 }, () => node.mon(port, nothing, { signal: one.signal }));
    expect(one.listeners).toBe(1);
    for (const guard of guards.slice(0, 9_999)) guard.unsubscribe();
    expect(one.listeners).toBe(1);
    guards[9_999]?.unsubscribe();
    expect(one.listeners).toBe(0);
    const again = Array.from({ length: 10_000 }, () => node.mon(port, nothing, { signal: one.signal }));
    one.abort();
    expect([again.every(({ closed }) => closed), one.listeners]).toEqual([true, 0]);
  });

  it('rcv with handlers: takes away those that still stand, and is forgotten with the port', async () => {
    const { clock, node } = await world();
    const [one, other] = [countedSignal(), countedSignal()];
    const got: unknown[] = [];
    const note = (what: unknown) => (): void => { got.push(what); };
    const port = node.port(note('default'));
    const same = note('b');
    void node.rcv(port, { a: note('a'), b: same, c: note('c') }, { signal: one.signal });
    void node.rcv(port, { b: same });
    void node.rcv(port, { a: undefined });
    void node.rcv(port, { a: note('a2') }, { signal: other.signal });
    for (const tag of ['a', 'b', 'c']) node.snd(port, tag);
    one.abort();
    for (const tag of ['a', 'b', 'c']) node.snd(port, tag);
    expect([got, one.listeners]).toEqual([['a2', 'b', 'c', 'a2', 'b', 'default'], 0]);
    void node.rcv(port, { a: note('never') }, { signal: one.signal });
    node.snd(port, 'a');
    expect(got.at(-1)).toBe('a2');
    for (let i = 0; i < 100; i++) void node.rcv(port, { a: note(i) }, { signal: other.signal });
    node.kil(port);
    clock.runFor(100);
    expect(other.listeners).toBe(0);
  });

  it('port: kills it normally', async () => {
    const { clock, node } = await world();
    const one = countedSignal();
    const port = node.port(nothing, { signal: one.signal });
    const [death, early] = [firstValueFrom(node.mon(port)), node.port(nothing, { signal: one.signal })];
    node.kil(early);
    clock.runFor(0);
    expect(one.listeners).toBe(1);
    one.abort();
    clock.runFor(0);
    expect([await death, one.listeners]).toEqual([[], 0]);
    const dead = node.port(nothing, { signal: one.signal });
    clock.runFor(0);
    expect(await settled(clock, firstValueFrom(node.mon(dead)))).toContain('no_such_port');
  });

  it('mailbox: closes it, and a message that comes later is no business of it', async () => {
    const { clock, node } = await world();
    const one = countedSignal();
    const port = node.port(nothing);
    const box = node.mailbox(port, { signal: one.signal });
    node.snd(port, 'x');
    expect(box.size).toBe(1);
    one.abort();
    node.snd(port, 'x');
    expect([box.size, one.listeners]).toEqual([0, 0]);
    node.kil(node.port());
    clock.runFor(100);
  });

  it('receive: a message that comes after it was aborted stays for others', async () => {
    const { clock, node } = await world();
    const one = countedSignal();
    const port = node.port();
    const box = node.mailbox(port);
    const given = box.receive('x', { signal: one.signal, timeout: 1_000 });
    const taken = box.receive('y', { signal: one.signal });
    node.snd(port, 'y');
    expect(await taken).toEqual(['y']);
    one.abort(new Error('enough'));
    await expect(given).rejects.toThrow('enough');
    node.snd(port, 'x');
    expect(box.size).toBe(1);
    await expect(box.receive({ signal: one.signal }), 'aborted already: it takes nothing').rejects.toThrow('enough');
    expect(box.size).toBe(1);
    await settled(clock, node.close());
    expect(clock.pending).toBe(0);
  });

  it('federate and createScope: close the scope', async () => {
    const { clock, node } = await world();
    for (const make of [node.federate, federation.createScope]) {
      const [one, other] = [countedSignal(), countedSignal()];
      const scope = make<typeof fact>('room', { signal: one.signal });
      const { ends } = watch(scope.observe(fact));
      make('room', { signal: other.signal }).close();
      expect(other.listeners).toBe(0);
      one.abort();
      expect([ends, one.listeners]).toEqual([['complete'], 0]);
      expect(() => make<typeof fact>('room', { signal: one.signal }).assert(fact)).toThrow('closed');
    }
    await expect(federation.createScope('room').settled({ signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
    await settled(clock, node.close());
  });

  it('spawnWorker: ends the worker, also when it runs', async () => {
    const { node } = await world();
    const one = countedSignal();
    let ended = 0;
    const spawned = node.spawnWorker({ ...thread(), terminate: () => ended++ }, { signal: one.signal });
    await new Promise((resolve) => setTimeout(resolve, 20));
    one.abort(new Error('enough'));
    await expect(spawned).rejects.toThrow('enough');
    expect(ended).toBe(1);
  });

  it('close: ends the waiting and not the closing; aborted already, it closes nothing', async () => {
    const { clock, node } = await world();
    await expect(node.close({ signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
    expect(node.nodeIsUp('a')).toBe(true);
    const one = countedSignal();
    const closing = node.close({ signal: one.signal });
    one.abort(new Error('enough'));
    await expect(closing).rejects.toThrow('enough');
    expect([node.nodeIsUp('a'), one.listeners]).toEqual([false, 0]);
    await settled(clock, node.close());
  });

  it('in a message it is no option unless it is one', async () => {
    const { clock, node } = await world();
    const got: unknown[] = [];
    const port = node.port((...message: readonly unknown[]) => { got.push(message); });
    for (const value of [{ signal: 'red' }, { signal: true, timeout: 1 }, { signal: null }]) {
      node.cal(port, 'x', value).subscribe().unsubscribe();
      node.mon(`${node.id}#none`, port, 'dead', value);
    }
    clock.runFor(0);
    const values = got.map((message) => (message as unknown[])[1]);
    expect(values.filter((value) => JSON.stringify(value) === '{"signal":"red"}')).toHaveLength(2);
    expect(values).toHaveLength(6);
  });

  it('what is no signal throws a TypeError that says so', async () => {
    const { node, port } = await world();
    const options = { signal: 'red' as unknown as AbortSignal };
    const uses: readonly (() => unknown)[] = [
      () => node.dbSet('fam', 'key', 1, options),
      () => node.dbMon('fam', options),
      () => node.register('f', nothing, options),
      () => node.mailbox(port, options),
      () => node.rcv(port, 'tag', options),
      () => node.port(nothing, options),
      () => node.attach(thread(), options),
      () => iterate(NEVER, options),
      () => operators.whileUp(node, port, nothing, options),
    ];
    for (const use of uses) expect(use).toThrow(new TypeError('the option signal is "red": expected an AbortSignal, such as that of an AbortController'));
  });

  it('one guard whose end throws leaves no other open', async () => {
    const { node, port } = await world();
    const one = countedSignal();
    const guards = [1, 2, 3].map(() => node.mon(port, nothing, { signal: one.signal }));
    guards[1]?.add(() => { throw new Error('mine'); });
    const thrown = new Promise((resolve) => {
      process.off('uncaughtException', note);
      process.once('uncaughtException', (error) => {
        process.on('uncaughtException', note);
        resolve(error);
      });
    });
    one.abort();
    expect((await thrown as Error).message).toContain('mine');
    expect(guards.map(({ closed }) => closed)).toEqual([true, true, true]);
  });

  it('types: options are options, and messages stay messages', async () => {
    const { node } = await world();
    const { signal } = new AbortController();
    const port: PortId<['add', number, number, PortId<['sum', number]>]> = node.port<['add', number, number, PortId<['sum', number]>]>(nothing).id;
    const reply$: Observable<['sum', number]> = node.cal(port, 'add', 1, 2, { signal });
    const added$: Observable<readonly [number, number, PortId<['sum', number]>]> = node.rcv(port, 'add', { signal });
    // @ts-expect-error: a number is missing
    void node.cal(port, 'add', 1, { signal });
    expect([isObservable(reply$), isObservable(added$)]).toEqual([true, true]);
  });
});
