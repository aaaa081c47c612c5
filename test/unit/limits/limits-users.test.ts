import { createNetwork } from 'rxmp/testing';
import { describe, expect, it } from 'vitest';

describe('G8: all guests of one user at a gate', () => {
  it('userVisitRate: who comes too often is let in later, and refused where that would take too long', async () => {
    await using network = createNetwork();
    const came: number[] = [];
    const gate = await network.node('gate', { limits: { userGuests: 3, userVisitRate: 1 }, guests: { admit: (user) => ({ user, may: [] }) } });
    const known = new Set<string>();
    gate.guests$.subscribe((all) => {
      for (const { id } of all) if (!known.has(id)) {
        known.add(id);
        came.push(Math.round((network.clock.monotonic() - begin) / 1_000));
      }
    });
    const begin = network.clock.monotonic();
    for (let i = 0; i < 5; i++) {
      const page = await network.node(`page${i}`, { seeds: ['gate'], credentials: 'ada' });
      await network.until(() => page.nodeIsUp('gate') === true, 5_000);
      await page.close();
    }
    // three at once, and then one each second
    expect(came).toEqual([0, 0, 0, 1, 2]);
    // others wait for nothing
    const bob = await network.node('bob', { seeds: ['gate'], credentials: 'bob' });
    await network.until(() => bob.nodeIsUp('gate') === true, 500);
    const whys: string[] = [];
    const many = await Promise.all(Array.from({ length: 9 }, (_, i) => network.node(`many${i}`, { seeds: ['gate'], credentials: 'ada' })));
    for (const node of many) node.status$.subscribe((status) => { if (status.status === 'connecting' && status.why !== undefined) whys.push(status.why.text); });
    await network.run(500);
    expect(whys[0]).toBe('refused by the gate: guests of this user come too often (limits.userVisitRate)');
  });
});
