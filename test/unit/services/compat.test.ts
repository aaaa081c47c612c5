import { firstValueFrom, Subscription, type Observable } from 'rxjs';
import { afterEach, describe, expect, it } from 'vitest';
import { BadFamily, BadNodeId, type MpNode } from 'rxmp';
import { grpGet, grpMon, grpReg } from 'rxmp/compat';
import { settled } from 'rxmp/testing';
import { createWorld } from '../../../marbles/world.js';

/** A global node and two slaves of it; everything takes 1 ms. */
async function network() {
  const world = createWorld({ delay: 1 });
  await world.start('g', { global: true });
  const a = await world.start('a', { seeds: ['memory://g'] });
  const b = await world.start('b', { seeds: ['memory://g'] });
  world.clock.runFor(100);
  opened.add(() => void world.close());
  /** The one value of a stream that asks the master. */
  const ask = async <T>(answer$: Observable<T>): Promise<T> => {
    const answer = firstValueFrom(answer$);
    world.clock.runFor(10);
    return answer;
  };
  return { world, a, b, ask };
}

let opened = new Subscription();
afterEach(() => {
  opened.unsubscribe();
  opened = new Subscription();
});

/** A port that takes everything. */
const port = (node: MpNode) => node.port(() => undefined);

describe('grpReg', () => {
  it('puts a port into the family of that name, until it dies or the guard is unsubscribed', async () => {
    const { world, a, b, ask } = await network();
    const [first, second] = [port(a), port(a)];
    grpReg(a, 'workers', first);
    const guard = grpReg(a, 'workers', second.id);
    world.clock.runFor(10);
    const keys = async () => [...(await ask(b.dbKeys('workers')))].sort();
    expect(await keys()).toEqual([first.id, second.id].sort());
    a.kil(first);
    world.clock.runFor(10);
    expect(await keys()).toEqual([second.id]);
    guard.unsubscribe();
    world.clock.runFor(10);
    expect(await keys()).toEqual([]);
  });

  it('refuses at the call what is no group and what is no port', async () => {
    const { a } = await network();
    expect(() => grpReg(a, 'no group', port(a))).toThrow(BadFamily);
    expect(() => grpReg(a, 'workers', '#no-node')).toThrow(BadNodeId);
  });
});

describe('grpGet', () => {
  it('gives the ports as they are when it is subscribed, once, and undefined for an empty group', async () => {
    const { world, a, b, ask } = await network();
    const ports$ = grpGet(b, 'workers');
    const get = () => ask(ports$);
    expect(await get()).toBeUndefined();
    const worker = port(a);
    const guard = grpReg(a, 'workers', worker);
    world.clock.runFor(10);
    expect(await get()).toEqual([worker.id]);
    guard.unsubscribe();
    world.clock.runFor(10);
    expect(await get()).toBeUndefined();
    let completed = false;
    ports$.subscribe({ complete: () => (completed = true) });
    world.clock.runFor(10);
    expect(completed).toBe(true);
  });
});

describe('grpMon', () => {
  it('tells of an empty group first, then of every port that comes or goes, and of no value', async () => {
    const { world, a, b } = await network();
    const changes: unknown[] = [];
    grpMon(b, 'workers').subscribe((change) => changes.push(change));
    const next = () => {
      world.clock.runFor(10);
      return changes.splice(0);
    };
    expect(next()).toEqual([{ ports: [], add: [], del: [] }]);

    const [first, second] = [port(a), port(a)];
    grpReg(a, 'workers', first);
    expect(next()).toEqual([{ ports: [first.id], add: [first.id], del: [] }]);

    // values are no matter of groups
    a.dbSet('workers', first.id, 'busy');
    expect(next()).toEqual([]);

    // a change of a value together with a port that comes and one that goes
    a.dbSet('workers', first.id, 'idle');
    grpReg(a, 'workers', second);
    expect(next()).toEqual([{ ports: expect.toSatisfy(sameAs([first.id, second.id])), add: [second.id], del: [] }]);

    a.kil(first);
    expect(next()).toEqual([{ ports: [second.id], add: [], del: [first.id] }]);
  });

  it('begins for each subscriber with all there is', async () => {
    const { world, a, b } = await network();
    const worker = port(a);
    grpReg(a, 'workers', worker);
    world.clock.runFor(10);
    const early: unknown[] = [];
    const late: unknown[] = [];
    const changes$ = grpMon(b, 'workers');
    changes$.subscribe((change) => early.push(change));
    world.clock.runFor(10);
    changes$.subscribe((change) => late.push(change));
    world.clock.runFor(10);
    const all = [{ ports: [worker.id], add: [worker.id], del: [] }];
    expect(early).toEqual(all);
    expect(late).toEqual(all);
  });

  it('loses the ports of a node that is gone, and completes when its own node closes', async () => {
    const { world, a, b } = await network();
    const [mine, theirs] = [port(b), port(a)];
    grpReg(b, 'workers', mine);
    grpReg(a, 'workers', theirs);
    world.clock.runFor(10);
    const changes: unknown[] = [];
    let completed = false;
    grpMon(b, 'workers').subscribe({ next: (change) => changes.push(change), complete: () => (completed = true) });
    world.clock.runFor(10);
    await settled(world.clock, a.close());
    world.clock.runFor(10);
    expect(changes.slice(1)).toEqual([{ ports: [mine.id], add: [], del: [theirs.id] }]);
    expect(completed).toBe(false);
    await settled(world.clock, b.close());
    expect(completed).toBe(true);
  });
});

function sameAs(expected: readonly string[]): (ports: readonly string[]) => boolean {
  return (ports) => JSON.stringify([...ports].sort()) === JSON.stringify([...expected].sort());
}
