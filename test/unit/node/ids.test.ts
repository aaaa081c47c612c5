import { BadNodeId, createNode, isPortId, type MpNode } from 'rxmp';
import { reply } from 'rxmp/operators';
import { silentLog } from 'rxmp/testing';
import { of } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { createWorld } from '../../../marbles/world.js';
import { heapAfter } from '../../fixtures/heap.js';

const BAD: readonly unknown[] = ['', 'not a port', '#x', 'not a node#x', 'ä#x', `${'x'.repeat(256)}#y`, 'a;b#x', 'a\n#x', undefined, null, 5, {}, { id: 5 }, ['a#b'], Symbol('a')];

type Use = (node: MpNode, id: string) => unknown;
const nothing = (): void => undefined;

/** Every function of a node that takes an id, by how it is used. */
const USES: Readonly<Record<string, Use>> = {
  'snd': (node, id) => node.snd(id, 'x'),
  'rcv, a stream': (node, id) => node.rcv(id),
  'rcv, a tag': (node, id) => node.rcv(id, 'tag'),
  'rcv, a handler': (node, id) => node.rcv(id, nothing),
  'rcv, handlers': (node, id) => node.rcv(id, { tag: nothing }),
  'kil': (node, id) => { node.kil(id); },
  'mon': (node, id) => node.mon(id),
  'mon, a callback': (node, id) => node.mon(id, nothing),
  'mon, from a port': (node, id) => node.mon(id, node.port()),
  'mon, to a port': (node, id) => ((id as unknown) === undefined ? thrown() : node.mon(node.port(), id)),
  'mon, a message to a port': (node, id) => ((id as unknown) === undefined ? thrown() : node.mon(node.port(), id, 'x')),
  'link': (node, id) => thrownIn(node, () => node.link(id)),
  'monGuard': (node, id) => node.monGuard(id, nothing),
  'spawn': (node, id) => node.spawn(id, 'init'),
  'cal': (node, id) => node.cal(id, 'x'),
  'after': (node, id) => node.after(1, id, 'x'),
  'ref': (node, id) => node.ref(id),
  'openStream': (node, id) => node.openStream(id),
  'streams': (node, id) => node.streams(id),
  'peval': (node, id) => node.peval(id, nothing),
  'mailbox': (node, id) => node.mailbox(id),
  'sndOn': (node, id) => node.sndOn(id, node.port(), 'x'),
  'sndOn, the port': (node, id) => node.sndOn(node.id, id, 'x'),
  'sndToFunc': (node, id) => node.sndToFunc(id, 'name'),
  'nodeOf': (node, id) => node.nodeOf(id),
  'guest': (node, id) => node.guest(id),
  'isLocal': (node, id) => node.isLocal(id),
  'dbReg': (node, id) => ((id as unknown) === undefined ? thrown() : node.dbReg('fam', id)),
};

/** Undefined means something else there: that nobody runs, or the port whose code runs. */
function thrown(): never {
  throw new BadNodeId('none');
}

/** What code of a port throws. */
function thrownIn(node: MpNode, code: () => unknown): unknown {
  let error: unknown;
  node.peval(node.port(), () => {
    try {
      code();
    } catch (thrown) {
      error = thrown;
    }
  });
  if (error !== undefined) throw error;
  return undefined;
}

describe('S33: what can be no id throws BadNodeId where it is used', () => {
  it.each(Object.entries(USES))('%s', async (_, use) => {
    await using node = await createNode({ nodeid: 'a', log: silentLog });
    for (const id of BAD) {
      expect(() => use(node, id as string), String(id)).toThrow(BadNodeId);
    }
    expect(node.upNodes()).toEqual([]);
  });

  it('every function of a node that takes a port is in this table', async () => {
    await using node = await createNode({ log: silentLog });
    const others = ['port', 'register', 'psub', 'upNodes', 'nodeIsUp', 'monNodes', 'federate', 'attach', 'revoke', 'spawnWorker', 'close', 'dbSet', 'dbDel', 'dbFamily', 'dbKeys', 'dbValues', 'dbMon'];
    const functions = Object.entries(node).flatMap(([name, value]) => (typeof value === 'function' ? [name] : []));
    const used = Object.keys(USES).map((name) => name.split(',')[0]);
    expect(functions.filter((name) => !used.includes(name) && !others.includes(name))).toEqual([]);
  });

  it('what AnyEvent::MP may name is an id', () => {
    for (const id of ['a#b', 'a/b_-.:9#x', 'host/xYz12#a b#c', 'a#ä']) expect(isPortId(id), id).toBe(true);
    for (const id of BAD) expect(isPortId(id), String(id)).toBe(false);
    expect(isPortId('a')).toBe(false);
  });

  it('a peer that asks for an answer to what is no id gets none, and the others theirs', async () => {
    const world = createWorld();
    const node = await world.start('a');
    const answers: unknown[] = [];
    const errors: unknown[] = [];
    of(['x', 'not a node#x'], ['x', '#y'], ['x', node.port((answer: unknown) => answers.push(answer)).id])
      .pipe(reply(node, () => ['ok']))
      .subscribe({ error: (error: unknown) => errors.push(error) });
    world.clock.runFor(10);
    expect([answers, errors]).toEqual([['ok'], []]);
    await world.close();
  });
});

describe('calls that throw', () => {
  it('leave nothing behind', { timeout: 60_000 }, async () => {
    await using node = await createNode({ nodeid: 'a', log: silentLog });
    const unsendable = { toJSON: () => { throw new TypeError('no'); } };
    const grown = await heapAfter(20_000, (i) => {
      expect(() => node.cal(`no port ${i}`, 'x')).toThrow(BadNodeId);
      // until it is over: on a busy machine many would be under way still when the heap is looked at
      return new Promise((resolve) => node.cal(`b${i}#x`, unsendable).subscribe({ error: resolve }));
    });
    expect(grown).toBeLessThan(4_000_000);
  });
});
