import type { MpNode, NodeStatus } from 'rxmp';
import { read, send, write, type Admission, type GuestHandle } from 'rxmp/guests';
import { createNetwork, type TestNetwork, type TestNodeOptions } from 'rxmp/testing';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';

type Admit = (credentials: string) => Admission | undefined | Promise<Admission | undefined>;

const gateOf = (network: TestNetwork, admit: Admit, options: TestNodeOptions = {}): Promise<MpNode> => network.node('gate', { guests: { admit }, ...options });

const statuses = (node: MpNode): NodeStatus[] => {
  const seen: NodeStatus[] = [];
  node.status$.subscribe((status) => seen.push(status));
  return seen;
};

const whyOf = (status: NodeStatus | undefined): unknown => (status !== undefined && 'why' in status ? status.why : undefined);

describe('admission', () => {
  it.each<[string, Admit, string]>([
    ['undefined', () => undefined, 'these credentials are not accepted'],
    ['a throw', () => { throw new Error('no such customer'); }, 'no such customer'],
    ['a rejection', () => Promise.reject(new Error('the token has expired')), 'the token has expired'],
    ['a user that is none', () => ({ user: '', may: [] }), 'admit gave "" as the user: expected a text'],
    ['rights that are none', () => ({ user: 'a', may: 'all' as never }), 'the rights of a guest are "all": expected a list'],
    ['a time that is over', () => ({ user: 'a', may: [], expires: -1 }), 'the credentials have expired'],
  ])('G1: %s refuses, with a reason for the guest', async (_what, admit, reason) => {
    await using network = createNetwork();
    await gateOf(network, admit);
    const page = await network.node('page', { seeds: ['gate'], credentials: 'x' });
    const seen = statuses(page);
    await network.run(3_000);
    expect(whyOf(seen.at(-1))).toMatchObject({ code: 'refused', seed: 'memory://gate' });
    expect((whyOf(seen.at(-1)) as { text: string }).text).toContain(reason);
    expect(seen.some(({ status }) => status === 'connected')).toBe(false);
  });

  it('G1: what is wrong with the gate itself is logged as a warning, once in a while', async () => {
    await using network = createNetwork();
    const warnings: string[] = [];
    const log = { debug: () => undefined, info: () => undefined, error: () => undefined, warn: (_: object, text: string) => { warnings.push(text); } };
    const errors = [new TypeError('x is not a function'), new Error('no keys', { cause: 'ECONNREFUSED' }), new Error('a bad token')];
    await gateOf(network, () => { throw errors.shift() ?? new Error('a bad token'); }, { log, limits: { refusalLog: 1 } });
    for (const name of ['a', 'b', 'c']) {
      await network.node(name, { seeds: ['gate'], credentials: name });
      await network.run(200);
    }
    expect(warnings.filter((text) => text.startsWith('guests'))).toEqual(["guests can't be judged: x is not a function", "guests can't be judged: no keys"]);
  });

  it('G7: who hears of a guest sees its rights, and may change them at once', async () => {
    await using network = createNetwork();
    const until = Date.UTC(2100, 0);
    // a gate that is busy
    let left = 2_000;
    const gate = await gateOf(network, (user) => {
      gate.snd(busy, 'again');
      return { user, may: [send('gate#first'), send('gate#second')], expires: until };
    }, { limits: { runMessages: 1 } });
    const busy = gate.port(() => { if (left-- > 0) gate.snd(busy, 'again'); });
    const seen: unknown[] = [];
    gate.guests$.subscribe(([guest]) => {
      if (guest === undefined || seen.length > 0) return;
      seen.push(guest.may, guest.expires);
      guest.revoke(send('gate#first'));
      guest.grant(send('gate#third'));
    });
    await network.node('page', { seeds: ['gate'], credentials: 'ada' });
    await network.run(500);
    expect(seen).toEqual([[send('gate#first'), send('gate#second')], until]);
    const [guest] = await firstValueFrom(gate.guests$);
    expect(guest?.may).toEqual([send('gate#second'), send('gate#third')]);
  });

  it('G7: credentials that fail are tried again', async () => {
    await using network = createNetwork();
    await gateOf(network, (user) => ({ user, may: [] }));
    let calls = 0;
    const page = await network.node('page', {
      seeds: ['gate'],
      credentials: () => {
        calls++;
        if (calls === 1) throw new Error('signed out');
        return Promise.resolve('ada');
      },
    });
    const seen = statuses(page);
    await network.until(() => page.nodeIsUp('gate') === true, 10_000);
    expect(seen.map(whyOf)).toContainEqual({ code: 'credentials', text: 'there are no credentials: signed out', seed: 'memory://gate' });
  });

  it('G4: a guest has an id that its key gives, and no say in it', async () => {
    await using network = createNetwork();
    await gateOf(network, (user) => ({ user, may: [] }));
    const page = await network.node('page', { seeds: ['gate'], credentials: 'ada' });
    expect(page.id).toMatch(/^guest:[A-Za-z0-9_-]{24}$/);
    await expect(network.node('other', { seeds: ['gate'], credentials: 'x', nodeid: 'gate' })).rejects.toThrow('the option "nodeid" is not for guests');
    await expect(network.node('me', { nodeid: 'Guest:me' })).rejects.toThrow('is one of guests');
  });

  it('G8: so many guests of one user, and of one address', async () => {
    await using network = createNetwork();
    const gate = await gateOf(network, (user) => ({ user, may: [] }), { limits: { userGuests: 2 } });
    for (const name of ['a', 'b', 'c']) await network.node(name, { seeds: ['gate'], credentials: 'ada' });
    await network.run(2_000);
    expect(gate.upNodes()).toHaveLength(2);
    let whys: unknown[] = [];
    for (const name of ['a', 'b', 'c']) whys = [...whys, ...statuses(network.get(name)).map(whyOf)];
    expect(whys.filter((why) => why !== undefined)).toMatchObject([{ text: 'refused by the gate: this user is here 2 times already (limits.userGuests)' }]);
  });
});

