import { firstValueFrom, map, range, timeout, toArray } from 'rxjs';
import type { MpNode, PortId } from 'rxmp';
import { reply, spreadCalls } from 'rxmp/operators';
import { settled } from 'rxmp/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createWorld, type World } from '../../../marbles/world.js';

type Work = ['square', n: number, reply: PortId<[square: number]>];

let world: World;
beforeEach(() => { world = createWorld({ delay: 1 }); });
afterEach(() => world.close());

const run = (ms: number): void => { world.clock.runFor(ms); };

/** Workers and a client without binds, as in README's first example. */
async function start(seeds: readonly string[]): Promise<{ readonly client: MpNode; readonly done: Set<string> }> {
  const common = { binds: [], seeds: seeds.map((seed) => `memory://${seed}`) };
  const done = new Set<string>();
  for (const name of ['w1', 'w2', 'w3']) {
    const node = await world.start(name, common);
    const port = node.port<Work>();
    node.rcv(port, 'square').pipe(reply(node, ([n]) => {
      done.add(name);
      return [n * n];
    })).subscribe();
    node.dbReg('workers', port);
  }
  const client = await world.start('client', common);
  run(3_000);
  return { client, done };
}

/** So many calls, spread over the workers; their answers, in time. */
async function squares(client: MpNode, count: number): Promise<readonly number[]> {
  const answers$ = range(1, count).pipe(
    map((n) => ['square', n] as const),
    spreadCalls<Work>(client, client.dbMon('workers'), { timeout: 1_000, count: 20 }),
    map(({ reply: [square] }) => square),
    toArray(),
    timeout({ first: 60_000, scheduler: world.clock }),
  );
  const answers = firstValueFrom(answers$);
  run(60_000);
  return (await settled(world.clock, answers)).toSorted((a, b) => a - b);
}

const right = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => (i + 1) ** 2);

describe('S23: calls are spread over private workers', () => {
  it('by a private client', async () => {
    await world.start('hub', { global: true });
    const { client, done } = await start(['hub']);
    expect(await squares(client, 100)).toEqual(right(100));
    expect([...done].sort()).toEqual(['w1', 'w2', 'w3']);
  });

  it('also when the seed has been killed, and has come back', async () => {
    await world.start('hub', { global: true });
    const { client, done } = await start(['hub']);
    expect(await squares(client, 10)).toEqual(right(10));
    world.network.crash('hub');
    run(500);
    await world.start('hub', { global: true });
    run(3_000);
    done.clear();
    expect(await squares(client, 100)).toEqual(right(100));
    expect([...done].sort()).toEqual(['w1', 'w2', 'w3']);
  });

  it('while one of two seeds dies', async () => {
    await world.start('hub1', { global: true });
    await world.start('hub2', { global: true, seeds: ['memory://hub1'] });
    const { client, done } = await start(['hub1', 'hub2']);
    expect(await squares(client, 10)).toEqual(right(10));
    world.network.crash('hub1');
    done.clear();
    expect(await squares(client, 100)).toEqual(right(100));
    expect([...done].sort()).toEqual(['w1', 'w2', 'w3']);
  });

  it('200 private nodes: each reaches another one, and hears when it goes', { timeout: 60_000 }, async () => {
    const seeds = ['memory://hub1', 'memory://hub2'];
    const patient = { monitorTimeout: 10_000 };
    await world.start('hub1', { global: true, ...patient });
    await world.start('hub2', { global: true, seeds: ['memory://hub1'], ...patient });
    const nodes: MpNode[] = [];
    // each has the two as seeds in another order, so that both are masters
    for (let i = 0; i < 200; i++) nodes.push(await world.start(`p${i}`, { binds: [], seeds: i % 2 === 0 ? seeds : seeds.toReversed(), ...patient }));
    run(5_000);
    const got: number[] = [];
    const ports = nodes.map((node, i) => node.port<[number]>((n) => { got[i] = n; }));
    const lost: number[] = [];
    for (const [i, node] of nodes.entries()) {
      const next = ports[(i + 1) % nodes.length]?.id ?? '';
      node.snd(next, i);
      node.mon(next, () => lost.push(i));
    }
    run(5_000);
    expect(got).toEqual(nodes.map((_, i) => (i + 199) % 200));
    expect(lost).toEqual([]);
    world.network.crash('p7');
    run(1_000);
    expect(lost).toEqual([6]);
  });
});
