import { take, type Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { MpNode } from 'rxmp';
import { settled } from 'rxmp/testing';
import { createWorld, type World } from '../../../marbles/world.js';

/** Time enough for any loss to be noticed, and for seeds and globals to be connected again. */
const QUIET = 20_000;

/** A family as a query sees it, in an order that does not change. */
function asked(world: World, node: MpNode, family = 'fam'): readonly (readonly [string, unknown])[] {
  let answer: readonly (readonly [string, unknown])[] | undefined;
  node.dbFamily(family).subscribe((entries) => {
    answer = [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
  });
  world.clock.runFor(1_000);
  if (answer === undefined) throw new Error(`${node.id} got no answer about ${family}`);
  return answer;
}

const keys = (world: World, node: MpNode, family?: string): readonly string[] => asked(world, node, family).map(([key]) => key);

/** How many keys a watcher has seen after each change. */
function sizes(node: MpNode, family = 'fam'): number[] {
  const seen: number[] = [];
  node.dbMon(family).subscribe((change) => seen.push(change.family.size));
  return seen;
}

/** Nothing is left of a world whose nodes are closed. */
async function ended(world: World): Promise<void> {
  await world.close();
  expect({ timers: world.clock.pending, connections: world.network.connections }).toEqual({ timers: 0, connections: 0 });
}

describe('S21: who is whose seed', () => {
  it('a node that is its only seed, named twice, is its own master', async () => {
    const world = createWorld({ delay: 1 });
    const a = await world.start('a', { seeds: ['memory://a', 'memory://a'] });
    const seen = sizes(a);
    a.dbSet('fam', 'x');
    world.clock.runFor(QUIET);
    expect(seen).toEqual([1]);
    expect(keys(world, a, "'g")).toEqual(['a']);
    await ended(world);
  });

  it('two seeds that name each other: the first waits for the second, or for somebody who uses it', async () => {
    const world = createWorld({ delay: 1 });
    const a = await world.start('a', { seeds: ['memory://b'] });
    const seen = sizes(a);
    a.dbSet('fam', 'a');
    world.clock.runFor(QUIET);
    expect(seen).toEqual([]);
    const c = await world.start('c', { seeds: ['memory://a'] });
    world.clock.runFor(QUIET);
    expect(seen).toEqual([1]);
    const b = await world.start('b', { seeds: ['memory://a'] });
    b.dbSet('fam', 'b');
    world.clock.runFor(QUIET);
    expect(seen).toEqual([1, 2]);
    for (const node of [a, b, c]) expect([keys(world, node), keys(world, node, "'g")]).toEqual([['a', 'b'], ['a', 'b']]);
    await ended(world);
  });

  it('a chain of seeds is one database; it stays whole when one in the middle goes, for the globals know each other (S22)', async () => {
    const world = createWorld({ delay: 1 });
    const names = ['a', 'b', 'c', 'd', 'e'];
    const nodes: MpNode[] = [];
    for (const [i, name] of names.entries()) {
      const next = names[i + 1];
      nodes.push(await world.start(name, { seeds: next === undefined ? [] : [`memory://${next}`] }));
    }
    for (const node of nodes) node.dbSet('fam', node.id);
    world.clock.runFor(QUIET);
    for (const node of nodes) expect(keys(world, node)).toEqual(names);
    await settled(world.clock, (nodes[2] as MpNode).close());
    world.clock.runFor(QUIET);
    for (const node of nodes.filter(({ id }) => id !== 'c')) expect(keys(world, node)).toEqual(['a', 'b', 'd', 'e']);
    await ended(world);
  });

  it('D7: parts with a node in common merge as soon as that one is a seed itself', async () => {
    const world = createWorld({ delay: 1 });
    for (const seed of ['s', 't']) await world.start(seed);
    const a = await world.start('a', { seeds: ['memory://s'] });
    const b = await world.start('b', { seeds: ['memory://t'] });
    const x = await world.start('x', { seeds: ['memory://s', 'memory://t'] });
    for (const node of [a, b, x]) node.dbSet('fam', node.id);
    world.clock.runFor(QUIET);
    await world.start('y', { seeds: ['memory://x'] });
    world.clock.runFor(QUIET);
    for (const node of [a, b, x]) expect([keys(world, node), keys(world, node, "'g")]).toEqual([['a', 'b', 'x'], ['s', 't', 'x']]);
    await ended(world);
  });

  it('another node at the address of a seed takes its place', async () => {
    const world = createWorld({ delay: 1 });
    const old = await world.start('old', { binds: ['memory://s'] });
    const w = await world.start('w', { seeds: ['memory://s'] });
    w.dbSet('fam', 'w');
    old.dbSet('fam', 'old');
    world.clock.runFor(QUIET);
    const seen = sizes(w);
    world.clock.runFor(100);
    await settled(world.clock, old.close());
    const next = await world.start('next', { binds: ['memory://s'], transports: [world.network.transport('old')] });
    next.dbSet('fam', 'next');
    world.clock.runFor(QUIET);
    expect([keys(world, w), keys(world, w, "'g")]).toEqual([['next', 'w'], ['next']]);
    expect(seen).not.toContain(0);
    await ended(world);
  });

  it('what is set, watched and asked while all seeds are down for long is told once, when one comes', async () => {
    const world = createWorld({ delay: 1 });
    const w = await world.start('w', { seeds: ['memory://s', 'memory://t'] });
    let early = 0;
    for (let i = 0; i < 300; i++) {
      w.dbSet('fam', `k${i % 10}`, i);
      w.dbMon('fam').subscribe(() => early++).unsubscribe();
      w.dbFamily('fam').subscribe(() => early++).unsubscribe();
      world.clock.runFor(1_000);
    }
    const seen = sizes(w);
    const answers: number[] = [];
    w.dbKeys('fam').subscribe((all) => answers.push(all.length));
    await world.start('t');
    world.clock.runFor(QUIET);
    expect({ early, seen, answers }).toEqual({ early: 0, seen: [10], answers: [10] });
    await ended(world);
  });
});

describe('S25: the same id again', () => {
  it('while the old node is frozen: only the keys of the new one are left, also when the old one thaws', async () => {
    const world = createWorld({ delay: 1 });
    await world.start('g', { global: true });
    const old = await world.start('w', { seeds: ['memory://g'] });
    const c = await world.start('c', { seeds: ['memory://g'] });
    old.dbSet('fam', 'old');
    old.dbSet('fam', 'both', 1);
    world.clock.runFor(QUIET);
    expect(keys(world, c)).toEqual(['both', 'old']);
    world.network.freeze('w');
    const again = await world.start('w', { seeds: ['memory://g'], binds: ['memory://v'], transports: [world.network.transport('v')] });
    again.dbSet('fam', 'new');
    again.dbSet('fam', 'both', 2);
    world.clock.runFor(QUIET);
    expect(asked(world, c)).toEqual([['both', 2], ['new', null]]);
    world.network.thaw('w');
    world.clock.runFor(QUIET);
    expect(asked(world, c)).toEqual([['both', 2], ['new', null]]);
    const port = again.port();
    const got: unknown[] = [];
    void again.rcv(port, { hello: (text: string) => got.push(text) });
    c.snd(port.id, 'hello', 'at the new address (S19)');
    world.clock.runFor(1_000);
    expect(got).toEqual(['at the new address (S19)']);
    await ended(world);
  });
});

describe('subscribers that subscribe, set and unsubscribe inside of callbacks', () => {
  it.each(['alone', 'slave'])('S26: each one folds to what a query gives (%s)', async (role) => {
    const world = createWorld({ delay: 1 });
    const seeds = role === 'slave' ? ['memory://g'] : [];
    await world.start('g', { global: true });
    const a = await world.start('a', { seeds });
    world.clock.runFor(2_000);
    const faults: string[] = [];
    const folds: Map<string, unknown>[] = [];
    const watch = (): void => {
      const fold = new Map<string, unknown>();
      let changes = 0;
      folds.push(fold);
      a.dbMon('fam').subscribe(({ family, add, chg, del }) => {
        if (changes++ > 0 && add.length + chg.length + del.length === 0) faults.push('an empty change');
        for (const key of [...chg, ...del]) if (!fold.has(key)) faults.push(`${key} was absent`);
        for (const key of add) if (fold.has(key)) faults.push(`${key} was there`);
        for (const key of [...add, ...chg]) fold.set(key, family.get(key));
        for (const key of del) fold.delete(key);
        expect(new Map(family)).toEqual(fold);
      });
    };
    let depth = 0;
    a.dbMon('fam').pipe(take(6)).subscribe(() => {
      a.dbSet('fam', `k${++depth}`, depth);
      watch();
      a.dbFamily('fam').subscribe(() => { a.dbDel('fam', `k${depth - 1}`); watch(); });
    });
    a.dbMon('fam').pipe(take(1)).subscribe(({ family }) => a.dbSet('fam', 'first', family.size));
    for (let i = 0; i < 10; i++) {
      a.dbSet('fam', 'z', i);
      world.clock.runFor(20);
    }
    const all = new Map(asked(world, a));
    expect({ depth, faults }).toEqual({ depth: 6, faults: [] });
    for (const fold of folds) expect(fold).toEqual(all);
    await ended(world);
  });

  it('a monitor that is opened and closed all the time while masters come and go always gets its first value', async () => {
    const world = createWorld({ delay: { min: 1, max: 40 }, seed: 3 });
    const seeds = ['memory://g', 'memory://h'];
    for (const seed of ['g', 'h']) await world.start(seed, { global: true, seeds });
    const a = await world.start('a', { seeds });
    world.clock.runFor(3_000);
    let waiting = 0;
    for (let i = 0; i < 500; i++) {
      a.dbMon('fam').subscribe().unsubscribe();
      if (i % 3 === 0) {
        waiting++;
        a.dbMon('fam').pipe(take(1)).subscribe(() => waiting--);
      }
      if (i % 100 === 50) world.network.cut('a', i % 200 === 50 ? 'g' : 'h');
      if (i % 100 === 80) world.network.heal();
      world.clock.runFor(i % 7);
    }
    world.network.heal();
    world.clock.runFor(QUIET);
    expect(waiting).toBe(0);
    await ended(world);
  });
});

describe('after close()', () => {
  it('all functions still can be called, streams complete, guards do nothing, nothing is left', async () => {
    const world = createWorld({ delay: 1 });
    const a = await world.start('a', { global: true });
    const b = await world.start('b', { seeds: ['memory://a'] });
    world.clock.runFor(2_000);
    const [here, there] = [a.port(), b.port()];
    const guards = [a.dbReg('fam', here), a.dbReg('fam', there.id), a.dbSet('fam', 'x')];
    world.clock.runFor(100);
    await settled(world.clock, a.close());
    for (const guard of [...guards, ...guards]) guard.unsubscribe();
    for (const port of [here.id, there.id, 'nobody#port']) a.dbReg('fam', port).unsubscribe();
    a.dbSet('fam', 'y');
    a.dbDel('fam', 'y');
    const seen: string[] = [];
    const streams: readonly Observable<unknown>[] = [a.dbMon('fam'), a.dbFamily('fam'), a.dbKeys('fam'), a.dbValues('fam')];
    for (const stream of streams) stream.subscribe({ next: () => seen.push('value'), complete: () => seen.push('complete'), error: (error: unknown) => seen.push((error as Error).name) });
    expect(seen).toEqual(['complete', 'NodeClosed', 'NodeClosed', 'NodeClosed']);
    await settled(world.clock, b.close());
    world.clock.runFor(10);
    expect({ timers: world.clock.pending, connections: world.network.connections }).toEqual({ timers: 0, connections: 0 });
  });
});
