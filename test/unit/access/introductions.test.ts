import type { MpNode } from 'rxmp';
import { federate, read, send, spawn, type Right } from 'rxmp/guests';
import { $ } from 'rxmp/federation';
import { createNetwork, type TestNetwork, type TestNodeOptions } from 'rxmp/testing';
import { describe, expect, it } from 'vitest';

interface House {
  readonly gate: MpNode;
  readonly worker: MpNode;
  /** Starts a guest, and waits until it is in. */
  guest(name: string, seed?: string, options?: TestNodeOptions): Promise<MpNode>;
}

async function house(network: TestNetwork, may: (user: string) => readonly Right[], options: TestNodeOptions = {}): Promise<House> {
  const worker = await network.node('worker', options);
  const guests = { admit: (user: string) => ({ user, may: may(user) }) };
  const gate = await network.node('gate', { seeds: ['worker'], guests, ...options });
  await network.node('gate2', { seeds: ['worker'], guests, ...options });
  await network.until(() => gate.nodeIsUp('worker') === true && worker.nodeIsUp('gate2') === true, 5_000);
  return {
    gate,
    worker,
    async guest(name, seed = 'gate', own = {}) {
      const node = await network.node(name, { seeds: [seed], credentials: name, ...own });
      await network.until(() => node.nodeIsUp(seed) === true, 5_000);
      // all nodes have heard where it is
      await network.run(100);
      return node;
    },
  };
}

/** All that a port gets. */
function listen(node: MpNode): { readonly id: string; readonly got: unknown[] } {
  const got: unknown[] = [];
  const port = node.port((...message: unknown[]) => { got.push(message); });
  return { id: port.id, got };
}

