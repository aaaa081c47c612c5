import { Forbidden, type MpNode } from 'rxmp';
import { read, send, write, type GuestsOption } from 'rxmp/guests';
import { createNetwork, type TestNetwork } from 'rxmp/testing';
import { describe, expect, it } from 'vitest';

/** A gate that knows everybody by the name that he shows, a worker behind it, and a guest. */
async function house(network: TestNetwork, guests: Partial<GuestsOption> = {}): Promise<{ gate: MpNode; worker: MpNode; page: MpNode }> {
  const worker = await network.node('worker');
  const may = (user: string) => [send('gate#lobby'), send({ family: 'rooms' }), read('rooms'), write('presence', { key: user })];
  const gate = await network.node('gate', { seeds: ['worker'], guests: { admit: (user) => ({ user, may: may(user) }), ...guests } });
  const page = await network.node('page', { seeds: ['gate'], credentials: 'ada' });
  await network.until(() => page.nodeIsUp('gate') === true && gate.nodeIsUp('worker') === true, 5_000);
  return { gate, worker, page };
}

describe('G1, G2: a guest', () => {
  it('talks with ports behind its gate, and what it was not allowed fails where it is done', async () => {
    await using network = createNetwork();
    const { worker, page } = await house(network);
    const got: unknown[] = [];
    const room = worker.port((text: string, reply: string) => {
      got.push([text, worker.guest(reply)]);
      worker.snd(reply, 'welcome');
    });
    worker.dbReg('rooms', room);
    let rooms: readonly string[] = [];
    page.dbMon('rooms').subscribe(({ family }) => { rooms = [...family.keys()]; });
    await network.until(() => rooms.length > 0, 5_000);
    expect(rooms).toEqual([room.id]);

    const own = page.port((text: string) => { got.push(text); });
    page.snd(room.id, 'hello', own.id);
    await network.until(() => got.length === 2, 5_000);
    expect(got).toEqual([['hello', { user: 'ada', gate: 'gate' }], 'welcome']);

    const deaths: unknown[] = [];
    for (const port of ['worker#secret', 'gate#secret']) page.mon(port).subscribe((reason) => deaths.push(reason));
    page.snd('worker#secret', 'let me in');
    await network.run(1_000);
    expect(deaths).toEqual(expect.arrayContaining([['forbidden', 'worker#secret'], ['forbidden', 'gate#secret']]));
    expect(() => page.dbSet('presence', 'bob')).toThrow(new Forbidden('to set "bob" in "presence"', 'write("presence", { key: "bob" })'));
    page.dbSet('presence', 'ada', 1);
    let present: readonly string[] = [];
    worker.dbMon('presence').subscribe(({ family }) => { present = [...family.keys()]; });
    await network.until(() => present.length > 0, 5_000);
    expect(present).toEqual(['ada']);
  });

  it('hears at once that a call of a function is forbidden, and its other ports live on', async () => {
    await using network = createNetwork();
    const { page } = await house(network);
    const own = page.port(() => undefined);
    const errors: unknown[] = [];
    for (const [node, name] of [['gate', 'shop::price'], ['worker', 'main::erase']] as const) {
      page.cal(node, name, 7, { timeout: 60_000 }).subscribe({ error: (error: unknown) => errors.push(error) });
    }
    page.sndToFunc('gate', 'shop::join', own.id);
    const deaths: unknown[] = [];
    page.mon(own).subscribe((reason) => deaths.push(reason));
    await network.run(2_000);
    expect(errors).toEqual(expect.arrayContaining([
      new Forbidden('to call "shop::price" on "gate"', 'spawn("shop::price", { node: "gate" })'),
      new Forbidden('to call "main::erase" on "worker"', 'spawn("erase", { node: "worker" })'),
    ]));
    expect(errors).toHaveLength(2);
    expect(deaths).toEqual([]);
  });
});
