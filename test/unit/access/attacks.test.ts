import { federate, send, spawn, write } from 'rxmp/guests';
import { createNetwork } from 'rxmp/testing';
import { describe, expect, it } from 'vitest';
import { createIntruder } from '../../simulation/hostile/intruder.js';
import { createScene, keeper, nameOf } from './intruding.js';

describe('G2, G12: what a guest tries that knows the whole protocol', () => {
  it('does not reach ports, nor kills them, by requests of any form', async () => {
    await using scene = await createScene();
    const { gate, worker, tell } = scene;
    for (const node of [gate, worker]) {
      const { port, got, deaths } = keeper(node);
      await tell(node.id, nameOf(port), 'hello');
      for (const via of ['gate', 'worker']) {
        await tell(via, '', 'snd', port.id, 'hello');
        await tell(via, '', 'snd', node.id, 'kil1', nameOf(port));
        await tell(via, '', 'snd', scene.intruder.id, 'snd', port.id, 'hello');
        await tell(via, '', 'time', port.id, 'hello');
        await tell(via, '', 'can', 'mon1', port.id);
      }
      await tell(node.id, '', 'kil1', nameOf(port), 'killed');
      await tell(node.id, '', 'kil0', nameOf(port), 'killed');
      expect([got, deaths]).toEqual([[], []]);
    }
    expect(scene.intruder.isIn).toBe(true);
  });

  it('G3: can\'t kill a port that another guest has spawned, by spawning one of the same name', async () => {
    await using scene = await createScene();
    const { gate, worker, tell, network } = scene;
    const may = [spawn('cart'), spawn('cart', { node: 'worker' })];
    scene.allow(...may);
    const page = await network.node('page', { seeds: ['gate'], credentials: 'ada' });
    await network.until(() => scene.handles().length === 2, 5_000);
    scene.handles().find(({ user }) => user === 'ada')?.grant(...may);
    await scene.run();
    for (const node of [gate, worker]) {
      node.register('cart', () => undefined);
      const id = page.spawn(node.id, 'cart');
      const deaths: unknown[] = [];
      page.mon(id, (...reason) => { deaths.push(reason); });
      await scene.run(1_000);
      // it was told of it
      scene.allow(send(id));
      await tell(node.id, '', 'AnyEvent::MP::_spawn', nameOf({ id }), 'cart');
      await tell(node.id, '', 'kil1', nameOf({ id }), 'killed');
      expect(deaths).toEqual([]);
    }
    scene.intruder.leave();
    await scene.run(1_000);
    expect(scene.handles().map(({ user }) => user)).toEqual(['ada']);
    expect(scene.handles()[0]?.counts.spawned).toBe(2);
  });

  it('G8: does not get more spawned ports by a word of their death to itself', async () => {
    await using scene = await createScene({ limits: { guestSpawns: 2 } });
    const { gate, worker, tell, intruder } = scene;
    let living = 0;
    for (const node of [gate, worker]) node.register('cart', (port) => { living++; node.mon(port, () => { living--; }); });
    scene.allow(spawn('cart'), spawn('cart', { node: 'worker' }));
    for (const node of ['gate', 'worker']) {
      for (let i = 0; i < 5; i++) {
        const name = scene.spawnName(i);
        await tell(node, '', 'AnyEvent::MP::_spawn', name, 'cart');
        await tell(node, '', 'snd', intruder.id, 'kil0', name);
        await tell(node, '', 'time', intruder.id, 'kil0', name);
        await tell(node, '', 'can', 'mon1', intruder.id, 'kil0', name);
      }
    }
    expect(living).toBe(2);
    intruder.leave();
    await scene.run(1_000);
    expect(living).toBe(0);
  });

  it('G3: leaves no spawned port behind, whenever it goes, and however much it has said before', { timeout: 60_000 }, async () => {
    await using scene = await createScene();
    const { worker, intruder, network } = scene;
    let living = 0;
    let made = 0;
    worker.register('cart', (port) => {
      living++;
      made++;
      worker.mon(port, () => { living--; });
    });
    const { port } = keeper(worker);
    for (let ms = 1; ms < 600; ms += 53) {
      await network.until(() => scene.handle() !== undefined && intruder.isIn, 5_000);
      scene.allow(spawn('cart', { node: 'worker' }), send(port.id));
      await network.until(() => intruder.sayTo('worker', '', ['devnull']), 5_000);
      network.wire.slow('gate', 'worker', 50);
      for (let i = 0; i < 10; i++) intruder.sayTo('worker', nameOf(port), ['x'.repeat(1_000)]);
      for (let i = 0; i < 3; i++) intruder.sayTo('worker', '', ['AnyEvent::MP::_spawn', scene.spawnName(i), 'cart']);
      await network.until(() => scene.handle()?.counts.spawned === 3, 5_000);
      await scene.run(ms);
      intruder.leave();
      await scene.run(10_000);
      network.wire.slow('gate', 'worker', Infinity);
      expect(living, `gone after ${ms} ms`).toBe(0);
      intruder.enter();
    }
    expect(made).toBeGreaterThan(0);
  });

  it('G8: a spawned port that it monitors no longer still counts, until it dies', async () => {
    await using scene = await createScene();
    const { gate, tell } = scene;
    gate.register('cart', () => undefined);
    scene.allow(spawn('cart'));
    const name = scene.spawnName(1);
    await tell('gate', '', 'AnyEvent::MP::_spawn', name, 'cart');
    await tell('gate', '', 'mon1', name);
    await tell('gate', '', 'mon0', name);
    expect(scene.handle()?.counts.spawned).toBe(1);
    gate.kil(`gate#${name}`);
    await scene.run();
    expect(scene.handle()?.counts.spawned).toBe(0);
    expect(scene.heard.filter(([, , tag]) => tag === 'kil0')).toEqual([]);
  });

  it('G3: does not introduce itself to ports of a node that nobody knows yet, by telling itself of them', async () => {
    await using scene = await createScene();
    const { network, tell, intruder } = scene;
    await tell('gate', '', 'snd', `${intruder.id}#me`, 'late#aaa');
    await tell('worker', '', 'time', `${intruder.id}#me`, 'late#aaa');
    expect(scene.handle()?.counts.ports).toBe(0);
    const late = await network.node('late', { seeds: ['gate'] });
    await scene.run(3_000);
    expect(late.nodeIsUp('gate')).toBe(true);
    await tell('late', '', 'mon1', 'aaa');
    expect(scene.heard).toContainEqual(['late', '', 'kil0', 'aaa', 'forbidden', 'late#aaa']);
  });

  it('G3: the entry of a scope does not kill a port for it', async () => {
    await using scene = await createScene();
    const { gate, tell, intruder } = scene;
    const { port, got, deaths } = keeper(gate);
    scene.allow(federate('room'), send(port.id));
    await tell('gate', '', 'g_mon1', 'federation:room');
    const change = scene.heard.find(([, , tag]) => tag === 'g_chg1');
    const [entry = ''] = Object.keys(change?.[4] ?? {});
    expect(entry).toMatch(/^gate#/);
    await tell('gate', nameOf({ id: entry }), 'link', port.id);
    await tell('gate', nameOf({ id: entry }), 'link', `${intruder.id}#one`);
    await tell('gate', nameOf({ id: entry }), 'link', port.id);
    await tell('gate', nameOf({ id: entry }), 'link', 'worker');
    expect([got, deaths]).toEqual([[], []]);
    expect(scene.heard).toContainEqual(['gate', 'one', 'linked', expect.stringMatching(/^gate#/)]);
  });

  it('is told that a request which there is not was refused', async () => {
    await using scene = await createScene();
    for (const tag of ['g_nothing', 'rxmp_nothing', 'nothing']) {
      scene.heard.length = 0;
      await scene.tell('gate', '', tag, 1);
      expect(scene.heard).toContainEqual(['gate', '', 'rxmp_guest', 'forbidden', `the request "${tag}" of ${scene.intruder.id} to "gate"`, null, null]);
    }
  });
});

describe('G8: places at a gate', () => {
  it('are not more because somebody comes many times at once', async () => {
    // who has a right about a family has to wait until that is known
    let count = 0;
    const admit = (user: string) => ({ user, may: [send({ family: `rooms${count++}` })] });
    await using scene = await createScene({ limits: { userGuests: 2 }, guests: { admit } });
    const { network } = scene;
    const more = Array.from({ length: 5 }, (_, i) => createIntruder({
      ...{ clock: network.clock, transport: network.wire.transport('evil'), address: 'memory://gate', gate: 'gate', credentials: 'evil', seed: 100 + i },
      heard: () => undefined,
    }));
    for (const one of more) one.enter();
    await scene.run(1_000);
    expect(more.filter(({ isIn }) => isIn).length).toBe(1);
    for (const one of more) one.leave();
  });
});

describe('G7: rights that are taken back', () => {
  it('give back the octets of the keys that go with them', async () => {
    await using scene = await createScene({ limits: { guestOctets: 200 } });
    const right = write('presence', { prefix: 'evil' });
    for (let i = 0; i < 5; i++) {
      scene.allow(right);
      await scene.tell('gate', '', 'g_upd', 'presence', { evil1: 'x'.repeat(100) });
      expect(scene.handle()?.counts.keys).toBe(1);
      scene.handle()?.revoke(right);
      expect(scene.handle()?.counts.keys).toBe(0);
    }
  });
});

describe('G4: a user', () => {
  it.each(['\ud800', 'x'.repeat(1_025), 'ü'.repeat(200)])('whose name can be no part of a greeting is not let in', async (user) => {
    await using network = createNetwork();
    const gate = await network.node('gate', { guests: { admit: () => ({ user, may: [] }) } });
    const page = await network.node('page', { seeds: ['gate'], credentials: 'x' });
    await network.run(3_000);
    expect(page.nodeIsUp('gate')).not.toBe(true);
    expect(gate.nodeIsUp(page.id)).not.toBe(true);
  });
});

describe('G2: a packet of a channel', () => {
  it('whose kind is octets, which arrive elsewhere as text, ends the connection', async () => {
    await using scene = await createScene();
    await scene.tell('gate', '', 'rxmp_channel', new Uint8Array([0xff]), 1, 4_096, 'stream');
    expect(scene.intruder.isIn).toBe(false);
  });
});

describe('G7: a right that is taken back', () => {
  it('is gone at once: nothing that arrives later passes, and nothing that waited', async () => {
    await using scene = await createScene();
    const { gate, worker, intruder, tell } = scene;
    const ports = [gate, worker].map((node) => keeper(node));
    const rights = ports.map(({ port }) => send(port.id));
    scene.allow(...rights);
    for (const { port } of ports) await tell(port.id.slice(0, port.id.indexOf('#')), nameOf(port), 'first');
    expect(ports.map(({ got }) => got.length)).toEqual([1, 1]);
    for (const { port } of ports) {
      const [node = ''] = port.id.split('#');
      if (node === 'gate') intruder.say(nameOf(port), ['late']);
      else intruder.sayTo(node, nameOf(port), ['late']);
    }
    scene.handle()?.revoke(...rights);
    await scene.run();
    expect(ports.map(({ got }) => got.length)).toEqual([1, 1]);
  });

  it('is gone with its guest: who was sent away is not heard any more', async () => {
    await using scene = await createScene();
    const { gate, intruder } = scene;
    const { port, got } = keeper(gate);
    scene.allow(send(port.id));
    await scene.run();
    intruder.say(nameOf(port), ['first']);
    await scene.run();
    intruder.say(nameOf(port), ['late']);
    expect(gate.revoke('evil', 'enough')).toBe(1);
    intruder.say(nameOf(port), ['later']);
    await scene.run(6_000);
    expect(got).toEqual([['first']]);
    expect(intruder.isIn).toBe(false);
    expect(scene.heard.at(-1)).toEqual(['gate', '', 'rxmp_guest', 'dismissed', 'revoked', 'enough']);
  });
});