describe('G3: introductions', () => {
  it.each(['gate', 'gate2'])('let two guests talk that somebody has told of each other: ada at gate, bob at %s', async (second) => {
    await using network = createNetwork();
    const { gate, guest } = await house(network, () => [send('gate#lobby')]);
    const ada = await guest('ada');
    const bob = await guest('bob', second);
    const [adas, bobs] = [listen(ada), listen(bob)];
    const deaths: unknown[] = [];
    ada.mon(bobs.id).subscribe((reason) => deaths.push(reason));
    ada.snd(bobs.id, 'hello?');
    await network.run(2_000);
    expect([bobs.got, deaths], 'knowing is not enough').toEqual([[], [['forbidden', bobs.id]]]);

    gate.snd(adas.id, 'meet', bobs.id);
    await network.until(() => adas.got.length > 0, 5_000);
    ada.snd(bobs.id, 'hello', adas.id);
    await network.until(() => bobs.got.length > 0, 5_000);
    expect(bobs.got).toEqual([['hello', adas.id]]);
    ada.mon(bobs.id).subscribe({ error: (error: unknown) => deaths.push((error as Error).message), complete: () => deaths.push('complete'), next: (reason) => deaths.push(reason) });
    bob.snd(adas.id, 'hello yourself');
    await network.until(() => adas.got.length > 1, 5_000);
    // the monitor is there by now
    await network.run(100);
    bob.kil(bobs.id, 'done');
    await network.until(() => deaths.length > 1, 5_000);
    expect(deaths.slice(1)).toContainEqual(['done']);
    expect(bob.guest(adas.id), 'G4: who is who').toEqual({ user: 'ada', gate: 'gate' });
    const cyd = await guest('cyd');
    const cyds = listen(cyd);
    gate.snd(cyds.id, 'meet', adas.id);
    await network.until(() => cyds.got.length > 0, 5_000);
    cyd.snd(adas.id, 'hello');
    await network.until(() => adas.got.length > 2, 5_000);
    expect([cyd.guest(adas.id), ada.guest(cyds.id)]).toEqual([{ user: 'ada', gate: 'gate' }, { user: 'cyd', gate: 'gate' }]);
  });

  it('let services answer, and a guest call them', async () => {
    await using network = createNetwork();
    const { worker, guest } = await house(network, () => [spawn('demo::double', { node: 'worker' })]);
    worker.register('demo::double', (_self, n: unknown, reply: string) => { worker.snd(reply, Number(n) * 2); });
    const ada = await guest('ada');
    const answers: unknown[] = [];
    ada.cal('worker', 'demo::double', 21).subscribe({ next: (answer) => answers.push(answer), error: (error: unknown) => answers.push((error as Error).message) });
    await network.until(() => answers.length > 0, 5_000);
    expect(answers).toEqual([[42]]);
    ada.cal('worker', 'demo::triple', 21).subscribe({ next: (answer) => answers.push(answer), error: (error: unknown) => answers.push((error as Error).message) });
    await network.until(() => answers.length > 1, 5_000);
    expect(answers.slice(1)).toEqual(['forbidden: to call "demo::triple" on "worker": that takes spawn("demo::triple", { node: "worker" })']);
    // who only sends is told in the log, and its ports live on
    const own = listen(ada);
    ada.snd('worker', 'demo::triple', 14, own.id);
    await network.run(5_000);
    ada.snd(own.id, 'alive');
    await network.run(100);
    expect(own.got).toEqual([['alive']]);
  });

  it('ports that a guest spawned are its own: it may kill them, and they die when it goes', async () => {
    await using network = createNetwork();
    const { worker, guest } = await house(network, () => [spawn('cart', { node: 'worker' })]);
    const born: string[] = [];
    const ends: unknown[] = [];
    worker.register('cart', (self) => {
      born.push(self.id);
      worker.mon(self).subscribe((reason) => ends.push(reason));
    });
    const ada = await guest('ada');
    const one = ada.spawn('worker', 'cart');
    const two = ada.spawn('worker', 'cart');
    const deaths: unknown[] = [];
    ada.mon(one).subscribe((reason) => deaths.push(reason));
    await network.until(() => born.length === 2, 5_000);
    expect(born).toEqual([one, two]);
    ada.kil(one, 'empty');
    await network.until(() => deaths.length === 1, 5_000);
    expect([ends, deaths]).toEqual([[['empty']], [['empty']]]);
    await network.leave('ada');
    await network.until(() => ends.length === 2, 5_000);
    expect(ends[1]).toEqual(['guest_gone', ada.id]);
    const deaths2: unknown[] = [];
    const bob = await guest('bob');
    const three = bob.spawn('worker', 'other');
    bob.mon(three).subscribe((reason) => deaths2.push(reason));
    await network.until(() => deaths2.length > 0, 5_000);
    expect(deaths2).toEqual([['forbidden', three]]);
  });
});

describe('G6: the rest of the network', () => {
  it.each(['gate', 'gate2'])('reaches ports of a guest of %s, in order, and hears when it goes', async (at) => {
    await using network = createNetwork();
    const { worker, guest } = await house(network, () => []);
    const ada = await guest('ada', at);
    const adas = listen(ada);
    const deaths: unknown[] = [];
    worker.mon(adas.id).subscribe((reason) => deaths.push(reason));
    for (let n = 0; n < 100; n++) worker.snd(adas.id, n);
    await network.until(() => adas.got.length === 100, 5_000);
    expect(adas.got).toEqual(Array.from({ length: 100 }, (_, n) => [n]));
    expect(worker.guest(adas.id)).toEqual({ user: 'ada', gate: at });
    const own = listen(worker);
    worker.snd(adas.id, 'answer', own.id);
    await network.until(() => adas.got.length === 101, 5_000);
    ada.snd(own.id, 'here');
    await network.until(() => own.got.length === 1, 5_000);
    expect(deaths).toEqual([]);
    network.crash('ada');
    await network.until(() => deaths.length === 1, 5_000);
    expect(deaths).toMatchObject([['transport_error', ada.id, expect.any(String)]]);
    await network.run(10_000);
    expect(worker.nodeIsUp(ada.id)).toBe(false);
    worker.mon(adas.id).subscribe((reason) => deaths.push(reason));
    await network.until(() => deaths.length === 2, 10_000);
  });

  it('hears nothing of a guest that has nothing to do with it', async () => {
    await using network = createNetwork();
    const { worker, guest } = await house(network, () => []);
    const ada = await guest('ada');
    ada.snd('worker#anything', 'knock');
    ada.mon('worker').subscribe();
    await network.run(3_000);
    expect(worker.upNodes().sort()).toEqual(['gate', 'gate2']);
  });

  it('is told of a lost node as ever, and what comes after is another life', async () => {
    await using network = createNetwork();
    const { worker, guest } = await house(network, () => [send({ family: 'rooms' }), read('rooms')]);
    const register = (node: MpNode): string => {
      const port = node.port(() => undefined);
      node.dbReg('rooms', port);
      return port.id;
    };
    const room = register(worker);
    const ada = await guest('ada');
    const deaths: unknown[] = [];
    await network.run(1_000);
    ada.mon(room).subscribe((reason) => deaths.push(reason));
    await network.run(1_000);
    network.crash('worker');
    await network.until(() => deaths.length === 1, 10_000);
    expect(deaths).toMatchObject([['transport_error', 'worker', expect.any(String)]]);
    const again = register(await network.restart('worker'));
    let rooms: readonly string[] = [];
    ada.dbMon('rooms').subscribe(({ family }) => { rooms = [...family.keys()]; });
    await network.until(() => rooms.includes(again), 20_000);
    ada.mon(again).subscribe((reason) => deaths.push(reason));
    await network.run(2_000);
    expect(deaths).toHaveLength(1);
  });
});

