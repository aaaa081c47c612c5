import { $ } from 'rxmp/federation';
import { federate, read, send, spawn, write, type GuestLimits, type Right } from 'rxmp/guests';
import { createNetwork, type TestNetwork } from 'rxmp/testing';
import { MessageTooLarge, type Limits, type MpNode } from 'rxmp';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';

/** A gate, a worker behind it, and a guest that is in. */
async function house(network: TestNetwork, may: readonly Right[], limits: Partial<Limits>, own: GuestLimits = {}): Promise<{ gate: MpNode; worker: MpNode; page: MpNode }> {
  const worker = await network.node('worker');
  const gate = await network.node('gate', { seeds: ['worker'], limits, guests: { admit: (user) => ({ user, may, limits: own }) } });
  const page = await network.node('page', { seeds: ['gate'], credentials: 'ada' });
  await network.until(() => page.nodeIsUp('gate') === true && gate.nodeIsUp('worker') === true, 5_000);
  await network.run(100);
  return { gate, worker, page };
}

/** Each limit may be another one for a guest than for its gate. */
const BOTH = (name: keyof Limits, limit: number, own: keyof GuestLimits): [string, Partial<Limits>, GuestLimits][] => [
  [`${name}: of all guests of a gate`, { [name]: limit }, {}],
  [`${name}: of one guest`, {}, { [own]: limit }],
];

/** How many messages of many have arrived after one second and after ten. */
async function paced(limits: Partial<Limits>, own: GuestLimits, text: string): Promise<readonly number[]> {
  await using network = createNetwork();
  const { gate, page } = await house(network, [send({ family: 'rooms' })], limits, own);
  let got = 0;
  const room = gate.port(() => { got++; });
  gate.dbReg('rooms', room);
  await network.run(3_000);
  const counts: number[] = [];
  for (let n = 0; n < 8_000; n++) page.snd(room.id, text);
  for (const ms of [1_000, 9_000]) {
    await network.run(ms);
    counts.push(got);
  }
  return counts;
}

