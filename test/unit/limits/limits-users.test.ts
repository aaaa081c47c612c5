import { firstValueFrom } from 'rxjs';
import type { Limits, MpNode } from 'rxmp';
import { federate, read, send, spawn, write, type GuestCounts, type GuestLimits } from 'rxmp/guests';
import { createNetwork, type TestNetwork } from 'rxmp/testing';
import { describe, expect, it } from 'vitest';

interface House {
  readonly network: TestNetwork;
  readonly gate: MpNode;
  readonly worker: MpNode;
  readonly pages: Readonly<Record<'one' | 'two' | 'other', MpNode>>;
}

/** A gate with two guests of one user, and one of another one. */
async function house(network: TestNetwork, limits: Partial<Limits>, own: GuestLimits = {}): Promise<House> {
  const may = [send({ family: 'rooms' }), spawn('cart'), read('*'), write('a'), federate('*')];
  const worker = await network.node('worker');
  const gate = await network.node('gate', { seeds: ['worker'], limits, guests: { admit: (user) => ({ user, may, limits: own }) } });
  gate.register('cart', () => undefined);
  const [one, two, other] = await Promise.all([['one', 'ada'], ['two', 'ada'], ['other', 'bob']].map(([name = '', credentials]) => network.node(name, { seeds: ['gate'], credentials }))) as [MpNode, MpNode, MpNode];
  await network.until(() => [one, two, other].every((page) => page.nodeIsUp('gate') === true) && gate.nodeIsUp('worker') === true, 5_000);
  await network.run(3_000);
  return { network, gate, worker, pages: { one, two, other } };
}

/** How much of something each user's guests hold. */
async function held({ gate }: House, name: keyof GuestCounts): Promise<Readonly<Record<string, number>>> {
  const sums: Record<string, number> = {};
  for (const { user, counts } of await firstValueFrom(gate.guests$)) sums[user] = (sums[user] ?? 0) + counts[name];
  return sums;
}

/** A page does something that takes one more of what is limited. */
type Use = (house: House, page: MpNode, i: number) => void;

const roomOf = ({ gate }: House): string => {
  const room = gate.port(() => undefined);
  gate.dbReg('rooms', room);
  return room.id;
};

/** What is known as text by the guest's monitors, errors and answers. */
const refusals: string[] = [];

const USES: readonly (readonly [name: keyof Limits, count: keyof GuestCounts, own: keyof GuestLimits, use: Use, says: RegExp | undefined])[] = [
  ['userMonitors', 'monitors', 'monitors', (of, page) => {
    const room = roomOf(of);
    of.network.clock.after(500, () => { page.mon(room, (...reason) => void refusals.push(reason.join(' '))); });
  }, /^forbidden gate#/],
  ['userSpawns', 'spawned', 'spawned', (_, page) => { page.mon(page.spawn('gate', 'cart'), (...reason) => void refusals.push(reason.join(' '))); }, /^forbidden gate#/],
  ['userFamilies', 'families', 'families', (_, page, i) => { page.dbMon(`family${i}`).subscribe({ error: (error: unknown) => void refusals.push((error as Error).message) }); }, /^forbidden: to watch "family\d": the limit of all guests of its user is 3 \(limits\.userFamilies\)$/],
  ['userKeys', 'keys', 'keys', (_, page, i) => { page.dbSet('a', `${page.id} ${i}`); }, undefined],
  ['userPorts', 'ports', 'ports', ({ gate }, page) => { gate.snd(page.port(() => undefined), gate.port(() => undefined)); }, undefined],
];

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

  it.each(USES)('%s: no more of them together, whichever of them has it', async (name, count, own, use, says) => {
    for (const [limits, given, most] of [[{ [name]: 3 }, {}, 3], [{ [name]: 3 }, { [own]: 5 }, 5]] as const) {
      await using network = createNetwork();
      const of = await house(network, limits, given);
      const { one, two, other } = of.pages;
      refusals.length = 0;
      for (const [i, page] of [one, two, one, two, other, one, other, two].entries()) {
        use(of, page, i);
        await network.run(4_000);
      }
      expect(await held(of, count)).toMatchObject({ ada: most, bob: 2 });
      if (says !== undefined && most === 3) expect(refusals).toEqual([1, 2, 3].map(() => expect.stringMatching(says) as string));
      // what one gives back another one may have
      await one.close();
      await network.run(4_000);
      use(of, two, 9);
      await network.run(4_000);
      expect((await held(of, count))['ada']).toBeGreaterThan(1);
    }
  });

  it('userPorts: the guest with the most forgets the first ones, so that the others have theirs', async () => {
    await using network = createNetwork();
    const of = await house(network, { userPorts: 10 });
    const { gate, pages: { one, two } } = of;
    const inbox = { one: one.port(() => undefined), two: two.port(() => undefined) };
    const heard: string[] = [];
    const tell = (page: 'one' | 'two', name: string): string => {
      const port = gate.port(() => void heard.push(name));
      gate.snd(inbox[page], port);
      return port.id;
    };
    const first = tell('one', 'first');
    const later = Array.from({ length: 9 }, (_, i) => tell('one', String(i)));
    await network.run(100);
    const its = tell('two', 'its');
    await network.run(100);
    for (const port of [first, ...later]) one.snd(port, 'x');
    two.snd(its, 'x');
    await network.run(100);
    expect([...heard].sort()).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', 'its']);
  });

  it('userNodes: with one more none of them is connected', async () => {
    await using network = createNetwork();
    const of = await house(network, { userNodes: 1 });
    const got: unknown[] = [];
    const room = of.worker.port((name: string) => { got.push(name); });
    of.worker.dbReg('rooms', room);
    await network.run(3_000);
    for (const [name, page] of Object.entries(of.pages)) {
      page.snd(room.id, name);
      await network.run(3_000);
    }
    expect(got).toEqual(['one', 'other']);
  });

  it('userOctets: more is not set', async () => {
    await using network = createNetwork();
    const of = await house(network, { userOctets: 1_000 });
    let keys: readonly string[] = [];
    of.worker.dbMon('a').subscribe(({ family }) => { keys = [...family.keys()].sort(); });
    for (const [name, page] of Object.entries(of.pages)) {
      page.dbSet('a', name, 'x'.repeat(600));
      await network.run(1_000);
    }
    expect(keys).toEqual(['one', 'other']);
  });

  it('userScopes: in one more none of them takes part', async () => {
    await using network = createNetwork();
    const of = await house(network, { userScopes: 1 });
    const got: unknown[] = [];
    of.gate.federate<{ type: 'x' }>('a').assert({ type: 'x' });
    for (const [name, page] of Object.entries(of.pages)) {
      page.federate<{ type: 'x' }>('a').observe({ type: 'x' }).subscribe(() => got.push(name));
      await network.run(5_000);
    }
    expect(got).toEqual(['one', 'other']);
  });
});