describe('G7: rights', () => {
  it.each([
    ['forwards: sooner', 3_600_000, true],
    ['back: later', -3_600_000, false],
  ])('end at a time of day, where the clock of the gate is set %s', async (_, ms, isOver) => {
    await using network = createNetwork();
    await gateOf(network, () => ({ user: 'ada', may: [], expires: network.clock.now() + 1_800_000 }));
    const page = await network.node('page', { seeds: ['gate'], credentials: 'token' });
    await network.until(() => page.nodeIsUp('gate') === true, 5_000);
    let ended: unknown;
    page.monNodes().subscribe(({ up, reason }) => { if (!up) ended ??= reason; });
    network.setWall('gate', ms);
    await network.run(120_000);
    expect(ended !== undefined).toBe(isOver);
  });

  it('end, and a guest shows other credentials in time, without a break', async () => {
    await using network = createNetwork();
    const shown: string[] = [];
    const gate = await gateOf(network, (credentials) => {
      shown.push(credentials);
      return { user: 'ada', may: [write('presence', { key: credentials })], expires: network.clock.now() + 10_000 };
    });
    let token = 0;
    const page = await network.node('page', { seeds: ['gate'], credentials: () => `token ${++token}` });
    await network.until(() => page.nodeIsUp('gate') === true, 5_000);
    const ups: unknown[] = [];
    page.monNodes().subscribe((change) => ups.push(change));
    await network.run(500);
    page.dbSet('presence', 'token 1', 1);
    let present: readonly string[] = [];
    gate.dbMon('presence').subscribe(({ family }) => { present = [...family.keys()]; });
    await network.run(1_000);
    expect(present).toEqual(['token 1']);
    await network.run(30_000);
    expect(ups, 'it was connected all the while').toEqual([]);
    expect(shown.length).toBeGreaterThanOrEqual(4);
    expect(shown).toEqual([...new Set(shown)]);
    expect(present, 'what it may no longer set is taken back').toEqual([]);
  });

  it('that are over send the guest away, and it comes again with other credentials', async () => {
    await using network = createNetwork();
    const gate = await gateOf(network, (credentials) => {
      if (credentials === 'old' && network.clock.now() > 5_000) throw new Error('that token is old');
      return { user: 'ada', may: [send('gate#lobby')], expires: network.clock.now() + 6_000 };
    });
    let token = 'old';
    const page = await network.node('page', { seeds: ['gate'], credentials: () => token });
    await network.until(() => page.nodeIsUp('gate') === true, 5_000);
    const ups: unknown[] = [];
    page.monNodes().subscribe(({ up }) => ups.push(up));
    await network.run(15_000);
    expect(ups[0]).toBe(false);
    expect(gate.upNodes()).toEqual([]);
    token = 'new';
    await network.until(() => page.nodeIsUp('gate') === true, 10_000);
  });

  it('change while the guest is connected', async () => {
    await using network = createNetwork();
    const gate = await gateOf(network, (user) => ({ user, may: [read('rooms')] }));
    const lists: (readonly GuestHandle[])[] = [];
    gate.guests$.subscribe((guests) => lists.push(guests));
    const page = await network.node('page', { seeds: ['gate'], credentials: 'ada' });
    await network.until(() => page.nodeIsUp('gate') === true, 5_000);
    await network.run(100);
    const [guest] = lists.at(-1) ?? [];
    expect(guest).toMatchObject({ user: 'ada', id: page.id, may: [read('rooms')] });

    const got: unknown[] = [];
    const lobby = gate.port((text: string) => { got.push(text); });
    page.snd(lobby.id, 'one');
    await network.run(1_000);
    guest?.grant(send(lobby.id));
    await network.run(100);
    page.snd(lobby.id, 'two');
    await network.run(1_000);
    expect(got).toEqual(['two']);
    expect(guest?.counts).toMatchObject({ refused: 1 });

    const rooms: unknown[] = [];
    page.dbMon('rooms').subscribe({ next: () => rooms.push('changed'), error: (error: unknown) => rooms.push((error as Error).message) });
    await network.run(1_000);
    guest?.revoke(read('rooms'), send(lobby.id));
    await network.run(100);
    page.snd(lobby.id, 'three');
    await network.run(1_000);
    expect(got).toEqual(['two']);
    expect(rooms).toEqual(['changed', 'forbidden: to watch "rooms": that takes read("rooms")']);
  });

  it('are taken away altogether: the guest hears why, and does not try again', async () => {
    await using network = createNetwork();
    const gate = await gateOf(network, (user) => ({ user, may: [] }));
    const page = await network.node('page', { seeds: ['gate'], credentials: 'ada' });
    await network.until(() => page.nodeIsUp('gate') === true, 5_000);
    const seen = statuses(page);
    expect(gate.revoke('nobody')).toBe(0);
    expect(gate.revoke('ada', 'you have been rude')).toBe(1);
    await network.run(60_000);
    expect(seen.at(-1)).toEqual({ status: 'alone', why: { code: 'revoked', text: 'you have been rude', seed: 'memory://gate' } });
    expect(gate.upNodes()).toEqual([]);
  });

  it('are taken away altogether: the guest is asked for no more credentials', async () => {
    await using network = createNetwork();
    const gate = await gateOf(network, (user) => ({ user, may: [], expires: network.clock.now() + 10_000 }));
    let asked = 0;
    const credentials = () => { asked++; return 'ada'; };
    const page = await network.node('page', { seeds: ['gate'], credentials });
    await network.until(() => page.nodeIsUp('gate') === true, 5_000);
    await network.run(100);
    gate.revoke('ada');
    await network.run(60_000);
    expect(asked).toBe(1);
  });
});