describe('G1: scopes', () => {
  it('show what a guest asserts, if it may, and it sees what others assert', async () => {
    await using network = createNetwork();
    const { worker, guest } = await house(network, (user) => [federate('room', { assert: { type: 'present', who: user } })]);
    interface Present { readonly type: 'present'; readonly who: string }
    const room = worker.federate<Present>('room');
    const seen: string[] = [];
    room.observe({ type: 'present', who: $ }).subscribe(({ kind, captures }) => seen.push(`${kind} ${captures.who}`));
    room.assert({ type: 'present', who: 'worker' });
    const ada = await guest('ada');
    const its = ada.federate<Present>('room');
    const there: string[] = [];
    its.observe({ type: 'present', who: $ }).subscribe(({ kind, captures }) => there.push(`${kind} ${captures.who}`));
    its.assert({ type: 'present', who: 'ada' });
    its.assert({ type: 'present', who: 'eve' });
    await network.until(() => seen.length >= 2 && there.length >= 3, 20_000);
    await network.run(5_000);
    expect(seen.sort()).toEqual(['add ada', 'add worker']);
    expect(there.sort()).toEqual(['add ada', 'add eve', 'add worker']);
    await network.leave('ada');
    await network.until(() => seen.includes('del ada'), 20_000);
  });
});

describe('G1: the database', () => {
  it('answers what a guest may read, and says no to the rest', async () => {
    await using network = createNetwork();
    const { worker, guest } = await house(network, () => [read('rooms:*')]);
    worker.dbSet('rooms:a', 'one', 1);
    worker.dbSet('secrets', 'one', 1);
    const ada = await guest('ada');
    await network.run(1_000);
    const got: unknown[] = [];
    const told = { next: (value: unknown) => got.push(value instanceof Map ? [...value.keys()] : value), error: (error: unknown) => got.push((error as Error).message) };
    ada.dbFamily('rooms:a').subscribe(told);
    await network.until(() => got.length === 1, 5_000);
    ada.dbKeys('secrets').subscribe(told);
    await network.until(() => got.length === 2, 5_000);
    ada.dbMon('secrets').subscribe(told);
    await network.until(() => got.length === 3, 5_000);
    ada.dbMon("'guests").subscribe(told);
    await network.until(() => got.length === 4, 5_000);
    expect(got).toEqual([['one'], 'forbidden: to read "secrets": that takes read("secrets")', 'forbidden: to watch "secrets": that takes read("secrets")', `forbidden: to watch "'guests": that takes read("'guests")`]);
    let who: unknown;
    worker.dbMon("'guests").subscribe(({ family }) => { who = [...family]; });
    await network.run(1_000);
    expect(who).toEqual([[ada.id, { user: 'ada', gate: 'gate', since: expect.any(Number) as number }]]);
  });
});