describe('G8: at a gate', () => {
  it('guestCredentials: longer ones are not shown, and not read', async () => {
    await using network = createNetwork();
    const gate = await network.node('gate', { limits: { guestCredentials: 5_000 }, guests: { admit: () => ({ user: 'ada', may: [] }) } });
    const long = await network.node('long', { seeds: ['gate'], credentials: 'x'.repeat(4_900) });
    await network.until(() => long.nodeIsUp('gate') === true, 5_000);
    const longer = await network.node('longer', { seeds: ['gate'], credentials: 'x'.repeat(5_000) });
    let why: unknown;
    longer.status$.subscribe((status) => { if (status.status === 'connecting') why = status.why?.code; });
    await network.run(3_000);
    expect([why, gate.upNodes().length]).toEqual(['ended', 1]);
    const longest = await network.node('longest', { seeds: ['gate'], credentials: 'x'.repeat(16 * 1024) });
    let own: unknown;
    longest.status$.subscribe((status) => { if (status.status === 'connecting') own = status.why; });
    await network.run(3_000);
    expect(own).toMatchObject({ code: 'credentials', text: 'there are no credentials: credentials of 16384 characters: limits.guestCredentials is 16384' });
  });

  it.each<[keyof Limits, string]>([
    ['userGuests', 'this user is here 2 times already (limits.userGuests)'],
    ['addressGuests', 'there are 2 guests of'],
  ])('%s: one more is refused, and told why', async (name, text) => {
    await using network = createNetwork();
    const gate = await network.node('gate', { limits: { [name]: 2 }, guests: { admit: (user) => ({ user, may: [] }) } });
    const whys: unknown[] = [];
    for (const page of ['a', 'b', 'c']) {
      // of one host each: the address is that of a proxy for all
      const node = await network.node(page, { seeds: ['gate'], credentials: name === 'userGuests' ? 'ada' : page, transports: [network.wire.transport('proxy')] });
      node.status$.subscribe((status) => { if (status.status === 'connecting' && status.why !== undefined) whys.push(status.why.text); });
      await network.run(500);
    }
    expect(gate.upNodes()).toHaveLength(2);
    expect(whys[0]).toContain(text);
  });

  it.each(BOTH('guestMessageRate', 100, 'messagesPerSecond'))('%s: more is read later', async (_what, limits, own) => {
    const [early = 0, late = 0] = await paced(limits, own, 'x');
    // what came in one piece passes together
    expect(early).toBeGreaterThanOrEqual(100);
    expect(early).toBeLessThan(4_000);
    expect(late).toBeLessThan(100 * 10 + 2_000);
  });

  it.each(BOTH('guestOctetRate', 10_000, 'bytesPerSecond'))('%s: more is read later', async (_what, limits, own) => {
    const [early = 0, late = 0] = await paced(limits, own, 'x'.repeat(100));
    expect(early).toBeLessThan(1_500);
    expect(late).toBeLessThan(1_000 + 2_000);
  });

  it.each<[keyof Limits, number, string]>([
    ['userMessageRate', 100, 'x'],
    ['userOctetRate', 10_000, 'x'.repeat(100)],
  ])('%s: more of all guests of a user together is read later', async (name, rate, text) => {
    await using network = createNetwork();
    const gate = await network.node('gate', { limits: { [name]: rate }, guests: { admit: (user) => ({ user, may: [send({ family: 'rooms' })] }) } });
    const pages: MpNode[] = [];
    for (const page of ['a', 'b', 'c']) pages.push(await network.node(page, { seeds: ['gate'], credentials: page === 'c' ? 'eve' : 'ada' }));
    await network.until(() => pages.every((page) => page.nodeIsUp('gate') === true), 5_000);
    const got = new Map<string, number>();
    const room = gate.port((who: string, _text: string) => { got.set(who, (got.get(who) ?? 0) + 1); });
    gate.dbReg('rooms', room);
    await network.run(3_000);
    for (const page of pages) for (let n = 0; n < 4_000; n++) page.snd(room.id, page.id, text);
    await network.run(10_000);
    const [a = 0, b = 0] = pages.map(({ id }) => got.get(id));
    // of each what came in one piece
    expect(a + b).toBeLessThan(1_000 + 2 * 2_000);
    expect(a + b).toBeGreaterThan(500);
  });

  it.each(BOTH('guestPorts', 2, 'ports'))('%s: of more the first ones are forgotten', async (_what, limits, own) => {
    await using network = createNetwork();
    const { worker, gate, page } = await house(network, [], limits, own);
    const got: unknown[] = [];
    const ports = [1, 2, 3].map((n) => worker.port(() => { got.push(n); }).id);
    const told: unknown[] = [];
    const self = page.port((...ids: unknown[]) => { told.push(...ids); });
    for (const port of ports) gate.snd(self.id, port);
    await network.until(() => told.length === 3, 5_000);
    const deaths: unknown[] = [];
    for (const port of ports) {
      page.mon(port).subscribe((reason) => deaths.push(reason));
      page.snd(port, 'x');
    }
    await network.run(2_000);
    expect(got).toEqual([2, 3]);
    expect(deaths).toEqual([['forbidden', ports[0]]]);
  });

  it.each(BOTH('guestMonitors', 2, 'monitors'))('%s: one more is not monitored', async (_what, limits, own) => {
    await using network = createNetwork();
    const { gate, page } = await house(network, [send({ family: 'rooms' })], limits, own);
    const ports = [1, 2, 3].map(() => gate.port(() => undefined));
    for (const port of ports) gate.dbReg('rooms', port);
    await network.run(3_000);
    const deaths: unknown[] = [];
    const monitor = (at: number): unknown => page.mon(ports[at]?.id ?? '').subscribe((reason) => deaths.push([at, ...reason]));
    for (const at of [0, 1, 2]) monitor(at);
    await network.run(1_000);
    expect(deaths).toEqual([[2, 'forbidden', ports[2]?.id]]);
    gate.kil(ports[0] ?? '');
    await network.run(1_000);
    monitor(2);
    await network.run(1_000);
    expect(deaths).toEqual([[2, 'forbidden', ports[2]?.id], [0]]);
  });

  it.each(BOTH('guestSpawns', 2, 'spawned'))('%s: one more is refused, until one is dead', async (_what, limits, own) => {
    await using network = createNetwork();
    const { gate, page } = await house(network, [spawn('cart')], limits, own);
    gate.register('cart', () => undefined);
    const deaths: unknown[] = [];
    const born = [1, 2, 3].map((n) => {
      const port = page.spawn('gate', 'cart');
      page.mon(port).subscribe((reason) => deaths.push([n, reason[0]]));
      return port;
    });
    await network.run(1_000);
    expect(deaths).toEqual([[3, 'forbidden']]);
    page.kil(born[0] ?? '', 'done');
    await network.run(1_000);
    page.mon(page.spawn('gate', 'cart')).subscribe((reason) => deaths.push([4, reason[0]]));
    await network.run(1_000);
    expect(deaths).toEqual([[3, 'forbidden'], [1, 'done']]);
  });

  it.each(BOTH('guestNodes', 1, 'nodes'))('%s: with one more it is not connected', async (_what, limits, own) => {
    await using network = createNetwork();
    const { page } = await house(network, [send('worker#a'), send('other#a')], limits, own);
    await network.node('other', { seeds: ['worker'] });
    await network.run(500);
    for (const node of ['worker', 'other']) page.mon(`${node}#a`).subscribe();
    await network.run(3_000);
    expect(page.upNodes()).toHaveLength(2);
  });

  it.each(BOTH('guestFamilies', 1, 'families'))('%s: one more is not watched', async (_what, limits, own) => {
    await using network = createNetwork();
    const { page } = await house(network, [read('*')], limits, own);
    const got: unknown[] = [];
    const watch = (family: string) => page.dbMon(family).subscribe({ next: () => got.push(family), error: (error: unknown) => got.push((error as Error).message) });
    const first = watch('a');
    await network.run(500);
    watch('b');
    await network.run(500);
    expect(got).toEqual(['a', 'forbidden: to watch "b": its limit "families" is 1']);
    first.unsubscribe();
    await network.run(500);
    watch('c');
    await network.run(500);
    expect(got.slice(2)).toEqual(['c']);
  });

  it.each(BOTH('guestKeys', 2, 'keys'))('%s: one more is not set', async (_what, limits, own) => {
    await using network = createNetwork();
    const { worker, page } = await house(network, [write('a')], limits, own);
    let keys: readonly string[] = [];
    worker.dbMon('a').subscribe(({ family }) => { keys = [...family.keys()].sort(); });
    for (const key of ['1', '2', '3']) page.dbSet('a', key);
    await network.run(1_000);
    expect(keys).toEqual(['1', '2']);
    page.dbDel('a', '1');
    page.dbSet('a', '4');
    await network.run(1_000);
    expect(keys).toEqual(['2', '4']);
  });

  it.each(BOTH('guestOctets', 1_000, 'bytes'))('%s: more is not set', async (_what, limits, own) => {
    await using network = createNetwork();
    const { worker, page } = await house(network, [write('a')], limits, own);
    let keys: readonly string[] = [];
    worker.dbMon('a').subscribe(({ family }) => { keys = [...family.keys()].sort(); });
    page.dbSet('a', '1', 'x'.repeat(600));
    await network.run(100);
    page.dbSet('a', '2', 'x'.repeat(600));
    page.dbSet('a', '3', 'x'.repeat(200));
    await network.run(1_000);
    expect(keys).toEqual(['1', '3']);
  });

  it('guestMessageSize: a longer one ends the connection', async () => {
    await using network = createNetwork();
    const { gate, page } = await house(network, [send({ family: 'rooms' })], { guestMessageSize: 10_000 });
    let got = 0;
    const room = gate.port(() => { got++; });
    gate.dbReg('rooms', room);
    await network.run(3_000);
    const ups: boolean[] = [];
    page.monNodes().subscribe(({ up }) => ups.push(up));
    page.snd(room.id, 'x'.repeat(9_000));
    await network.run(500);
    expect([got, ups]).toEqual([1, []]);
    page.snd(room.id, 'x'.repeat(11_000));
    await network.run(200);
    expect([got, ups[0]]).toEqual([1, false]);
    expect(() => page.snd(room.id, 'x'.repeat(65 * 1024 * 1024))).toThrow(MessageTooLarge);
  });

  it('guestMessageItems: one with more ends the connection', async () => {
    await using network = createNetwork();
    const { gate, page } = await house(network, [send({ family: 'rooms' })], { guestMessageItems: 100 });
    let got = 0;
    const room = gate.port(() => { got++; });
    gate.dbReg('rooms', room);
    await network.run(3_000);
    const ups: boolean[] = [];
    page.monNodes().subscribe(({ up }) => ups.push(up));
    page.snd(room.id, Array.from({ length: 90 }, () => 1));
    await network.run(500);
    expect([got, ups]).toEqual([1, []]);
    page.snd(room.id, Array.from({ length: 110 }, () => 1));
    await network.run(200);
    expect([got, ups[0]]).toEqual([1, false]);
  });

  it('guestQueueSize: a guest that does not read what it gets is sent away', async () => {
    await using network = createNetwork();
    const { gate, page } = await house(network, [], { guestQueueSize: 100_000 });
    const self = page.port(() => undefined);
    network.freeze('page');
    for (let n = 0; n < 80; n++) {
      gate.snd(self.id, 'x'.repeat(10_000));
      await network.run(1);
    }
    expect(gate.upNodes()).toEqual(['worker']);
    network.thaw('page');
  });

  it('guestWindow: so much of what it says to one node waits at the gate', async () => {
    await using network = createNetwork({ node: { monitorTimeout: 60_000 } });
    const { worker, gate, page } = await house(network, [send({ family: 'rooms' })], { guestWindow: 4_096 });
    const got: unknown[] = [];
    const room = worker.port((text: string) => { got.push(text.length); });
    worker.dbReg('rooms', room);
    await network.run(3_000);
    page.snd(room.id, 'x');
    await network.until(() => got.length === 1, 5_000);
    network.freeze('worker');
    for (let n = 0; n < 5_000; n++) page.snd(room.id, 'x'.repeat(1_000));
    await network.run(20_000);
    const [guest] = await firstValueFrom(gate.guests$);
    // the connections of the gate and the worker hold up to 2 MB; the rest is still with the guest
    expect(guest?.counts.messages).toBeLessThan(2_500);
    network.thaw('worker');
    await network.until(() => got.length === 5_001, 120_000);
  });

  it.each(BOTH('guestScopes', 1, 'scopes'))('%s: in one more it takes no part', async (_what, limits, own) => {
    await using network = createNetwork();
    const { gate, page } = await house(network, [federate('*')], limits, own);
    const got: unknown[] = [];
    for (const name of ['a', 'b']) {
      gate.federate<{ type: 'x' }>(name).assert({ type: 'x' });
      page.federate<{ type: 'x' }>(name).observe({ type: 'x' }).subscribe(() => got.push(name));
      await network.run(1_000);
    }
    await network.run(5_000);
    expect(got).toEqual(['a']);
  });

  it.each(BOTH('guestObservers', 1, 'observers'))('%s: one more pattern ends its link', async (_what, limits, own) => {
    await using network = createNetwork();
    const { gate, page } = await house(network, [federate('room')], limits, own);
    interface Fact { readonly type: 'x' | 'y'; readonly n: number }
    gate.federate<Fact>('room').assert({ type: 'x', n: 1 });
    const room = page.federate<Fact>('room');
    const states: string[] = [];
    const got: unknown[] = [];
    room.status$.subscribe(({ state }) => states.push(state));
    room.observe({ type: 'x', n: $ }).subscribe(({ kind }) => got.push(kind));
    await network.until(() => got.length > 0, 10_000);
    expect(states).toEqual(['connecting', 'up']);
    room.observe({ type: 'y', n: $ }).subscribe();
    await network.run(1_000);
    expect(states.slice(2)).toContain('down');
  });
});