describe('G10: a guest', () => {
  it('keeps its id, rights and keys over a short break', async () => {
    await using network = createNetwork({ node: { resumeTime: 20_000, monitorTimeout: 5_000 } });
    const got: unknown[] = [];
    let asked = 0;
    const worker = await network.node('worker');
    const gate = await gateOf(network, (user) => {
      asked++;
      return { user, may: [send('gate#lobby'), send({ family: 'rooms' }), write('presence', { key: user })] };
    }, { seeds: ['worker'] });
    await network.until(() => gate.nodeIsUp('worker') === true, 5_000);
    const room = worker.port((text: string) => { got.push(text); });
    worker.dbReg('rooms', room);
    let shown = 0;
    const page = await network.node('page', {
      seeds: ['gate'],
      credentials() {
        if (shown++ > 0) throw new Error('signed out');
        return 'ada';
      },
    });
    await network.until(() => page.nodeIsUp('gate') === true, 5_000);
    page.dbSet('presence', 'ada', 1);
    page.snd(room.id, 'one');
    await network.until(() => got.length === 1, 5_000);
    const ups: unknown[] = [];
    page.monNodes().subscribe((change) => ups.push(change));
    let present: readonly string[] = [];
    worker.dbMon('presence').subscribe(({ family }) => { present = [...family.keys()]; });
    const heal = network.cut('page', 'gate');
    page.snd(room.id, 'two');
    await network.run(3_000);
    expect(present).toEqual(['ada']);
    heal();
    page.snd(room.id, 'three');
    await network.until(() => got.length === 3, 10_000);
    expect([got, ups, asked, shown]).toEqual([['one', 'two', 'three'], [], 1, 1]);
    await network.leave('page');
    await network.until(() => present.length === 0, 5_000);
  });

  it('has one gate at a time, and takes another one when it is gone', async () => {
    await using network = createNetwork();
    const guests = { admit: (user: string) => ({ user, may: [] }) };
    await network.node('gate', { guests });
    await network.node('gate2', { guests, seeds: ['gate'] });
    const page = await network.node('page', { seeds: ['gate', 'gate2'], credentials: 'ada' });
    await network.until(() => page.upNodes().length > 0, 5_000);
    expect(page.upNodes()).toEqual(['gate']);
    await network.run(5_000);
    expect(page.upNodes()).toEqual(['gate']);
    network.crash('gate');
    await network.until(() => page.nodeIsUp('gate2') === true, 10_000);
    expect(page.upNodes()).toEqual(['gate2']);
  });
});

describe('G8: a guest that is too fast', () => {
  /** A hundred a second; what comes in one piece passes together. */
  const MANY = 6_000;

  it('is slowed down, and nothing is lost', async () => {
    await using network = createNetwork();
    const got: number[] = [];
    const gate = await network.node('gate', { guests: { admit: (user) => ({ user, may: [send({ family: 'rooms' })], limits: { messagesPerSecond: 100 } }) } });
    const room = gate.port((n: number) => { got.push(n); });
    gate.dbReg('rooms', room);
    const page = await network.node('page', { seeds: ['gate'], credentials: 'ada' });
    await network.until(() => page.nodeIsUp('gate') === true, 5_000);
    await network.run(2_000);
    const begin = network.clock.now();
    for (let n = 0; n < MANY; n++) page.snd(room.id, n);
    await network.run(5_000);
    const early = got.length;
    await network.until(() => got.length === MANY, 120_000);
    expect(early).toBeLessThan(MANY / 2);
    expect(network.clock.now() - begin).toBeGreaterThan(35_000);
    expect(got).toEqual(Array.from({ length: MANY }, (_, n) => n));
    expect(page.nodeIsUp('gate')).toBe(true);
  });
});
