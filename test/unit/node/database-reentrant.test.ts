import { firstValueFrom, type Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { FamilyChange, MpNode } from 'rxmp';
import { settled } from 'rxmp/testing';
import { createWorld } from '../../../marbles/world.js';

/** Two globals, and a slave of the first. */
async function three() {
  const world = createWorld({ delay: 1 });
  const g = await world.start('g', { global: true, seeds: ['memory://h'] });
  const h = await world.start('h', { global: true, seeds: ['memory://g'] });
  world.clock.runFor(3_000);
  const b = await world.start('b', { seeds: ['memory://g'] });
  world.clock.runFor(3_000);
  return { world, g, h, b };
}

/** The last that a node's own monitor of a family has shown. */
function shows(node: MpNode, family: string): () => ReadonlyMap<string, unknown> | undefined {
  let last: ReadonlyMap<string, unknown> | undefined;
  node.dbMon(family).subscribe((change) => (last = change.family));
  return () => last;
}

describe('code that uses the database while it is told of a change', () => {
  it('D7: what it sets reaches all nodes after what came before', async () => {
    const { world, g, h, b } = await three();
    const monitors = [g, h, b].map((node) => shows(node, 'f'));
    let once = false;
    g.dbMon('e').subscribe(({ family }) => {
      if (family.size === 0 || once) return;
      once = true;
      g.dbSet('f', 'x', 2);
      g.dbMon('other').subscribe();
    });
    g.dbSet('e', 'k', 1);
    g.dbSet('f', 'x', 1);
    world.clock.runFor(1_000);
    for (const shown of monitors) expect([...(shown() ?? [])]).toEqual([['x', 2]]);
    for (const node of [g, h, b]) {
      const answer = firstValueFrom(node.dbFamily('f'));
      world.clock.runFor(100);
      expect([...(await answer)]).toEqual([['x', 2]]);
    }
    await world.close();
  });

  it('S26: a monitor that is opened and closed inside does not take the first value from others', async () => {
    const world = createWorld();
    const node = await world.start('a');
    node.dbMon('e').subscribe(() => { node.dbMon('f').subscribe().unsubscribe(); });
    world.clock.run();
    const seen: FamilyChange[] = [];
    node.dbSet('e', 'k', 1);
    node.dbMon('f').subscribe((change) => seen.push(change));
    world.clock.run();
    expect(seen.map(({ family }) => family.size)).toEqual([0]);
    await world.close();
  });

  it('what a query gives cannot be changed for others', async () => {
    const { world, g, b } = await three();
    b.dbSet('f', 'x', { n: 1 });
    world.clock.runFor(100);
    const family = await settled(world.clock, firstValueFrom(g.dbFamily<{ n: number }>('f')));
    expect(() => { (family.get('x') as { n: number }).n = 99; }).toThrow(TypeError);
    await world.close();
  });

  it('a query that waits for a master ends with its node', async () => {
    const world = createWorld();
    const node = await world.start('a', { seeds: ['memory://nowhere'] });
    const failed: string[] = [];
    const queries: readonly Observable<unknown>[] = [node.dbFamily('f'), node.dbKeys('f'), node.dbValues('f')];
    for (const query of queries) query.subscribe({ error: (error: unknown) => failed.push((error as Error).name) });
    world.clock.runFor(1_000);
    await world.close();
    expect([failed, world.clock.pending]).toEqual([['NodeClosed', 'NodeClosed', 'NodeClosed'], 0]);
  });
});
